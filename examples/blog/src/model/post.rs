use loopwright::hook::{Delete, Save, Validation};
use loopwright::mixins::{SoftDelete, Timestamps};
use loopwright::prelude::*;
use loopwright::remoting::{Context, RemoteCall};

use super::{Author, Comment, Revision};

/// Where a post is on its way to the readers.
#[derive(Property, Clone, Copy, Debug, Default, PartialEq, Eq)]
#[property(rename_all = "lowercase")]
pub enum Status {
    /// Nobody but the author has seen it.
    #[default]
    Draft,
    /// It is there for all.
    Published,
}

/// Something to read.
#[derive(Model, Clone, Debug, Default)]
#[model(disable(update_all, __delete__comments))]
#[model(index(author_id, desc(published)))]
#[acl(open)]
pub struct Post {
    /// Identifies the post.
    #[model(id, generated)]
    pub id: i64,
    /// What stands above it.
    #[validate(length(min = 3, max = 120))]
    pub title: String,
    /// The title as a part of an address; made from the title unless it is given.
    #[validate(
        format("^[a-z0-9-]+$"),
        uniqueness,
        message = "is no address, or that of another post"
    )]
    pub slug: Option<String>,
    /// The post itself.
    pub text: String,
    /// Where it is on its way.
    #[model(default = Status::Draft)]
    pub status: Status,
    /// Since when it is published. Only publishing sets it.
    #[model(read_only)]
    pub published: Option<DateTime<Utc>>,
    /// Who wrote it.
    #[model(index)]
    pub author_id: i64,
    /// When it was written and changed.
    #[model(mixin)]
    pub times: Timestamps,
    /// What is deleted is kept, out of sight.
    #[model(mixin)]
    pub deletion: SoftDelete,

    /// Who wrote it.
    #[relation(belongs_to)]
    pub author: BelongsTo<Author>,
    /// What readers say.
    #[relation(has_many)]
    pub comments: HasMany<Comment>,
}

#[loopwright::methods]
impl Post {
    /// The posts that readers see, the newest first.
    #[scope]
    pub fn published() -> Filter {
        Filter {
            order: vec![Post::PUBLISHED.desc()],
            ..Filter::matching(Post::STATUS.eq(Status::Published))
        }
    }

    /// Publishes a draft.
    #[remote(post = "/publish")]
    pub async fn publish(&mut self) -> Result<Status> {
        if self.status == Status::Published {
            return Err(Error::new(409, "the post is published already").with_code("PUBLISHED"));
        }
        self.status = Status::Published;
        self.published = Some(Utc::now());
        Ok(self.status)
    }

    /// The titles of what was published since a day.
    #[remote(get = "/titles", returns = "titles")]
    pub async fn titles(since: Option<DateTime<Utc>>, cx: &Context) -> Result<Vec<String>> {
        let since = since.unwrap_or(DateTime::UNIX_EPOCH);
        let posts = cx.repository::<Post>()?;
        let posts = posts.find().filter(Post::PUBLISHED.gte(since));
        let posts = posts.order(Post::PUBLISHED.desc()).all().await?;
        Ok(posts.into_iter().map(|post| post.title).collect())
    }

    /// A slug is made of the title, and what was there before is kept.
    #[hook(before_save)]
    async fn prepare(cx: &mut Save<'_, Self>) -> Result<()> {
        let nameless = cx.is_new_instance() == Some(true) && cx.get(Post::SLUG).flatten().is_none();
        if let (true, Some(title)) = (nameless, cx.get(Post::TITLE)) {
            cx.set(Post::SLUG, Some(slug(&title)));
        }
        let (Some(before), Some(after)) = (cx.current(Post::TEXT), cx.get(Post::TEXT)) else {
            return Ok(());
        };
        if before != after
            && let Some(post_id) = cx.current(Post::ID)
        {
            let revisions = cx.repository::<Revision>()?;
            revisions
                .create(Revision {
                    post_id,
                    text: before,
                    ..Revision::default()
                })
                .await?;
        }
        Ok(())
    }

    /// What is published has something to read.
    #[hook(validate)]
    async fn something_to_read(cx: &mut Validation<'_, Self>) -> Result<()> {
        let published = cx.get(Post::STATUS) == Some(Status::Published);
        if published && cx.get(Post::TEXT).is_none_or(|text| text.trim().is_empty()) {
            cx.fail(Post::TEXT, "is what is published");
        }
        Ok(())
    }

    /// Whoever opens a post over HTTP is told how long it takes.
    #[remote_hook(after(find_by_id))]
    async fn reading_time(cx: &mut RemoteCall<'_, Self>) -> Result<()> {
        let words = cx.result()["text"]
            .as_str()
            .map(|text| text.split_whitespace().count());
        if let Some(words) = words {
            let mut post = cx.take_result();
            post["minutes"] = words.div_ceil(200).into();
            cx.set_result(post);
        }
        Ok(())
    }

    /// What is published stays.
    #[hook(before_delete)]
    async fn keep(cx: &mut Delete<'_, Self>) -> Result<()> {
        cx.narrow(Post::STATUS.eq(Status::Draft));
        Ok(())
    }
}

/// `Hello, World!` as `hello-world`.
fn slug(title: &str) -> String {
    let words = title.split(|letter: char| !letter.is_ascii_alphanumeric());
    let words = words
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase);
    words.collect::<Vec<_>>().join("-")
}

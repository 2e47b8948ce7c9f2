use loopwright::hook::Save;
use loopwright::mixins::Timestamps;
use loopwright::prelude::*;

use super::Post;

/// What a reader says about a post.
#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
pub struct Comment {
    /// Identifies the comment.
    #[model(id, generated)]
    pub id: i64,
    /// Who says it.
    #[validate(length(min = 1, max = 40))]
    pub name: String,
    /// Is the name all that is told?
    #[model(default = false)]
    pub anonymous: bool,
    /// Where to answer, unless the comment is anonymous. Shown with the comment, and not within its post.
    #[model(protected)]
    #[validate(format(email), allow_null = false, unless = anonymous, message = "is where we answer; or be anonymous")]
    pub email: Option<String>,
    /// What is said.
    #[validate(length(min = 1, max = 2000))]
    pub text: String,
    /// The post it is about.
    #[model(index)]
    pub post_id: i64,
    /// When it was said.
    #[model(mixin)]
    pub times: Timestamps,

    /// The post it is about.
    #[relation(belongs_to)]
    pub post: BelongsTo<Post>,
}

#[loopwright::methods]
impl Comment {
    /// Text is stored without the space around it.
    #[hook(before_save)]
    async fn tidy(cx: &mut Save<'_, Self>) -> Result<()> {
        if let Some(text) = cx.get(Comment::TEXT) {
            cx.set(Comment::TEXT, text.trim());
        }
        Ok(())
    }
}

//! Something to look at, stored at the first start.

use loopwright::prelude::*;

use crate::model::{Author, Comment, Person, Post, Status, Tagging};

/// Stores an author, two posts and a comment, unless there are authors already.
pub async fn load(app: Application) -> Result<()> {
    let authors = app.repository::<Author>()?;
    if authors.count(Condition::ALL).await? > 0 {
        return Ok(());
    }
    let ada = Author {
        website: Some("https://ada.example".into()),
        person: Person {
            name: "Ada".into(),
            email: "Ada@Blog.example".into(),
            ..Person::default()
        },
        ..Author::default()
    };
    let ada = authors.create(ada).await?;
    let posts = app.repository::<Post>()?;
    let post = |title: &str, text: &str, status| Post {
        title: title.into(),
        text: text.into(),
        status,
        published: (status == Status::Published).then(Utc::now),
        author_id: ada.id(),
        ..Post::default()
    };
    let hello = post("Hello, world", "The first of many.", Status::Published);
    let hello = posts.create(hello).await?;
    posts
        .create(post("On engines", "Notes for later.", Status::Draft))
        .await?;
    let comments = app.repository::<Comment>()?;
    let welcome = Comment {
        name: "Charles".into(),
        email: Some("charles@reader.example".into()),
        text: "Welcome!".into(),
        post_id: hello.id,
        ..Comment::default()
    };
    comments.create(welcome).await?;
    let taggings = app.repository::<Tagging>()?;
    let about = Tagging {
        post_id: hello.id,
        word: "news".into(),
    };
    taggings.create(about).await?;
    Ok(())
}

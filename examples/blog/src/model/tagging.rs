use loopwright::prelude::*;

/// That a post is about something. The post and the word identify it together, as in `/Taggings/1,news`.
#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
pub struct Tagging {
    /// The post.
    #[model(id)]
    pub post_id: i64,
    /// What it is about.
    #[model(id)]
    #[validate(format("^[a-z]+$"))]
    pub word: String,
}

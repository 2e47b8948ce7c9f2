use loopwright::prelude::*;

/// What a post said before. It is not served.
#[derive(Model, Clone, Debug, Default)]
#[model(public = false)]
pub struct Revision {
    /// Identifies the revision.
    #[model(id, generated)]
    pub id: i64,
    /// The post.
    #[model(index)]
    pub post_id: i64,
    /// What it said.
    pub text: String,
    /// Until when.
    #[model(default = now)]
    pub until: DateTime<Utc>,
}

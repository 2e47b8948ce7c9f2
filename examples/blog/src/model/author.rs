use loopwright::prelude::*;

use super::Post;

/// Somebody who writes.
#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
pub struct Author {
    /// Identifies the author.
    #[model(id, generated)]
    pub id: i64,
    /// The name below the posts.
    #[validate(length(min = 2, max = 80))]
    pub name: String,
    /// Where to reach the author. Never leaves the server.
    #[model(unique, hidden)]
    pub email: String,

    /// What the author has written.
    #[relation(has_many)]
    pub posts: HasMany<Post>,
}

use loopwright::prelude::*;

use super::{Person, Post};

/// Somebody who writes.
#[derive(Model, Clone, Debug, Default)]
pub struct Author {
    /// A few words about the author.
    #[validate(length(max = 500), allow_blank)]
    pub biography: Option<String>,
    /// Where there is more.
    #[validate(format(url))]
    pub website: Option<String>,
    /// The id, the name and the address.
    #[model(base)]
    pub person: Person,

    /// What the author has written.
    #[relation(has_many)]
    pub posts: HasMany<Post>,
}

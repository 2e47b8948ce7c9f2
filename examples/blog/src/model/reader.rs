use loopwright::prelude::*;

use super::Person;

/// Somebody who reads, and may tell anything about it.
#[derive(Model, Clone, Debug, Default)]
#[model(replace_on_put)]
pub struct Reader {
    /// What the reader likes.
    #[model(default = Vec::new)]
    pub interests: Vec<String>,
    /// The id, the name and the address.
    #[model(base)]
    pub person: Person,
    /// Whatever else is sent.
    pub extra: Extra,
}

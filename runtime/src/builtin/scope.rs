use crate::Model;

/// A name for what a token may be for (contract *access-control.md* §9). It is not served.
#[derive(Model, Clone, Debug, Default, PartialEq)]
#[model(crate = crate, public = false)]
#[acl(deny(all), to = everyone)]
pub struct Scope {
    /// The id.
    #[model(id, generated)]
    pub id: i64,
    /// The name.
    #[validate(presence)]
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
}

use loopwright::prelude::*;

/// Something to remember. Everybody may read, write and delete it: say who may, before others can reach it.
#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
pub struct Note {
    /// Identifies the note.
    #[model(id, generated)]
    pub id: i64,
    /// What stands above it.
    #[validate(presence)]
    pub title: String,
    /// What it says.
    pub content: Option<String>,
}

//! Notes, kept by a connector that loopwright does not know.

mod connector;

use loopwright::prelude::*;

/// A note.
#[derive(Model)]
#[acl(open)]
pub struct Note {
    /// The number of its file.
    #[model(id, generated)]
    pub id: i64,
    /// What it says.
    pub text: String,
    /// What it is about.
    pub tags: Option<Vec<String>>,
}

#[tokio::main]
async fn main() -> Result<()> {
    App::new()
        .connector("db", connector::JsonFiles::new("data"))
        .models::<(Note,)>()
        .run()
        .await
}

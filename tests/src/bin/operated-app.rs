//! An application that is operated as `loopwright.toml` in its folder says: users, and what they note down.

use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use loopwright::access::Caller;
use loopwright::builtin::User;
use loopwright::prelude::*;

/// Somebody who writes notes.
#[derive(Model, Clone, Debug)]
struct Member {
    #[model(base)]
    user: User,
}

/// What somebody has noted down.
#[derive(Model, Clone, Debug)]
#[acl(open)]
struct Note {
    #[model(id, generated)]
    id: i64,
    text: String,
}

/// How many notes are longer than that; nobody knows without asking for them.
async fn longer(
    Path(length): Path<usize>,
    _caller: Caller,
    application: Application,
) -> Result<String> {
    let notes = application.repository::<Note>()?.find().all().await?;
    let longer = notes.iter().filter(|note| note.text.len() > length);
    Ok(longer.count().to_string())
}

#[loopwright::main]
async fn main() -> Result<()> {
    App::new()
        .title("Notes")
        .models::<(Member, Note)>()
        .routes(Router::new().route("/longer/{length}", get(longer)))
        .boot(|app| async move {
            let user = User::new("ann@notes.example", "tiger-password");
            let members = app.repository::<Member>()?;
            members.create(Member { user }).await.map(drop)
        })
        .run()
        .await
}

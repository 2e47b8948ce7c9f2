//! A blog: authors, their posts, and what readers say.
//!
//! What a model can do besides being stored: hooks, methods, scopes. Who may do it is the example `coffee-shop`'s subject;
//! here everybody may do everything. `cargo run -p blog`, then see README.md for requests to try.

mod model;
mod sample_data;

use loopwright::prelude::*;
use model::{Author, Comment, Post, Revision};

#[loopwright::main]
async fn main() -> Result<()> {
    App::new()
        .title("Blog")
        .models::<(Author, Post, Comment, Revision)>()
        .boot(sample_data::load)
        .run()
        .await
}

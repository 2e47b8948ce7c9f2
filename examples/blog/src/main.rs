//! A blog: authors, their posts, and what readers say.
//!
//! What a model can do besides being stored: rules, hooks, methods, scopes, mixins, inheritance. Who may do it is the example
//! `coffee-shop`'s subject; here everybody may do everything. `cargo run -p blog`, then see README.md for requests to try.

mod model;
mod sample_data;

use loopwright::definitions::Definitions;
use loopwright::prelude::*;
use model::{Author, Comment, Person, Post, Reader, Revision, Tagging};

/// What has not moved over from LoopBack yet.
const LOOPBACK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/loopback");

#[loopwright::main]
async fn main() -> Result<()> {
    App::new()
        .title("Blog")
        .models::<(Person, Author, Reader, Post, Comment, Tagging, Revision)>()
        .definitions(Definitions::folder(LOOPBACK))
        .boot(sample_data::load)
        .run()
        .await
}

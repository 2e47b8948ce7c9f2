//! Teams and their projects: users who log in, owners, roles, and rows that not everybody sees.
//!
//! `cargo run -p projects`, then see README.md for requests to try.

mod model;
mod sample_data;

use loopwright::prelude::*;
use model::{Membership, Person, Project, Task};

#[loopwright::main]
async fn main() -> Result<()> {
    App::new()
        .title("Projects")
        .models::<(Person, Project, Membership, Task)>()
        .role("team member", model::is_team_member)
        .boot(sample_data::load)
        .run()
        .await
}

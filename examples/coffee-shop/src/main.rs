//! Coffee shops, the people who review them, and their reviews.
//!
//! The classic getting-started application: `cargo run -p coffee-shop`, then see README.md for requests to try.

mod model;
mod sample_data;

use loopwright::prelude::*;
use model::{CoffeeShop, Review, Reviewer};

#[loopwright::main]
async fn main() -> Result<()> {
    App::new()
        .title("Coffee shop")
        .models::<(CoffeeShop, Reviewer, Review)>()
        .boot(sample_data::load)
        .run()
        .await
}

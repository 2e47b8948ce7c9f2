//! An application that has no models yet, and finds them in a database:
//!
//! ```sh
//! cargo run -p discover -- discover postgres://user@host/database > src/model.rs
//! ```
//!
//! Then `mod model;` and `model::models(App::new()).run()` serve that database.

use loopwright::prelude::*;

#[loopwright::main]
async fn main() -> Result<()> {
    App::new().run().await
}

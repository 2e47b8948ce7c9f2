//! An application that is all LoopBack's: its folder is what the configuration names.

use loopwright::prelude::*;

#[loopwright::main]
async fn main() -> Result<()> {
    App::new().run().await
}

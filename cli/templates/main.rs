use loopwright::prelude::*;

#[loopwright::main]
async fn main() -> Result<()> {
    {{library}}::app().run().await
}

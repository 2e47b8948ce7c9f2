use loopwright::prelude::*;

#[loopwright::main]
async fn main() -> Result<()> {
    1
}

use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Note {
    #[model(id)]
    id: i64,
    text: String,
}

#[loopwright::methods]
impl Note {
    #[hook(before_save)]
    async fn tidy(&mut self) -> Result<()> {
        Ok(())
    }

    #[hook(before_delete)]
    async fn check() -> Result<()> {
        Ok(())
    }
}

fn main() {}

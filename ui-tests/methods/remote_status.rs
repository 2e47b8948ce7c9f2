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
    #[remote(status = 404)]
    async fn words() -> Result<()> {
        Ok(())
    }

    #[remote(access = admin)]
    async fn letters() -> Result<()> {
        Ok(())
    }
}

fn main() {}

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
    #[remote]
    async fn words(after: std::time::Duration) -> Result<()> {
        let _ = after;
        Ok(())
    }
}

fn main() {}

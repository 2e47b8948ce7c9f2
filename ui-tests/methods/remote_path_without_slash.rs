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
    #[remote(get = "words")]
    async fn words() -> Result<i64> {
        Ok(1)
    }
}

fn main() {}

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
    #[remote(get = "/words")]
    async fn words() -> Result<std::collections::BTreeSet<String>> {
        Ok(Default::default())
    }
}

fn main() {}

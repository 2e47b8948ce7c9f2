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
    #[remote(get = "/words/{langauge}")]
    async fn words(language: String) -> Result<String> {
        Ok(language)
    }

    #[remote(get = "/letters")]
    async fn letters(#[arg(path)] language: String) -> Result<String> {
        Ok(language)
    }
}

fn main() {}

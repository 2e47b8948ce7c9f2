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
    async fn words(#[arg(querry)] first: i64, #[arg(query, body)] second: i64) -> Result<i64> {
        Ok(first + second)
    }

    #[remote]
    async fn letters(#[arg(name = "a")] first: i64, a: i64) -> Result<i64> {
        Ok(first + a)
    }

    #[remote]
    async fn pairs((first, second): (i64, i64), #[arg(query)] text: &str) -> Result<i64> {
        let _ = text;
        Ok(first + second)
    }
}

fn main() {}

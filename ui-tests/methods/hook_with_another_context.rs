use loopwright::hook::Delete;
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
    async fn tidy(_cx: &mut Delete<'_, Self>) -> Result<()> {
        Ok(())
    }
}

fn main() {}

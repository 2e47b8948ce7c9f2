use loopwright::hook::Save;
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
    #[hook]
    async fn tidy(_cx: &mut Save<'_, Self>) -> Result<()> {
        Ok(())
    }
}

fn main() {}

use loopwright::hook::Access;
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
    #[hook(access)]
    async fn narrow(_cx: &mut Access<'_, Self>) {}
}

fn main() {}

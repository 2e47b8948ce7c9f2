use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Tagging {
    #[model(id, generated)]
    post_id: i64,
    #[model(id)]
    tag: String,
}

fn main() {}

use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Tagging {
    #[model(id)]
    post_id: i64,
    #[model(id)]
    tag: Option<String>,
}

fn main() {}

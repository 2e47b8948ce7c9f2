use loopwright::prelude::*;

#[derive(Model)]
#[acl(allow(raed), to = everyone)]
struct Shop {
    #[model(id)]
    id: i64,
}

fn main() {}

use loopwright::prelude::*;

#[derive(Model)]
#[acl(allow(read, brew_coffee), to = everyone)]
struct Shop {
    #[model(id)]
    id: i64,
}

fn main() {}

use loopwright::prelude::*;

#[derive(Model)]
#[acl(allow(read), deny(write), to = everyone)]
struct Shop {
    #[model(id)]
    id: i64,
}

fn main() {}

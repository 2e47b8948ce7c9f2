use loopwright::prelude::*;

#[derive(Model)]
#[acl(allow("read"), to = everyone)]
struct Shop {
    #[model(id)]
    id: i64,
}

fn main() {}

use loopwright::prelude::*;

#[derive(Model)]
#[acl(to = everyone)]
struct Shop {
    #[model(id)]
    id: i64,
}

fn main() {}

use loopwright::prelude::*;

#[derive(Model)]
#[acl(open, to = everyone)]
struct Shop {
    #[model(id)]
    id: i64,
}

fn main() {}

use loopwright::prelude::*;

#[derive(Model)]
#[model(hidden)]
#[acl(open)]
struct Shop {
    #[model(id)]
    id: i64,
}

fn main() {}

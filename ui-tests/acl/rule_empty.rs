use loopwright::prelude::*;

#[derive(Model)]
#[acl()]
struct Shop {
    #[model(id)]
    id: i64,
}

fn main() {}

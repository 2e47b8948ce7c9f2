use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
#[validate(presence)]
struct Shop {
    #[model(id)]
    id: i64,
}

fn main() {}

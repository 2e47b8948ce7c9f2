use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
#[relation(has_many)]
struct Shop {
    #[model(id)]
    id: i64,
}

fn main() {}

use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Shop {
    #[model(id generated)]
    id: i64,
}

fn main() {}

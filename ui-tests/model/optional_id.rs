use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Shop {
    #[model(id, generated)]
    id: Option<i64>,
}

fn main() {}

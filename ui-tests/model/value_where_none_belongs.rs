use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Shop {
    #[model(id = true)]
    id: i64,
}

fn main() {}

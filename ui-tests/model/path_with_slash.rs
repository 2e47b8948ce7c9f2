use loopwright::prelude::*;

#[derive(Model)]
#[model(path = "coffee/shops")]
#[acl(open)]
struct Shop {
    #[model(id)]
    id: i64,
}

fn main() {}

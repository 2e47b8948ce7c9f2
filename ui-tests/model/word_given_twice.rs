use loopwright::prelude::*;

#[derive(Model)]
#[model(table = "shops", table = "coffee_shops")]
#[acl(open)]
struct Shop {
    #[model(id)]
    id: i64,
}

fn main() {}

use loopwright::prelude::*;

#[derive(Property)]
struct ShopId(i64);

#[derive(Model)]
#[acl(open)]
struct Shop {
    #[model(id)]
    id: ShopId,
}

fn main() {}

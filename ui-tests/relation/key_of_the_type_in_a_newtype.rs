use loopwright::prelude::*;

#[derive(Property, Clone)]
struct ShopId(i64);

#[derive(Model)]
#[acl(open)]
struct Shop {
    #[model(id)]
    id: ShopId,
    #[relation(has_many)]
    reviews: HasMany<Review>,
}

#[derive(Model)]
#[acl(open)]
struct Review {
    #[model(id)]
    id: i64,
    shop_id: i64,
}

fn main() {}

use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Shop {
    #[model(id)]
    id: i64,
    reviews: i64,
    #[relation(has_many, name = "reviews")]
    loaded: HasMany<Review>,
}

#[derive(Model)]
#[acl(open)]
struct Review {
    #[model(id)]
    id: i64,
    shop_id: i64,
}

fn main() {}

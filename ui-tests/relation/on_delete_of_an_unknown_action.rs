use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Shop {
    #[model(id)]
    id: i64,
    #[relation(has_many)]
    reviews: HasMany<Review>,
}

#[derive(Model)]
#[acl(open)]
struct Review {
    #[model(id)]
    id: i64,
    shop_id: i64,
    #[relation(belongs_to, constraint, on_delete = "set_null")]
    shop: BelongsTo<Shop>,
}

fn main() {}

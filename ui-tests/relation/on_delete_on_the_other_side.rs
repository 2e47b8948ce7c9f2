use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Shop {
    #[model(id)]
    id: i64,
    #[relation(has_many, on_delete = "cascade")]
    reviews: HasMany<Review>,
}

#[derive(Model)]
#[acl(open)]
struct Review {
    #[model(id)]
    id: i64,
    shop_id: i64,
    #[relation(belongs_to)]
    shop: BelongsTo<Shop>,
}

fn main() {}

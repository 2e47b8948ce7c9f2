use loopwright::prelude::*;

#[derive(Property, Clone)]
struct OwnerId(i64);

#[derive(Property, Clone)]
struct ShopId(i64);

#[derive(Model)]
#[acl(open)]
struct Owner {
    #[model(id)]
    id: OwnerId,
}

#[derive(Model)]
#[acl(open)]
struct Shop {
    #[model(id)]
    id: ShopId,
    owner_id: ShopId,
    #[relation(belongs_to)]
    owner: BelongsTo<Owner>,
}

fn main() {}

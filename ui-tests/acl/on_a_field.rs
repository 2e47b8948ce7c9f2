use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Shop {
    #[model(id)]
    id: i64,
    #[acl(allow(find_by_id), to = owner)]
    takings: Option<i64>,
    #[acl(allow(read))]
    rent: Option<i64>,
    shop_id: Option<i64>,
    #[acl(allow(read), to = owner)]
    #[relation(has_many)]
    others: HasMany<Shop>,
}

fn main() {}

use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Owner {
    #[model(id)]
    id: i64,
}

#[derive(Model)]
#[acl(open)]
struct Shop {
    #[model(id)]
    id: i64,
    owners_id: i64,
    #[relation(belongs_to)]
    owner: BelongsTo<Owner>,
}

fn main() {}

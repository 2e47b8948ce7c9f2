use loopwright::prelude::*;

struct Owner {
    id: i64,
}

#[derive(Model)]
#[acl(open)]
struct Shop {
    #[model(id)]
    id: i64,
    owner_id: i64,
    #[relation(belongs_to)]
    owner: BelongsTo<Owner>,
}

fn main() {}

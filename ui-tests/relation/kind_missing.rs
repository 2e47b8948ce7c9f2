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
    person: i64,
    #[relation(key = person)]
    owner: BelongsTo<Owner>,
}

fn main() {}

use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Category {
    #[model(id)]
    id: i64,
    name: String,
    #[relation(has_many, properties(name))]
    goods: HasMany<Good>,
}

#[derive(Model)]
#[acl(open)]
struct Good {
    #[model(id)]
    id: i64,
    name: i64,
    category_id: i64,
}

fn main() {}

use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Category {
    #[model(id)]
    id: i64,
    #[relation(has_many, path = "all/goods")]
    goods: HasMany<Good>,
}

#[derive(Model)]
#[acl(open)]
struct Good {
    #[model(id)]
    id: i64,
    category_id: i64,
}

fn main() {}

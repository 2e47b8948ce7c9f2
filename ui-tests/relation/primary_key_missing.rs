use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Category {
    #[model(id)]
    id: i64,
    code: String,
    #[relation(has_many, primary_key = kode)]
    goods: HasMany<Good>,
}

#[derive(Model)]
#[acl(open)]
struct Good {
    #[model(id)]
    id: i64,
    category_id: String,
}

fn main() {}

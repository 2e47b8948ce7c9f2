use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Category {
    #[model(id)]
    id: i64,
    name: String,
}

#[derive(Model)]
#[acl(open)]
struct Good {
    #[model(id)]
    id: i64,
    name: String,
    category_id: i64,
    #[relation(belongs_to, properties(name))]
    category: BelongsTo<Category>,
}

fn main() {}

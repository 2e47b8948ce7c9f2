use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Employee {
    #[model(id)]
    id: i64,
    #[relation(has_many, polymorphic = imageable)]
    pictures: HasMany<Picture>,
}

#[derive(Model)]
#[acl(open)]
struct Picture {
    #[model(id)]
    id: i64,
    imageable_id: i64,
    imageable_kind: String,
}

fn main() {}

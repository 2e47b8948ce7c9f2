use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Employee {
    #[model(id)]
    id: i64,
    #[relation(has_many, key = imageable_id, discriminator = imageable_type)]
    pictures: HasMany<Picture>,
}

#[derive(Model)]
#[acl(open)]
struct Picture {
    #[model(id)]
    id: i64,
    imageable_id: Option<i64>,
    imageable_type: Option<String>,
}

fn main() {}

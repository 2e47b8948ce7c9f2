use loopwright::prelude::*;

#[derive(Model)]
#[model(index(city, tags))]
#[acl(open)]
struct Shop {
    #[model(id)]
    id: i64,
    name: String,
    city: Option<String>,
    tags: Vec<String>,
    owner_id: Option<i64>,
    #[relation(belongs_to, key = owner_id)]
    owner: BelongsTo<Shop>,
}

fn main() {}

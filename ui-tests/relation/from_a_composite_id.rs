use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Tagging {
    #[model(id)]
    post_id: i64,
    #[model(id)]
    tag: String,
    #[relation(has_many)]
    votes: HasMany<Vote>,
}

#[derive(Model)]
#[acl(open)]
struct Vote {
    #[model(id)]
    id: i64,
    tagging_id: i64,
}

fn main() {}

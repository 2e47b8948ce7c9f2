use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Author {
    #[model(id)]
    id: i64,
}

#[derive(Mixin)]
struct Authored {
    author_id: i64,
    #[relation(belongs_to)]
    author: BelongsTo<Author>,
}

fn main() {}

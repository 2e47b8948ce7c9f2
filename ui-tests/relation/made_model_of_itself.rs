use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Part {
    #[model(id)]
    id: i64,
    #[relation(has_and_belongs_to_many)]
    parts: HasMany<Part>,
}

fn main() {}

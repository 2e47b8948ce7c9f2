use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Employee {
    #[model(id)]
    id: i64,
    #[relation(has_many)]
    things: HasMany<AnyModel>,
}

fn main() {}

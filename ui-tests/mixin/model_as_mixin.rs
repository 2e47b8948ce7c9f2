use loopwright::prelude::*;

#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
struct Person {
    #[model(id)]
    id: i64,
    name: String,
}

#[derive(Model)]
#[acl(open)]
struct Reader {
    #[model(id)]
    number: i64,
    #[model(mixin)]
    person: Person,
}

fn main() {}

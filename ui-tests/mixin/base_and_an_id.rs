use loopwright::prelude::*;

#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
struct Person {
    #[model(id)]
    id: i64,
    name: String,
}

#[derive(Model)]
struct Reader {
    #[model(id)]
    number: i64,
    #[model(base)]
    person: Person,
}

fn main() {}

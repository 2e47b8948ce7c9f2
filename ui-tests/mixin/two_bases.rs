use loopwright::prelude::*;

#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
struct Person {
    #[model(id)]
    id: i64,
    name: String,
}

#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
struct Member {
    #[model(id)]
    number: i64,
}

#[derive(Model)]
struct Reader {
    #[model(base)]
    person: Person,
    #[model(base)]
    member: Member,
}

fn main() {}

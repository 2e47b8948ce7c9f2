use loopwright::prelude::*;

#[derive(Model)]
#[model(principal = role)]
#[acl(open)]
struct Todo {
    #[model(id, generated)]
    id: i64,
}

fn main() {}

use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
#[policy(read, to = everyone, rows = true)]
struct Todo {
    #[model(id, generated)]
    id: i64,
    #[policy(read, to = everyone)]
    done: bool,
}

fn main() {}

use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
#[policy]
#[policy(read)]
#[policy(to = owner)]
#[policy(reed, to = owner)]
#[policy(read, to = related)]
#[policy(read = true, to = owner)]
#[policy(read, to = owner, rows)]
struct Todo {
    #[model(id, generated)]
    id: i64,
    user_id: i64,
}

fn main() {}

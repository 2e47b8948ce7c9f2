use loopwright::prelude::*;

#[derive(Model)]
#[model(acl_error_status = 500)]
#[acl(open)]
struct Todo {
    #[model(id, generated)]
    id: i64,
}

fn main() {}

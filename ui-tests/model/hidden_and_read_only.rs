use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Shop {
    #[model(id)]
    id: i64,
    #[model(hidden, read_only)]
    password: String,
}

fn main() {}

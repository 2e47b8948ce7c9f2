use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Shop {
    #[model(id, generated, read_only)]
    id: i64,
}

fn main() {}

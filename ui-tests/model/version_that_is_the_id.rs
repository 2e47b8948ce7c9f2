use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Shop {
    #[model(id, version)]
    id: i64,
}

fn main() {}

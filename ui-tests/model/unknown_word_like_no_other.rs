use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Shop {
    #[model(id, quick)]
    id: i64,
}

fn main() {}

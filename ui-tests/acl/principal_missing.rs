use loopwright::prelude::*;

#[derive(Model)]
#[acl(allow(read))]
struct Shop {
    #[model(id)]
    id: i64,
}

fn main() {}

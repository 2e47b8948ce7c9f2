use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Shop {
    #[model(id, table = "shops")]
    id: i64,
}

fn main() {}

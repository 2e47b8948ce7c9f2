use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Shop {
    #[model(id)]
    id: i64,
    #[model(version, read_only)]
    version: i64,
}

fn main() {}

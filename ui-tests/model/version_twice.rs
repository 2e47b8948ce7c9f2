use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Shop {
    #[model(id)]
    id: i64,
    #[model(version)]
    version: i64,
    #[model(version)]
    edition: i64,
}

fn main() {}

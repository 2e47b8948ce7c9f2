use loopwright::prelude::*;

#[derive(Mixin)]
struct Counted {
    #[model(version)]
    version: i64,
}

#[derive(Model)]
#[acl(open)]
struct Shop {
    #[model(id)]
    id: i64,
    #[model(version)]
    edition: i64,
    #[model(mixin)]
    counted: Counted,
}

fn main() {}

use loopwright::prelude::*;

#[derive(Model)]
#[model(validate_upsert)]
#[acl(open)]
struct Shop {
    #[model(id)]
    id: i64,
}

fn main() {}

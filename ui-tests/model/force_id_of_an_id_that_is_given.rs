use loopwright::prelude::*;

#[derive(Model)]
#[model(force_id)]
#[acl(open)]
struct Shop {
    #[model(id)]
    id: i64,
}

fn main() {}

use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Shop {
    #[model(id)]
    #[validate(uniqueness)]
    id: i64,
}

fn main() {}

use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Shop {
    #[model(id)]
    id: i64,
    #[validate(length(is = 3, min = 2))]
    name: String,
}

fn main() {}

use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Shop {
    #[model(id)]
    id: i64,
    #[validate(length(min = 2), allow_null = false)]
    name: String,
}

fn main() {}

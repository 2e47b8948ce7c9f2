use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Shop {
    #[model(id)]
    id: i64,
    #[validate(inclusion(espresso, "filter"))]
    style: String,
}

fn main() {}

use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Shop {
    #[model(id)]
    id: i64,
    #[validate(inclusion("one", "two"))]
    stars: u8,
}

fn main() {}

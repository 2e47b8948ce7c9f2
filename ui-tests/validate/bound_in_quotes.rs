use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Shop {
    #[model(id)]
    id: i64,
    #[validate(range(min = "1"))]
    stars: u8,
}

fn main() {}

use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Shop {
    #[model(id)]
    id: i64,
    #[validate(inclusion(1, 300))]
    stars: u8,
}

fn main() {}

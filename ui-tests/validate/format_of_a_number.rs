use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Shop {
    #[model(id)]
    id: i64,
    #[validate(format("^[1-5]$"))]
    stars: u8,
}

fn main() {}

use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Shop {
    #[model(id)]
    id: i64,
    #[validate(presence, if = stars)]
    name: String,
    stars: i32,
}

fn main() {}

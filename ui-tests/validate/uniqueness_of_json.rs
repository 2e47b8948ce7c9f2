use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Shop {
    #[model(id)]
    id: i64,
    #[validate(uniqueness)]
    tags: Vec<String>,
}

fn main() {}

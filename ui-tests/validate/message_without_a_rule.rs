use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Shop {
    #[model(id)]
    id: i64,
    #[validate(message = "is wrong")]
    name: String,
}

fn main() {}

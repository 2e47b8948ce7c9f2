use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Shop {
    #[model(id)]
    id: i64,
    #[validate(format("^[a-z]", "[0-9]$"))]
    name: String,
}

fn main() {}

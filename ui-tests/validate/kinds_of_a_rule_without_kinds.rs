use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Shop {
    #[model(id)]
    id: i64,
    #[validate(presence, message(min = "is too little"))]
    name: String,
}

fn main() {}

use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Shop {
    #[model(id)]
    id: i64,
    #[validate(length(min = 2), message(mni = "is too little"))]
    name: String,
}

fn main() {}

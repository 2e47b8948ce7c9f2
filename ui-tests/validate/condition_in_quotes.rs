use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Shop {
    #[model(id)]
    id: i64,
    #[validate(presence, if = "draft")]
    name: String,
    draft: bool,
}

fn main() {}

use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Shop {
    #[model(id)]
    id: i64,
    #[model(default = shortid)]
    code: Uuid,
}

fn main() {}

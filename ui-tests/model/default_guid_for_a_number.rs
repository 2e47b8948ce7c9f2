use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Shop {
    #[model(id)]
    id: i64,
    #[model(default = guid)]
    code: i64,
}

fn main() {}

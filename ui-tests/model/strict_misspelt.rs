use loopwright::prelude::*;

#[derive(Model)]
#[model(strict = "thorw")]
#[acl(open)]
struct Shop {
    #[model(id)]
    id: i64,
}

fn main() {}

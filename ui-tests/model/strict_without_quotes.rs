use loopwright::prelude::*;

#[derive(Model)]
#[model(strict = throw)]
#[acl(open)]
struct Shop {
    #[model(id)]
    id: i64,
}

fn main() {}

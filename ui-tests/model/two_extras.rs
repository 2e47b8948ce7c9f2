use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Shop {
    #[model(id)]
    id: i64,
    extra: Extra,
    more: Extra,
}

fn main() {}

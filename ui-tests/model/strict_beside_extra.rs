use loopwright::prelude::*;

#[derive(Model)]
#[model(strict = "throw")]
#[acl(open)]
struct Shop {
    #[model(id)]
    id: i64,
    extra: Extra,
}

fn main() {}

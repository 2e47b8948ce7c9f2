use loopwright::prelude::*;

#[derive(Model)]
#[model(table = "")]
#[acl(open)]
struct Shop {
    #[model(id)]
    id: i64,
}

fn main() {}

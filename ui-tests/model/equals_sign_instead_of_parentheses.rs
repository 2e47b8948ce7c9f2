use loopwright::prelude::*;

#[derive(Model)]
#[model = "shops"]
#[acl(open)]
struct Shop {
    #[model(id)]
    id: i64,
}

fn main() {}

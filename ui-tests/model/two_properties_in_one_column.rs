use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Shop {
    #[model(id)]
    id: i64,
    name: String,
    #[model(column = "name")]
    title: String,
}

fn main() {}

use loopwright::prelude::*;

fn stars() -> String {
    "three".to_owned()
}

#[derive(Model)]
#[acl(open)]
struct Shop {
    #[model(id)]
    id: i64,
    #[model(default = stars)]
    stars: i32,
}

fn main() {}

use loopwright::prelude::*;

fn stars(best: i32) -> i32 {
    best - 1
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

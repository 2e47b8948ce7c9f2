use loopwright::prelude::*;

#[derive(Model)]
struct Shop {
    #[model(id)]
    id: i64,
}

fn main() {}

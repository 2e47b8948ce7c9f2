use loopwright::prelude::*;

#[derive(Model)]
#[model(public = "no")]
struct Shop {
    #[model(id)]
    id: i64,
}

fn main() {}

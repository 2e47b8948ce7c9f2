use loopwright::prelude::*;

struct Shop {
    id: i64,
}

fn main() {
    let _ = App::new().models::<(Shop,)>();
}

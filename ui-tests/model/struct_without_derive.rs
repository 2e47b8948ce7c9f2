use loopwright::prelude::*;

struct Shop {
    id: i64,
}

fn main() {
    let _ = |shops: Repository<Shop>| shops.find();
}

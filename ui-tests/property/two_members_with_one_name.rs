use loopwright::prelude::*;

#[derive(Property)]
struct Address {
    street: String,
    #[property(name = "street")]
    road: String,
}

fn main() {}

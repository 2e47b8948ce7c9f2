use loopwright::prelude::*;

#[derive(Property)]
struct Address {
    street: String,
    #[property(default = "first")]
    floor: i16,
}

fn main() {}

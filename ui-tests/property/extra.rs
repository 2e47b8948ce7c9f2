use loopwright::prelude::*;

#[derive(Property)]
struct Address {
    street: String,
    extra: Extra,
}

fn main() {}

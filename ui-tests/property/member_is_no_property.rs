use loopwright::prelude::*;

struct Country;

#[derive(Property)]
struct Address {
    street: String,
    country: Country,
}

fn main() {}

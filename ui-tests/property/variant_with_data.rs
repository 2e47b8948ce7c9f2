use loopwright::prelude::*;

#[derive(Property)]
enum Style {
    Espresso,
    Filter { minutes: u8 },
}

fn main() {}

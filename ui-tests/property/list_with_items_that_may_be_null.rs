use loopwright::prelude::*;

#[derive(Property)]
struct Address {
    lines: Vec<Option<String>>,
}

fn main() {}

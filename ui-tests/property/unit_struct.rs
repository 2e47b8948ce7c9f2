use loopwright::prelude::*;

#[derive(Property)]
struct Style;

fn main() {}

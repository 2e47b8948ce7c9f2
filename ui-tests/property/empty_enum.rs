use loopwright::prelude::*;

#[derive(Property)]
enum Style {}

fn main() {}

use loopwright::prelude::*;

#[derive(Property)]
struct Point(f64, f64);

fn main() {}

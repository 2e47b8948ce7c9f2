use loopwright::prelude::*;

#[derive(Property)]
union Number {
    integer: i64,
    float: f64,
}

fn main() {}

use loopwright::prelude::*;

struct Country;

#[derive(Property)]
struct Origin(Country);

fn main() {}

use loopwright::prelude::*;

#[derive(Property)]
#[property(rename = "lowercase")]
enum Style {
    Espresso,
    Filter,
}

fn main() {}

use loopwright::prelude::*;

#[derive(Property)]
enum Style {
    Espresso,
    #[property(rename = "Espresso")]
    Ristretto,
}

fn main() {}

use loopwright::prelude::*;

#[derive(Property)]
enum Style {
    #[property(rneame = "espresso")]
    Espresso,
    Filter,
}

fn main() {}

use loopwright::prelude::*;

#[derive(Property)]
#[property(rename_all = "kebapcase")]
enum Style {
    ExtraDark,
    Light,
}

fn main() {}

use loopwright::prelude::*;

#[derive(Property)]
struct Address {
    #[property(defualt = "Main Street")]
    street: String,
}

fn main() {}

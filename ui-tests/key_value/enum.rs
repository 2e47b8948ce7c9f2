use loopwright::prelude::*;

#[derive(KeyValueModel)]
#[acl(open)]
enum Colour {
    Red,
    Green,
}

fn main() {}

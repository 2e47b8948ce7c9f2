use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
enum Shop {
    Cafe,
    Bar,
}

fn main() {}

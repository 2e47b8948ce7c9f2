use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Shop {
    code: i64,
    name: String,
}

fn main() {}

use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Shop;

fn main() {}

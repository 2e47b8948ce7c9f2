use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Shop(i64, String);

fn main() {}

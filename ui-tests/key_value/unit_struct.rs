use loopwright::prelude::*;

#[derive(KeyValueModel)]
#[acl(open)]
struct Page;

fn main() {}

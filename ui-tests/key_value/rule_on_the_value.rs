use loopwright::prelude::*;

#[derive(KeyValueModel)]
#[acl(open)]
struct Page(#[model(hidden)] String);

fn main() {}

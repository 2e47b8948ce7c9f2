use loopwright::prelude::*;

#[derive(KeyValueModel)]
#[model(table = "page")]
#[acl(open)]
struct Page(String);

fn main() {}

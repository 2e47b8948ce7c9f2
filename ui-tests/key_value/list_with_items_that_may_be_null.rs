use loopwright::prelude::*;

#[derive(KeyValueModel)]
#[acl(open)]
struct Page(Vec<Option<String>>);

fn main() {}

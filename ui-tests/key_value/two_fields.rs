use loopwright::prelude::*;

#[derive(KeyValueModel)]
#[acl(open)]
struct Page(String, String);

fn main() {}

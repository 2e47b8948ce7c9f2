use loopwright::prelude::*;

#[derive(KeyValueModel)]
#[acl(allow(sett), to = everyone)]
struct Page(String);

fn main() {}

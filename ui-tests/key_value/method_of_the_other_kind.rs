use loopwright::prelude::*;

#[derive(KeyValueModel)]
#[acl(allow(find_by_id), to = everyone)]
struct Page(String);

fn main() {}

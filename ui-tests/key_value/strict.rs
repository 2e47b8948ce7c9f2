use loopwright::prelude::*;

#[derive(KeyValueModel)]
#[model(strict = "throw", force_id, strict_delete)]
#[acl(open)]
struct Page(String);

fn main() {}

use loopwright::prelude::*;

#[derive(KeyValueModel)]
#[model(force_id)]
#[acl(open)]
struct Page(String);

fn main() {}

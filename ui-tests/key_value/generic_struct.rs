use loopwright::prelude::*;

#[derive(KeyValueModel)]
#[acl(open)]
struct Page<T>(T);

fn main() {}

use loopwright::prelude::*;

#[derive(Mixin)]
#[policy(read, to = everyone)]
struct Times {
    created: Option<String>,
}

#[derive(KeyValueModel)]
#[acl(open)]
#[policy(read, to = everyone)]
struct Page(String);

fn main() {}

use loopwright::prelude::*;

#[derive(KeyValueModel)]
#[acl(open)]
struct Page {
    title: String,
    text: String,
}

fn main() {}

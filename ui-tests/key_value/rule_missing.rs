use loopwright::prelude::*;

#[derive(KeyValueModel)]
struct Page(String);

fn main() {}

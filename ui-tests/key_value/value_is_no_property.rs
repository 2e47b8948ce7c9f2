use loopwright::prelude::*;

struct Title(String);

#[derive(KeyValueModel)]
#[acl(open)]
struct Page(Title);

fn main() {}

use loopwright::prelude::*;

#[derive(KeyValueModel)]
#[acl(open)]
union Number {
    whole: i64,
    part: f64,
}

fn main() {}

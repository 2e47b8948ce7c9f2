use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
union Shop {
    id: i64,
}

fn main() {}

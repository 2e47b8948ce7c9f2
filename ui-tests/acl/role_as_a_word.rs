use loopwright::prelude::*;

#[derive(Model)]
#[acl(allow(read), to = admin)]
struct Shop {
    #[model(id)]
    id: i64,
}

fn main() {}

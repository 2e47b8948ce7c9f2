use loopwright::prelude::*;

#[derive(Model)]
#[model(tabel = "shops")]
#[acl(open)]
struct Shop {
    #[model(id)]
    id: i64,
}

fn main() {}

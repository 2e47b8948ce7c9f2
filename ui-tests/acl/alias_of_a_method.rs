use loopwright::prelude::*;

#[derive(Model)]
#[acl(allow(destroy_by_id), to = authenticated)]
struct Shop {
    #[model(id)]
    id: i64,
}

fn main() {}

use loopwright::prelude::*;

#[derive(Model)]
#[acl(allow(find_by_ids), to = everyone)]
struct Shop {
    #[model(id)]
    id: i64,
}

fn main() {}

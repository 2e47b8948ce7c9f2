use loopwright::prelude::*;

#[derive(Model)]
#[model(disable(updateAl, updateOrCreate, read))]
#[acl(open)]
struct Shop {
    #[model(id)]
    id: i64,
}

fn main() {}

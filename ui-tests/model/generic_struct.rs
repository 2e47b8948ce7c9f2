use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Shop<T> {
    #[model(id)]
    id: i64,
    extra: T,
}

fn main() {}

use loopwright::prelude::*;

#[derive(Model)]
#[acl(allow(read), to = user)]
#[acl(allow(read), to = user())]
#[acl(allow(write), to = app(true))]
struct Todo {
    #[model(id, generated)]
    id: i64,
}

fn main() {}

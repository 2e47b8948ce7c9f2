use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Account {
    #[model(id)]
    id: i64,
}

#[derive(Model)]
#[acl(open)]
struct Customer {
    #[model(id)]
    id: i64,
    account: EmbedsOne<Account>,
}

fn main() {}

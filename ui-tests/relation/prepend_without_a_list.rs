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
    #[relation(has_one, key = id, prepend)]
    account: HasOne<Account>,
}

fn main() {}

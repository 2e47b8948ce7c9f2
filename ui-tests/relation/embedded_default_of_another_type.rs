use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Account {
    #[model(id)]
    id: i64,
}

fn account() -> i64 {
    1
}

#[derive(Model)]
#[acl(open)]
struct Customer {
    #[model(id)]
    id: i64,
    #[relation(embeds_one, default = account)]
    account: EmbedsOne<Account>,
}

fn main() {}

use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Account {
    #[model(id)]
    id: i64,
    extra: Extra,
}

#[derive(Model)]
#[acl(open)]
struct Customer {
    #[model(id)]
    id: i64,
    #[relation(embeds_one)]
    account: EmbedsOne<Account>,
}

fn main() {}

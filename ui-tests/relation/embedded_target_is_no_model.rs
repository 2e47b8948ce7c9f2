use loopwright::prelude::*;

struct Account {
    id: i64,
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

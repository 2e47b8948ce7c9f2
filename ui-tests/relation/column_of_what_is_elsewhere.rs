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
    account_id: i64,
    #[relation(belongs_to, column = "account")]
    account: BelongsTo<Account>,
}

fn main() {}

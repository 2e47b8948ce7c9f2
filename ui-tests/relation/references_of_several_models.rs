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
    account_ids: Vec<i64>,
    #[relation(references_many, polymorphic = owner)]
    accounts: ReferencesMany<Account>,
}

fn main() {}

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
    accounts_of: Vec<String>,
    #[relation(references_many, key = accounts_of)]
    accounts: ReferencesMany<Account>,
}

fn main() {}

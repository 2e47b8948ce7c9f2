//! Models that hold others within them, and lists of references.

use loopwright::prelude::*;

/// Money that somebody has.
#[derive(Model, Clone, Debug, Default, PartialEq)]
#[acl(open)]
pub struct Account {
    /// Identifies the account.
    #[model(id, generated)]
    pub id: i64,
    /// Its name.
    #[validate(presence)]
    pub name: String,
    /// How much there is.
    pub balance: Option<i32>,
    /// Where it is.
    pub city: Option<String>,
}

/// Somebody who has accounts.
#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
pub struct Holder {
    /// Identifies the holder.
    #[model(id, generated)]
    pub id: i64,
    /// The name.
    pub name: Option<String>,
    /// Where the holder lives.
    pub city: Option<String>,
    /// The accounts' ids.
    pub account_ids: Vec<i64>,
    /// The favourites' ids.
    pub favourites: Option<Vec<i64>>,
    /// The accounts.
    #[relation(references_many)]
    pub accounts: ReferencesMany<Account>,
    /// The accounts that are liked best, the newest first.
    #[relation(
        references_many,
        key = favourites,
        prepend,
        scope = in_credit,
        properties(city),
        path = "liked"
    )]
    pub liked: ReferencesMany<Account>,
}

fn in_credit() -> Filter {
    Filter::matching(Account::BALANCE.gte(0))
}

/// Somebody who has accounts, each of whose changes is counted.
#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
pub struct Firm {
    /// Identifies the firm.
    #[model(id, generated)]
    pub id: i64,
    /// Counts the changes.
    #[model(version)]
    pub version: i64,
    /// The accounts' ids.
    pub account_ids: Vec<i64>,
    /// The accounts.
    #[relation(references_many)]
    pub accounts: ReferencesMany<Account>,
}

/// Every model of this file.
pub type All = (Account, Holder, Firm);

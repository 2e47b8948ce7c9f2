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

/// Where somebody lives. It is known within others alone.
#[derive(Model, Clone, Debug, Default, PartialEq)]
#[model(public = false)]
pub struct Address {
    /// Identifies the address.
    #[model(id, generated)]
    pub id: String,
    /// The street.
    #[validate(presence)]
    pub street: String,
    /// The city.
    pub city: Option<String>,
    /// What opens the door.
    #[model(hidden)]
    pub code: Option<String>,
}

/// Where somebody can be written to. It is known within others alone.
#[derive(Model, Clone, Debug, Default, PartialEq)]
#[model(public = false)]
pub struct EmailAddress {
    /// Identifies the address.
    #[model(id, generated)]
    pub id: i64,
    /// What it is for.
    #[validate(presence)]
    pub label: String,
    /// The address.
    #[validate(format("@"))]
    pub address: String,
    /// What it is opened with.
    #[model(hidden)]
    pub password: Option<String>,
}

/// Something to remember, which is kept within others and by itself.
#[derive(Model, Clone, Debug, Default, PartialEq)]
#[acl(open)]
pub struct Jot {
    /// Identifies it.
    #[model(id, generated)]
    pub id: i64,
    /// What it says.
    #[validate(presence)]
    pub text: String,
    /// Whose it is.
    pub owner: Option<String>,
}

/// A word that its writer chooses.
#[derive(Model, Clone, Debug, Default, PartialEq)]
#[model(public = false)]
pub struct Keyword {
    /// The word.
    #[model(id)]
    pub word: String,
}

/// Leads from somebody to anything.
#[derive(Model, Clone, Debug, Default)]
#[model(public = false)]
pub struct Link {
    /// Identifies it.
    #[model(id, generated)]
    pub id: i64,
    /// What it leads to.
    pub linked_id: Option<i64>,
    /// What that is.
    pub linked_type: Option<String>,
    /// What it leads to.
    #[relation(belongs_to, polymorphic)]
    pub linked: BelongsTo<AnyModel>,
}

/// Somebody who holds others within.
#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
pub struct Client {
    /// Identifies the client.
    #[model(id, generated)]
    pub id: i64,
    /// The name.
    pub name: Option<String>,
    /// Where bills go.
    #[relation(embeds_one)]
    pub billing_address: EmbedsOne<Address>,
    /// Where the client lives.
    #[relation(embeds_one, property = "homeAddress", default = somewhere, validate = false)]
    pub home: EmbedsOne<Address>,
    /// Where the client can be written to.
    #[relation(embeds_many)]
    pub emails: EmbedsMany<EmailAddress>,
}

fn somewhere() -> EmbedsOne<Address> {
    let address = Address {
        id: "home".into(),
        street: "Somewhere".into(),
        ..Address::default()
    };
    address.into()
}

/// Somebody who holds others within, in all ways there are.
#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
pub struct Collector {
    /// Identifies the collector.
    #[model(id, generated)]
    pub id: i64,
    /// The name.
    pub name: Option<String>,
    /// What to remember, the newest first.
    #[relation(
        embeds_many,
        prepend,
        force_id,
        omit_default,
        property = "notes",
        properties(name = owner)
    )]
    pub jots: EmbedsMany<Jot>,
    /// What to remember, also elsewhere.
    #[relation(embeds_many, persistent, validate = false)]
    pub kept: EmbedsMany<Jot>,
    /// What it is about.
    #[relation(embeds_many)]
    pub keywords: EmbedsMany<Keyword>,
    /// What else there is.
    #[relation(embeds_many, scope = with_linked, path = "leads-to")]
    pub links: EmbedsMany<Link>,
}

fn with_linked() -> Filter {
    Filter {
        include: vec![Link::LINKED.into()],
        ..Filter::ALL
    }
}

/// Every model of this file that is kept by itself.
pub type All = (Account, Holder, Firm, Jot, Client, Collector);

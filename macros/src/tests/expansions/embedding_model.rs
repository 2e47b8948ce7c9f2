/// Somebody who holds others within, and a list of more.
#[derive(Model)]
#[acl(open)]
struct Customer {
    #[model(id)]
    id: i64,
    account_ids: Vec<i64>,
    /// The accounts.
    #[relation(references_many, prepend)]
    accounts: ReferencesMany<Account>,
    /// Where bills go.
    #[relation(embeds_one, default = somewhere, validate = false)]
    billing_address: EmbedsOne<Address>,
    #[relation(embeds_many, property = "mails", force_id, persistent)]
    emails: EmbedsMany<EmailAddress>,
}

// expands to


use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Customer {
    #[model(id)]
    id: i64,
    #[relation(embeds_many, nest_remoting)]
    emails: EmbedsMany<EmailAddress>,
}

#[derive(Model)]
#[model(public = false)]
struct EmailAddress {
    #[model(id, generated)]
    id: i64,
    address: String,
}

fn main() {}

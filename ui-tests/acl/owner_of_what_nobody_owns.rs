use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Customer {
    #[model(id, generated)]
    id: i64,
}

#[derive(Model)]
#[acl(allow(read), to = everyone)]
#[acl(allow(write), to = owner)]
#[policy(update, to = owner)]
struct Shop {
    #[model(id, generated)]
    id: i64,
    #[acl(allow(read), to = owner)]
    rent: Option<i64>,
    customer_id: i64,
    #[relation(belongs_to)]
    customer: BelongsTo<Customer>,
}

fn main() {}

use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Physician {
    #[model(id)]
    id: i64,
    #[relation(has_and_belongs_to_many)]
    patients: HasMany<Patient>,
}

#[derive(Model)]
#[acl(open)]
struct Patient {
    #[model(id)]
    country: String,
    #[model(id)]
    number: i64,
}

fn main() {}

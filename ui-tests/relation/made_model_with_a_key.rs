use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Physician {
    #[model(id)]
    id: i64,
    #[relation(has_and_belongs_to_many, key = doctor_id)]
    patients: HasMany<Patient>,
}

#[derive(Model)]
#[acl(open)]
struct Patient {
    #[model(id)]
    id: i64,
}

fn main() {}

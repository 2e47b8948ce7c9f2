use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
struct Physician {
    #[model(id)]
    id: i64,
    #[relation(has_many, through = Appointment, primary_key = id)]
    patients: HasMany<Patient>,
}

#[derive(Model)]
#[acl(open)]
struct Patient {
    #[model(id)]
    id: i64,
}

#[derive(Model)]
#[acl(open)]
struct Appointment {
    #[model(id)]
    id: i64,
    physician_id: i64,
    patient_id: i64,
}

fn main() {}

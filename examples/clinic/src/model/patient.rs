//! Patients, with what has no life of its own.

use loopwright::prelude::*;

use super::{Appointment, Physician};

/// A patient.
#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
pub struct Patient {
    /// Identifies the patient.
    #[model(id, generated)]
    pub id: i64,
    /// The patient's name.
    #[validate(presence)]
    pub name: String,
    /// Where the patient lives, kept within the patient.
    #[relation(embeds_one)]
    pub address: EmbedsOne<Address>,
    /// Whom to call, the first one first.
    #[relation(embeds_many)]
    pub contacts: EmbedsMany<Contact>,
    /// When the patient is seen.
    #[relation(has_many)]
    pub appointments: HasMany<Appointment>,
    /// What is still to come, the next one first: `/Patients/1/next`.
    #[relation(has_many, scope = to_come, path = "next")]
    pub to_come: HasMany<Appointment>,
    /// By whom, by way of appointments.
    #[relation(has_many, through = Appointment)]
    pub physicians: HasMany<Physician>,
}

fn to_come() -> Filter {
    Filter {
        order: vec![Appointment::AT.asc()],
        ..Filter::matching(Appointment::DONE.eq(false))
    }
}

/// Where somebody lives.
#[derive(Model, Clone, Debug, Default, PartialEq)]
#[model(public = false)]
pub struct Address {
    /// Identifies the address.
    #[model(id, generated)]
    pub id: String,
    /// The street, with the number.
    #[validate(presence)]
    pub street: String,
    /// The city.
    pub city: String,
}

/// Somebody to call.
#[derive(Model, Clone, Debug, Default, PartialEq)]
#[model(public = false)]
pub struct Contact {
    /// Identifies the contact among those of one patient.
    #[model(id, generated)]
    pub id: i64,
    /// Who it is.
    pub name: String,
    /// The number.
    #[validate(presence)]
    pub phone: String,
}

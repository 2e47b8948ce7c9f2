//! Physicians.

use loopwright::prelude::*;

use super::{Appointment, Patient, Photo};

/// A physician.
#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
pub struct Physician {
    /// Identifies the physician.
    #[model(id, generated)]
    pub id: i64,
    /// The physician's name.
    #[validate(presence)]
    pub name: String,
    /// When the physician sees whom; below each stands what it costs: `/Physicians/1/appointments/2/invoice`.
    #[relation(has_many, nest_remoting)]
    pub appointments: HasMany<Appointment>,
    /// Whom the physician sees, by way of appointments.
    #[relation(has_many, through = Appointment)]
    pub patients: HasMany<Patient>,
    /// What the physician looks like.
    #[relation(has_one, polymorphic = subject)]
    pub portrait: HasOne<Photo>,
}

//! Appointments, and what they cost.

use loopwright::prelude::*;

use super::{Patient, Physician};

/// A physician sees a patient: what links the two, and has properties of its own.
#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
pub struct Appointment {
    /// Identifies the appointment.
    #[model(id, generated)]
    pub id: i64,
    /// When.
    pub at: Option<DateTime<Utc>>,
    /// Has it been?
    #[model(default = false)]
    pub done: bool,
    /// The physician.
    pub physician_id: i64,
    /// The patient.
    pub patient_id: i64,
    /// The physician, who can't go as long as there are appointments. The database sees to it.
    #[relation(belongs_to, constraint, on_delete = "restrict")]
    pub physician: BelongsTo<Physician>,
    /// The patient, with whom the appointment goes.
    #[relation(belongs_to, on_delete = "cascade")]
    pub patient: BelongsTo<Patient>,
    /// What it costs.
    #[relation(has_one)]
    pub invoice: HasOne<Invoice>,
}

/// What an appointment costs.
#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
pub struct Invoice {
    /// Identifies the invoice.
    #[model(id, generated)]
    pub id: i64,
    /// The amount.
    pub amount: Decimal,
    /// What it is for; the invoice outlives the appointment.
    pub appointment_id: Option<i64>,
    /// What it is for.
    #[relation(belongs_to, on_delete = "set null")]
    pub appointment: BelongsTo<Appointment>,
}

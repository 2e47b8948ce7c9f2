//! The models, by what they are about.

mod appointment;
mod patient;
mod photo;
mod physician;
mod ward;

pub use appointment::{Appointment, Invoice};
pub use patient::{Address, Contact, Patient};
pub use photo::Photo;
pub use physician::Physician;
pub use ward::{Nurse, Ward};

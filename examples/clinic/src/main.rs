//! A clinic: every kind of relation.
//!
//! Who may do it is the example `coffee-shop`'s subject; here everybody may do everything. `cargo run -p clinic`, then see
//! README.md for requests to try.

mod model;
mod sample_data;

use loopwright::prelude::*;
use model::{Appointment, Invoice, Nurse, Patient, Photo, Physician, Ward};

#[loopwright::main]
async fn main() -> Result<()> {
    App::new()
        .title("Clinic")
        .models::<(Physician, Patient, Appointment, Invoice, Ward, Nurse, Photo)>()
        .boot(sample_data::load)
        .run()
        .await
}

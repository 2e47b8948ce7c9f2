//! Wards and their nurses.

use loopwright::prelude::*;

use super::Photo;

/// A ward.
#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
pub struct Ward {
    /// Identifies the ward.
    #[model(id, generated)]
    pub id: i64,
    /// Its name.
    pub name: String,
    /// The nurses who work there; nobody has written the table between the two.
    #[relation(has_and_belongs_to_many)]
    pub nurses: HasMany<Nurse>,
    /// The nurses who are there at night, in the order in which they are called.
    pub on_duty_ids: Vec<i64>,
    /// The nurses who are there at night.
    #[relation(references_many, key = on_duty_ids)]
    pub on_duty: ReferencesMany<Nurse>,
    /// What it looks like.
    #[relation(has_many, polymorphic = subject)]
    pub photos: HasMany<Photo>,
}

/// A nurse.
#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
pub struct Nurse {
    /// Identifies the nurse.
    #[model(id, generated)]
    pub id: i64,
    /// The nurse's name.
    pub name: String,
    /// The wards where the nurse works.
    #[relation(has_and_belongs_to_many)]
    pub wards: HasMany<Ward>,
}

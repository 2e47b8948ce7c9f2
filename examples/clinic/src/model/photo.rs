//! Photos of whatever there is.

use loopwright::prelude::*;

/// A photo of a physician or a ward, or of whatever comes next.
#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
pub struct Photo {
    /// Identifies the photo.
    #[model(id, generated)]
    pub id: i64,
    /// Where it is.
    #[validate(format(url))]
    pub url: String,
    /// What it shows.
    pub subject_id: i64,
    /// The model of what it shows.
    pub subject_type: String,
    /// What it shows.
    #[relation(belongs_to, polymorphic)]
    pub subject: BelongsTo<AnyModel>,
}

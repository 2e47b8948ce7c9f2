use chrono::{DateTime, Utc};

use super::RoleMapping;
use crate::Model;
use crate::model::HasMany;

/// What users, applications and other roles can be members of (contract *access-control.md* §6). It is not served.
#[derive(Model, Clone, Debug, Default, PartialEq)]
#[model(crate = crate, public = false)]
#[acl(deny(all), to = everyone)]
pub struct Role {
    /// The id.
    #[model(id, generated)]
    pub id: i64,
    /// The name, as rules have it.
    #[validate(presence)]
    #[validate(uniqueness, message = "already exists")]
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// When it was made.
    #[model(default = now)]
    pub created: Option<DateTime<Utc>>,
    /// When it was made, too: nothing changes it.
    #[model(default = now)]
    pub modified: Option<DateTime<Utc>>,
    /// Its members.
    #[relation(has_many, key = role_id)]
    pub principals: HasMany<RoleMapping>,
}

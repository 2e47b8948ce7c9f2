use chrono::{DateTime, Utc};
use rand::distr::{Alphanumeric, SampleString};

use crate::Model;

/// What a user who has logged in is known by (contract *users.md* §8). It is not served.
#[derive(Model, Clone, Debug, Default, PartialEq)]
#[model(crate = crate, public = false)]
#[acl(deny(all), to = everyone)]
pub struct AccessToken {
    /// The token itself: 64 letters and digits.
    #[model(id, default = secret)]
    pub id: String,
    /// For how many seconds it is valid; -1 is for ever, where the configuration allows it.
    #[model(default = 1_209_600)]
    pub ttl: Option<i64>,
    /// When it was made.
    #[model(default = now)]
    pub created: Option<DateTime<Utc>>,
    /// The id of its user.
    #[model(index)]
    pub user_id: Option<i64>,
    /// The id of the application that has it, or for which the user has it.
    #[model(hidden)]
    pub app_id: Option<String>,
    /// The name of its user's model, where there are several.
    #[model(hidden)]
    pub principal_type: Option<String>,
    /// What it is for, if it is not for everything that its user may do.
    #[model(hidden)]
    pub scopes: Option<Vec<String>>,
}

/// 64 letters and digits, 381 bits, that nobody can guess.
pub(super) fn secret() -> String {
    Alphanumeric.sample_string(&mut rand::rng(), 64)
}

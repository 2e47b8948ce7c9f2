use std::fmt;

use chrono::{DateTime, Utc};

use super::secret::token;
use crate::Model;

/// What a user who has logged in is known by (contract *users.md* §8). It is not served.
#[derive(Model, Clone, PartialEq)]
#[model(crate = crate, public = false)]
#[acl(deny(all), to = everyone)]
pub struct AccessToken {
    /// The token itself: 64 letters and digits.
    #[model(id, default = token)]
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

/// A new token of nobody, valid for 14 days.
impl Default for AccessToken {
    fn default() -> Self {
        AccessToken {
            id: token(),
            ttl: Some(1_209_600),
            created: Some(Utc::now()),
            user_id: None,
            app_id: None,
            principal_type: None,
            scopes: None,
        }
    }
}

// The id is a secret.
impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessToken")
            .field("ttl", &self.ttl)
            .field("created", &self.created)
            .field("user_id", &self.user_id)
            .field("app_id", &self.app_id)
            .finish_non_exhaustive()
    }
}

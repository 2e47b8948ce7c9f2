use std::fmt;

use chrono::{DateTime, Utc};

use crate::Model;

/// What a user shows beside the password at a login: codes of an authenticator (TOTP, RFC 6238). It is not served.
///
/// An application has this model where `users.totp` is configured. An instance that is deleted sets its user free: who has lost
/// both the authenticator and the recovery codes comes in by the password alone again.
#[derive(Model, Clone, Default, PartialEq)]
#[model(crate = crate, public = false)]
#[acl(deny(all), to = everyone)]
pub struct SecondFactor {
    /// Whose it is: the model and the id of the user, as in `Customer 5`.
    #[model(id)]
    pub id: String,
    /// What the authenticator knows, in base 32.
    #[model(hidden)]
    pub secret: String,
    /// Since when a login takes it; not yet, without one.
    pub confirmed: Option<DateTime<Utc>>,
    /// The half minute, since 1970, of the last code: a code is good for one login.
    #[model(hidden)]
    pub last_step: i64,
    /// How many codes have been taken: of two that come at once, one is.
    #[model(hidden)]
    pub uses: i64,
    /// Hashes of what may be sent in the place of a code, each once.
    #[model(hidden)]
    pub recovery_codes: Vec<String>,
}

// The secret is one.
impl fmt::Debug for SecondFactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecondFactor")
            .field("id", &self.id)
            .field("confirmed", &self.confirmed)
            .finish_non_exhaustive()
    }
}

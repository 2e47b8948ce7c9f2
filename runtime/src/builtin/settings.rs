//! How users are dealt with.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// How users register, log in and are logged out (contract *users.md* §1.1).
///
/// ```toml
/// [users]
/// ttl = "8h"
/// email_verification_required = true
/// redirects = ["https://shop.example"]
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct UsersConfig {
    /// How long a token is valid whose login does not say it; 14 days unless said.
    #[serde(with = "humantime_serde")]
    pub ttl: Duration,
    /// How long a token may be valid whatever a login asks for; a year unless said.
    #[serde(with = "humantime_serde")]
    pub max_ttl: Duration,
    /// How long a token is valid that is sent to who has forgotten a password; 15 minutes unless said.
    #[serde(with = "humantime_serde")]
    pub reset_password_ttl: Duration,
    /// Is the token that is sent to who has forgotten a password good for nothing but a new password (`POST
    /// /reset-password`)? LoopBack's, and this one unless said, is good for everything that the user may do; that of who has
    /// a second factor never is.
    pub restrict_reset_password: bool,
    /// Can only those log in whose address has been confirmed?
    pub email_verification_required: bool,
    /// Are addresses different that differ in their case? They are, unless said.
    pub case_sensitive_email: bool,
    /// May a login ask for a token that is valid for ever, by a `ttl` of -1?
    pub allow_eternal_tokens: bool,
    /// Must every login say a realm?
    pub realm_required: bool,
    /// What stands between the realm and the name, or the address, in a login: `:` for `shop:ann`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub realm_delimiter: Option<String>,
    /// Does every other session of a user end whose password or address changes? Unless said, it does; LoopBack's
    /// `logoutSessionsOnSensitiveChanges`.
    pub logout_on_sensitive_changes: bool,
    /// May users exchange their token for a new one (`POST /refresh`), and end all of their sessions at once (`POST
    /// /revoke-sessions`)? Not unless said; LoopBack has neither.
    pub session_methods: bool,
    /// May users protect their logins by a second factor? Not unless said; LoopBack has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub totp: Option<TotpConfig>,
    /// Is a new user sent a letter to confirm the address? Not unless said; `POST /{id}/verify`
    /// sends one too.
    pub verify_on_create: bool,
    /// Where a confirmation may lead: origins such as `https://shop.example`. Paths of the application itself always may.
    pub redirects: Vec<String>,
    /// The page that a letter about a forgotten password leads to, with `{token}` where the token belongs:
    /// `https://shop.example/reset#{token}`. Without one, no letter is sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reset_password_url: Option<String>,
    /// How many logins may fail for one address or name within [`login_window`](Self::login_window) before all are refused
    /// with 429; 20 unless said, 0 is any number. Each instance of the application counts for itself.
    pub login_attempts: u32,
    /// How long failed logins count; 15 minutes unless said.
    #[serde(with = "humantime_serde")]
    pub login_window: Duration,
    /// Where browsers reach the application, for links in letters: `https://api.shop.example`. Unless said, it is where the
    /// application listens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
}

/// Codes of an authenticator as a second factor (TOTP, RFC 6238).
///
/// A user asks for a secret (`POST /totp`, with the password), enters it into an authenticator and shows a code of it (`POST
/// /totp/confirm`), which answers recovery codes. From then on each login takes a code, as `totp` beside the password, until
/// `POST /totp/disable`. Who has forgotten the password sets a new one by `POST /reset-password`, since the token of a letter
/// is good for nothing else then.
///
/// ```toml
/// [users.totp]
/// issuer = "Shop"
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct TotpConfig {
    /// The name of the application, as authenticators show it; it holds no `:`.
    pub issuer: String,
}

impl TotpConfig {
    /// Codes for the application of this name.
    pub fn new(issuer: impl Into<String>) -> Self {
        TotpConfig {
            issuer: issuer.into(),
        }
    }
}

impl Default for UsersConfig {
    fn default() -> Self {
        UsersConfig {
            ttl: Duration::from_secs(1_209_600),
            max_ttl: Duration::from_secs(31_556_926),
            reset_password_ttl: Duration::from_secs(900),
            restrict_reset_password: false,
            email_verification_required: false,
            case_sensitive_email: true,
            allow_eternal_tokens: false,
            realm_required: false,
            realm_delimiter: None,
            logout_on_sensitive_changes: true,
            session_methods: false,
            totp: None,
            verify_on_create: false,
            redirects: Vec::new(),
            reset_password_url: None,
            login_attempts: 20,
            login_window: Duration::from_secs(15 * 60),
            base_url: None,
        }
    }
}

impl UsersConfig {
    /// Do users of several realms share addresses and names?
    pub(crate) fn has_realms(&self) -> bool {
        self.realm_required || self.realm_delimiter.is_some()
    }

    /// The methods of users that are not served, since nobody has asked for them.
    pub(crate) fn unasked_methods(&self) -> Vec<&'static str> {
        let session = ["refresh", "revokeSessions"];
        let totp = ["enableTotp", "confirmTotp", "disableTotp"];
        let session = session.iter().filter(|_| !self.session_methods);
        let totp = totp.iter().filter(|_| self.totp.is_none());
        session.chain(totp).copied().collect()
    }

    /// # Errors
    /// What is said can't be used.
    pub(crate) fn check(&self) -> Result<()> {
        match &self.totp {
            Some(totp) if totp.issuer.is_empty() || totp.issuer.contains(':') => Err(
                Error::internal("users.totp: `issuer` is the name of the application, without `:`"),
            ),
            _ => Ok(()),
        }
    }
}

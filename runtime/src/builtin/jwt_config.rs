//! How signed tokens are configured: the section `auth.jwt` of the configuration.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Signed tokens (JWT) that somebody else issues: they are verified without a data source, and stand for a user until they
/// expire. Nothing ends them before that.
///
/// ```toml
/// [auth.jwt]
/// algorithm = "RS256"
/// key = """-----BEGIN PUBLIC KEY-----
/// …
/// -----END PUBLIC KEY-----"""
/// issuer = "https://login.shop.example"
/// audience = "shop"
/// roles_claim = "roles"
/// ```
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct JwtConfig {
    /// How they are signed: `RS256`, `ES256`, `EdDSA`, `HS256` and the like. Tokens that are signed in another way are none.
    pub algorithm: String,
    /// The public key in PEM, or the secret of at least 32 bytes that both know (`HS256`).
    pub key: String,
    /// Who issues them (`iss`); anybody who has the key, unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// Whom they are for (`aud`); anybody, unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
    /// The claim with the id of the user; `sub`, unless said.
    #[serde(default = "subject")]
    pub user_claim: String,
    /// The claim with the roles of the user, a list or words with spaces between. Unless said, the data source knows the
    /// roles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roles_claim: Option<String>,
    /// The name of the model that the users are of, where there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
}

fn subject() -> String {
    "sub".to_owned()
}

impl JwtConfig {
    /// Tokens that are signed so, by this key.
    pub fn new(algorithm: impl Into<String>, key: impl Into<String>) -> Self {
        JwtConfig {
            algorithm: algorithm.into(),
            key: key.into(),
            issuer: None,
            audience: None,
            user_claim: subject(),
            roles_claim: None,
            model: None,
        }
    }
}

// The key may be a secret.
impl fmt::Debug for JwtConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtConfig")
            .field("algorithm", &self.algorithm)
            .field("issuer", &self.issuer)
            .field("audience", &self.audience)
            .finish_non_exhaustive()
    }
}

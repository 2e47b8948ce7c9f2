//! Signed tokens that others issue.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde_json::{Map, Value as Json};

use super::JwtConfig;
use crate::model::{ModelDef, PrincipalKind};
use crate::{Error, Result};

/// What verifies signed tokens.
pub(crate) struct Jwt {
    key: DecodingKey,
    validation: Validation,
    user_claim: String,
    roles_claim: Option<String>,
    /// The model of the users that tokens name.
    users: &'static ModelDef,
}

/// Whom a token stands for.
pub(super) struct Signed {
    pub user_id: String,
    pub users: &'static ModelDef,
    /// The roles that the token says, if it is tokens that say them.
    pub roles: Option<Vec<String>>,
    pub ends: DateTime<Utc>,
}

impl Jwt {
    /// # Errors
    /// The configuration can't be used, or nobody knows of which of `models` the users are that tokens name.
    pub fn new(config: &JwtConfig, models: &[&'static ModelDef]) -> Result<Self> {
        let unusable = |what: &str| Error::internal(format!("auth.jwt: {what}"));
        let algorithm = Algorithm::from_str(&config.algorithm).map_err(|error| {
            let what = "`algorithm` is none; write `HS256`, `RS256`, `ES256`, `EdDSA` or another of theirs";
            unusable(what).with_source(error)
        })?;
        let key = config.key.as_bytes();
        let key = match algorithm {
            Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512 if key.len() < 32 => {
                return Err(unusable(
                    "`key` is shorter than 32 bytes, which can be guessed",
                ));
            }
            Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512 => DecodingKey::from_secret(key),
            Algorithm::ES256 | Algorithm::ES384 => DecodingKey::from_ec_pem(key),
            Algorithm::EdDSA => DecodingKey::from_ed_pem(key),
            _ => DecodingKey::from_rsa_pem(key),
        };
        let key = key.map_err(|error| {
            unusable("`key` is no public key of this algorithm, in PEM").with_source(error)
        })?;
        let mut validation = Validation::new(algorithm);
        validation.set_required_spec_claims(&["exp"]);
        validation.leeway = 0;
        validation.validate_nbf = true;
        if let Some(issuer) = &config.issuer {
            validation.set_issuer(&[issuer]);
            validation.required_spec_claims.insert("iss".to_owned());
        }
        match &config.audience {
            Some(audience) => {
                validation.set_audience(&[audience]);
                validation.required_spec_claims.insert("aud".to_owned());
            }
            // What is for nobody in particular is for this application, too.
            None => validation.validate_aud = false,
        }
        let users = models.iter().copied();
        let mut users = users.filter(|def| def.principal == Some(PrincipalKind::User));
        let users = match &config.model {
            Some(name) => users.find(|def| def.name == name).ok_or_else(|| {
                unusable(&format!("`model`: there is no model of users `{name}`"))
            })?,
            None => match (users.next(), users.next()) {
                (Some(only), None) => only,
                (None, _) => {
                    return Err(unusable(
                        "there is no model of users; list one that extends `User` or says `#[model(principal = user)]`",
                    ));
                }
                (Some(_), Some(_)) => {
                    return Err(unusable(
                        "there are several models of users; name one as `model`",
                    ));
                }
            },
        };
        Ok(Jwt {
            key,
            validation,
            user_claim: config.user_claim.clone(),
            roles_claim: config.roles_claim.clone(),
            users,
        })
    }

    /// Whom the token stands for, if it is one that the key has signed.
    ///
    /// # Errors
    /// 401 when its time is over.
    pub(super) fn read(&self, token: &str) -> Result<Option<Signed>> {
        // Three parts: LoopBack's tokens have no dots.
        if token.split('.').count() != 3 {
            return Ok(None);
        }
        let claims = match decode::<Map<String, Json>>(token, &self.key, &self.validation) {
            Ok(token) => token.claims,
            Err(error) if *error.kind() == ErrorKind::ExpiredSignature => {
                return Err(Error::new(401, "Invalid Access Token").with_code("INVALID_TOKEN"));
            }
            // A token of somebody else's is none.
            Err(_) => return Ok(None),
        };
        let user_id = match claims.get(&self.user_claim) {
            Some(Json::String(id)) if !id.is_empty() => id.clone(),
            Some(Json::Number(id)) => id.to_string(),
            _ => return Ok(None),
        };
        let roles = self
            .roles_claim
            .as_ref()
            .map(|claim| match claims.get(claim) {
                Some(Json::Array(roles)) => roles
                    .iter()
                    .filter_map(Json::as_str)
                    .map(str::to_owned)
                    .collect(),
                // As OAuth writes lists.
                Some(Json::String(roles)) => roles.split_whitespace().map(str::to_owned).collect(),
                _ => Vec::new(),
            });
        let ends = claims.get("exp").and_then(Json::as_f64);
        // Rust cuts off what is too large.
        let ends = ends.and_then(|seconds| DateTime::from_timestamp(seconds as i64, 0));
        Ok(Some(Signed {
            ends: ends.unwrap_or(DateTime::<Utc>::MAX_UTC),
            user_id,
            users: self.users,
            roles,
        }))
    }
}

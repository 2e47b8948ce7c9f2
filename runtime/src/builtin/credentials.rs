//! What a login consists of (contract *users.md* §5 and §9).

use std::fmt;

use serde_json::Value as Json;

use super::settings::UsersConfig;
use crate::{Error, Result};

/// What somebody who logs in has sent.
pub(super) struct Credentials {
    pub identity: Identity,
    /// What is no text is no password.
    pub password: Option<String>,
    /// A code of the second factor.
    pub totp: Option<String>,
    /// For how many seconds the token is to be valid; -1 is for ever.
    pub ttl: i64,
}

/// Who somebody says to be.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Identity {
    /// `email` or `username`.
    pub property: &'static str,
    pub value: String,
    pub realm: Option<String>,
}

// Names may hold anything: the length keeps them apart.
impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let realm = self.realm.as_deref().unwrap_or_default();
        write!(
            f,
            "{} {} {realm} {}",
            self.property,
            realm.len(),
            self.value
        )
    }
}

impl Credentials {
    /// # Errors
    /// 400 when there is neither an address nor a name, or something is no text that must be one.
    pub fn read(sent: &Json, settings: &UsersConfig) -> Result<Self> {
        if let Json::String(text) = sent {
            let message =
                format!("invalid value for argument 'credentials' of type 'object': {text}");
            return Err(Error::new(400, message));
        }
        let mut realm = text(sent, "realm", "Invalid realm", "INVALID_REALM")?;
        let email = text(sent, "email", "Invalid email", "INVALID_EMAIL")?;
        let name = text(sent, "username", "Invalid username", "INVALID_USERNAME")?;
        let given = email.map(|email| ("email", email));
        let given = given.or_else(|| name.map(|name| ("username", name)));
        let (property, value) = match (given, &settings.realm_delimiter) {
            (Some((property, value)), Some(delimiter)) => match value.split_once(delimiter) {
                Some((prefix, rest)) => {
                    realm = Some(prefix.to_owned());
                    (property, rest.to_owned())
                }
                None => (property, value),
            },
            (Some(given), None) => given,
            (None, _) => ("", String::new()),
        };
        if settings.realm_required && realm.is_none() {
            return Err(Error::new(400, "realm is required").with_code("REALM_REQUIRED"));
        }
        if value.is_empty() {
            let message = "username or email is required";
            return Err(Error::new(400, message).with_code("USERNAME_EMAIL_REQUIRED"));
        }
        let totp = sent.get("totp").and_then(|code| match code {
            Json::String(code) => Some(code.clone()),
            // Its zeros at the front are lost.
            Json::Number(code) => Some(format!("{:0>6}", code.to_string())),
            _ => None,
        });
        Ok(Credentials {
            identity: Identity {
                property,
                value,
                realm,
            },
            password: sent
                .get("password")
                .and_then(Json::as_str)
                .map(str::to_owned),
            totp,
            ttl: ttl(sent.get("ttl"), settings)?,
        })
    }
}

/// A member that is text, if it is there.
fn text(sent: &Json, name: &str, message: &str, code: &str) -> Result<Option<String>> {
    match sent.get(name) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::String(text)) if text.is_empty() => Ok(None),
        Some(Json::String(text)) => Ok(Some(text.clone())),
        // A condition, such as `{"like": "%"}`, would find somebody else.
        Some(_) => Err(Error::new(400, message).with_code(code)),
    }
}

/// For how many seconds a token is to be valid (contract *users.md* §5; ruling: what is no such number is refused).
fn ttl(sent: Option<&Json>, settings: &UsersConfig) -> Result<i64> {
    let most = super::accounts::seconds(settings.max_ttl);
    let usual = super::accounts::seconds(settings.ttl).min(most);
    let number = match sent {
        None | Some(Json::Null) => return Ok(usual),
        Some(Json::String(text)) if text.is_empty() => return Ok(usual),
        Some(Json::String(text)) => text.trim().parse().ok(),
        Some(number) => number.as_f64(),
    };
    match number {
        Some(0.0) => Ok(usual),
        // Of no use unless the configuration allows it, as LoopBack has it.
        Some(-1.0) => Ok(-1),
        // Rust cuts off what is too large.
        Some(seconds) if seconds > 0.0 => Ok((seconds.ceil() as i64).min(most)),
        _ => {
            let message = "ttl is the number of seconds for which the token is to be valid";
            Err(Error::new(400, message).with_code("INVALID_TTL"))
        }
    }
}

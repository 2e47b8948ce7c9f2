//! The second factor of a login: codes of an authenticator (RFC 6238), or recovery codes.

use std::time::{SystemTime, UNIX_EPOCH};

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use chrono::Utc;
use serde_json::{Value as Json, json};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use totp_rs::{Builder, Secret, Totp};

use super::account::delete_tokens;
use super::accounts::{Accounts, Guessed};
use super::{SecondFactor, secret};
use crate::access::Caller;
use crate::model::{Record, Value, id_text};
use crate::query::{Comparison, Condition};
use crate::repository::{Patch, Repository};
use crate::{Error, Model as _, Result};

/// How many recovery codes somebody gets.
const RECOVERY_CODES: usize = 10;

impl Accounts {
    /// A new secret for the authenticator of the caller, who knows the password. No login takes it yet.
    pub async fn enable_totp(&self, caller: &Caller, password: String) -> Result<Response> {
        let factors = self.factors()?;
        let user = self.calling_with(caller, password).await?;
        let id = self.factor_id(&self.def().id_of(&user));
        // In this order, so that one that is confirmed meanwhile stays.
        let unconfirmed = SecondFactor::CONFIRMED.eq(None);
        let own = SecondFactor::ID.eq(id.as_str());
        factors.delete_all(own.and(unconfirmed)).await?;
        let found = factors.find_by_id(id.clone()).await?;
        if found.is_some_and(|factor| factor.confirmed.is_some()) {
            let message = "Logins take codes of an authenticator already; call totp/disable first";
            return Err(Error::new(409, message).with_code("TOTP_ENABLED"));
        }
        let settings = self.users.settings.totp.as_ref();
        let totp = Builder::new()
            .with_secret(Secret::generate())
            .with_account_name(self.account_name(&user)?)
            .with_issuer(settings.map(|totp| totp.issuer.as_str()))
            .build();
        let unusable = |error| Error::internal("no secret can be made").with_source(error);
        let totp = totp.map_err(unusable)?;
        let secret = totp.secret().to_base32();
        let answer = json!({"secret": secret, "url": totp.to_url().map_err(unusable)?});
        let factor = SecondFactor {
            id,
            secret,
            // A code of the secret before this one is none of this one.
            uses: i64::from(secret::number()),
            ..SecondFactor::default()
        };
        factors.create(factor).await?;
        Ok(told_once(&answer))
    }

    /// From now on a login of the caller takes codes of the authenticator, of which this is one.
    pub async fn confirm_totp(&self, caller: &Caller, code: &str) -> Result<Response> {
        let factors = self.factors()?;
        let user = self.calling(caller).await?;
        let factor = self.factor(&user).await?;
        let factor = factor.filter(|factor| factor.confirmed.is_none());
        let Some(factor) = factor else {
            let message = "There is no secret to confirm; call totp first";
            return Err(Error::new(409, message).with_code("TOTP_NOT_BEGUN"));
        };
        self.begin(&self.code_attempt(&user), Guessed::Code)?;
        let step = step(&factor, code)?.ok_or_else(invalid)?;
        let codes: [String; RECOVERY_CODES] = std::array::from_fn(|_| secret::hexadecimal::<10>());
        let changes = Patch::new()
            .set(SecondFactor::CONFIRMED, Some(Utc::now()))
            .set(SecondFactor::LAST_STEP, step)
            .set(
                SecondFactor::RECOVERY_CODES,
                codes.iter().map(|code| hash(code)).collect::<Vec<_>>(),
            );
        take(&factors, &factor, changes).await?;
        self.forget_codes(&user);
        if self.users.settings.logout_on_sensitive_changes {
            // What was opened by the password alone ends.
            let own = caller.token().map(|token| token.id.as_str());
            delete_tokens(&self.repository, vec![self.def().id_of(&user)], own).await?;
        }
        Ok(told_once(&json!({"recoveryCodes": codes})))
    }

    /// A login of the caller, who knows the password and a code, takes the password alone again.
    pub async fn disable_totp(&self, caller: &Caller, password: String, code: &str) -> Result<()> {
        let user = self.calling_with(caller, password).await?;
        self.take_second_factor(&user, Some(code)).await?;
        self.forget_second_factors(&[self.def().id_of(&user)]).await
    }

    /// Takes the code of who has a second factor.
    ///
    /// # Errors
    /// 401 when there is no code, or it is not valid, or not any more.
    pub(super) async fn take_second_factor(&self, user: &Record, code: Option<&str>) -> Result<()> {
        let factor = self.factor(user).await?;
        let factor = factor.filter(|factor| factor.confirmed.is_some());
        let Some(factor) = factor else {
            return Ok(());
        };
        let Some(code) = code else {
            let message = "The login takes a code of the authenticator, as `totp`";
            return Err(Error::new(401, message).with_code("TOTP_REQUIRED"));
        };
        self.begin(&self.code_attempt(user), Guessed::Code)?;
        let changes = if let Some(step) = step(&factor, code)? {
            Patch::new().set(SecondFactor::LAST_STEP, step)
        } else {
            let mut codes = factor.recovery_codes.clone();
            let sent = hash(code);
            codes.retain(|code| !bool::from(code.as_bytes().ct_eq(sent.as_bytes())));
            if codes.len() == factor.recovery_codes.len() {
                return Err(invalid());
            }
            Patch::new().set(SecondFactor::RECOVERY_CODES, codes)
        };
        take(&self.factors()?, &factor, changes).await?;
        self.forget_codes(user);
        Ok(())
    }

    fn forget_codes(&self, user: &Record) {
        self.users.throttle.forget(&self.code_attempt(user));
    }

    /// The name under which attempts to guess a code are counted, apart from those to guess the password.
    fn code_attempt(&self, user: &Record) -> String {
        format!("code of {}", self.attempt(user))
    }

    /// What an authenticator calls the user.
    fn account_name(&self, user: &Record) -> Result<String> {
        for property in ["email", "username"] {
            let name = self.text(user, property)?;
            // A colon would end the name of the issuer.
            let name = name.map(|name| name.replace(':', ""));
            if let Some(name) = name.filter(|name| !name.is_empty()) {
                return Ok(name);
            }
        }
        Ok(id_text(&self.def().id_of(user)).replace(':', ""))
    }

    /// Does a login of this user take a code?
    pub(super) async fn has_second_factor(&self, user: &Record) -> Result<bool> {
        let factor = self.factor(user).await?;
        Ok(factor.is_some_and(|factor| factor.confirmed.is_some()))
    }

    /// Deletes the second factors of these users.
    pub(super) async fn forget_second_factors(&self, users: &[Value]) -> Result<()> {
        if self.users.settings.totp.is_none() {
            return Ok(());
        }
        let ids = users.iter().map(|id| Value::String(self.factor_id(id)));
        let ids = Comparison::In(ids.collect());
        let factors = self.factors()?;
        let condition = Condition::compare(SecondFactor::DEF.id_index(), ids);
        factors.delete_all(condition).await.map(drop)
    }

    /// The second factor of this user, in force or not.
    async fn factor(&self, user: &Record) -> Result<Option<SecondFactor>> {
        if self.users.settings.totp.is_none() {
            return Ok(None);
        }
        let id = self.factor_id(&self.def().id_of(user));
        self.factors()?.find_by_id(id).await
    }

    fn factor_id(&self, user: &Value) -> String {
        format!("{} {}", self.def().name, id_text(user))
    }

    fn factors(&self) -> Result<Repository<SecondFactor>> {
        let factors = self.repository.derived_from(SecondFactor::DEF);
        let factors = factors.ok_or_else(|| {
            Error::internal(
                "the application has no model of second factors; configure `users.totp`",
            )
        })?;
        Ok(Repository::new(factors))
    }
}

/// The half minute of this code, if it is one of the authenticator's, and later than the last.
fn step(factor: &SecondFactor, code: &str) -> Result<Option<i64>> {
    let unusable = |error: &dyn std::fmt::Display| {
        Error::internal("a second factor can't be used").with_source(error.to_string())
    };
    let secret = Secret::try_from_base32(&factor.secret).map_err(|error| unusable(&error))?;
    let totp: Totp = Builder::new()
        .with_secret(secret)
        .build()
        .map_err(|error| unusable(&error))?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.map_err(|error| unusable(&error))?.as_secs();
    let step = totp.check(code, now).map(|step| step as i64);
    Ok(step.filter(|step| *step > factor.last_step))
}

/// Changes the factor, unless another code has been taken meanwhile.
async fn take(
    factors: &Repository<SecondFactor>,
    factor: &SecondFactor,
    changes: Patch<SecondFactor>,
) -> Result<()> {
    let unused = SecondFactor::ID
        .eq(factor.id.as_str())
        .and(SecondFactor::USES.eq(factor.uses));
    let changes = changes.set(SecondFactor::USES, factor.uses + 1);
    match factors.update_all(unused, changes).await? {
        0 => Err(invalid()),
        _ => Ok(()),
    }
}

/// An answer with secrets, which nobody keeps for another time.
fn told_once(answer: &Json) -> Response {
    let mut response = Response::new(Body::from(answer.to_string()));
    let headers = response.headers_mut();
    let json = HeaderValue::from_static("application/json; charset=utf-8");
    headers.insert(header::CONTENT_TYPE, json);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn invalid() -> Error {
    let message = "The code is not valid, or has been used; wait for the next one";
    Error::new(401, message).with_code("TOTP_INVALID")
}

/// Recovery codes are random: a hash that is made fast can't be guessed.
fn hash(code: &str) -> String {
    let digest = Sha256::digest(code.trim().to_lowercase());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

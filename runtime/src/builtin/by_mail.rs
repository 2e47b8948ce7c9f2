//! What users do by mail: they confirm their address, and ask for a new password (contract *users.md* §7 and §10).

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::Value as Json;
use subtle::ConstantTimeEq as _;

use super::account::position;
use super::accounts::{Accounts, RESET_PASSWORD, seconds};
use super::credentials::Identity;
use super::letter::{LetterKind, UserLetter};
use super::service::PasswordReset;
use super::{password, secret};
use crate::mail::{Email, Mailer};
use crate::model::{Record, Value, id_text};
use crate::query::Condition;
use crate::{Error, Result};

impl Accounts {
    /// Takes the word of a letter for the user's address (contract *users.md* §7.1).
    pub async fn confirm(
        &self,
        uid: &str,
        token: &str,
        redirect: Option<&str>,
    ) -> Result<Response> {
        if uid.is_empty() {
            return Err(Error::new(400, "uid is a required argument"));
        }
        if let Some(redirect) = redirect
            && !self.may_lead_to(redirect)
        {
            let message = "A confirmation leads to a path of this application, or to one of its `users.redirects`";
            return Err(Error::new(400, message).with_code("INVALID_REDIRECT"));
        }
        let def = self.def();
        let id = def.id().ty.from_json(uid.into()).ok();
        let user = match id {
            Some(id) => self.repository.stored(&id).await?,
            None => None,
        };
        let Some(user) = user else {
            let message = format!("User not found: {uid}");
            return Err(Error::new(404, message).with_code("USER_NOT_FOUND"));
        };
        let expected = self.text(&user, "verificationToken")?;
        let right = expected.is_some_and(|expected| {
            !token.is_empty() && expected.as_bytes().ct_eq(token.as_bytes()).into()
        });
        if !right {
            let message = format!("Invalid token: {token}");
            return Err(Error::new(400, message).with_code("INVALID_TOKEN"));
        }
        let mut changes = Record::new(def);
        changes.set(position(def, "verificationToken")?, Value::Null);
        changes.set(position(def, "emailVerified")?, Value::Boolean(true));
        let condition = Condition::of_id(def, &def.id_of(&user));
        self.repository.store(&condition, &changes).await?;
        let mut response = Response::default();
        *response.status_mut() = StatusCode::NO_CONTENT;
        if let Some(redirect) = redirect {
            let location = HeaderValue::from_str(redirect)
                .map_err(|_| Error::new(400, "redirect is no URL").with_code("INVALID_REDIRECT"))?;
            *response.status_mut() = StatusCode::FOUND;
            response.headers_mut().insert(header::LOCATION, location);
        }
        // As LoopBack says, of nothing.
        let json = HeaderValue::from_static("application/json; charset=utf-8");
        response.headers_mut().insert(header::CONTENT_TYPE, json);
        Ok(response)
    }

    /// Is it a path of the application, or of an origin that the configuration names?
    fn may_lead_to(&self, redirect: &str) -> bool {
        // Browsers take `\` for `/`, and `//host` for another host.
        let path = redirect.starts_with('/')
            && !redirect[1..].starts_with(['/', '\\'])
            && !redirect.contains(|letter: char| letter.is_ascii_control());
        let mut origins = self.users.settings.redirects.iter();
        path || origins.any(|origin| {
            let rest = redirect.strip_prefix(origin.trim_end_matches('/'));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']))
        })
    }

    /// Makes a token for who has forgotten a password, and tells the application (contract *users.md* §7.2).
    pub async fn request_reset(&self, options: Json) -> Result<()> {
        let settings = &self.users.settings;
        let given = |name: &str| options.get(name).and_then(Json::as_str);
        let Some(email) = given("email").filter(|email| !email.is_empty()) else {
            return Err(Error::new(400, "Email is required").with_code("EMAIL_REQUIRED"));
        };
        if let Some(password) = given("password") {
            password::check(password)?;
        }
        let identity = Identity {
            property: "email",
            value: email.to_owned(),
            realm: given("realm").map(str::to_owned),
        };
        let identity = self.sought(identity);
        let mut condition = self.named(&identity)?;
        // Unlike a login, which says none for none.
        if identity.realm.is_some() {
            condition = condition.and(self.within(&identity)?);
        }
        let Some(user) = self.find(condition).await? else {
            return Err(Error::new(404, "Email not found").with_code("EMAIL_NOT_FOUND"));
        };
        if settings.email_verification_required && !self.is_verified(&user)? {
            return Err(Error::new(401, "Email has not been verified")
                .with_code("RESET_FAILED_EMAIL_NOT_VERIFIED"));
        }
        // Who reads mail has one of two factors, which is not enough to log in.
        let scopes = settings.restrict_reset_password || self.has_second_factor(&user).await?;
        let scopes = scopes.then(|| vec![RESET_PASSWORD.to_owned()]);
        let ttl = seconds(settings.reset_password_ttl);
        let token = self.new_token(&user, ttl, scopes).await?;
        let access_token = token["id"].as_str().unwrap_or_default().to_owned();
        let email = self.text(&user, "email")?.unwrap_or_default();
        if let (Some(mailer), Some(url)) = (&self.users.mailer, &settings.reset_password_url) {
            let letter = UserLetter {
                kind: LetterKind::ResetPassword,
                to: email.clone(),
                href: url.replace("{token}", &access_token),
                user: self.shown(&user)?,
            };
            mailer.send(self.users.write(&letter)).await?;
        }
        match &self.users.on_reset {
            Some(handle) => {
                handle(PasswordReset {
                    email,
                    access_token,
                    user: self.shown(&user)?,
                    options,
                })
                .await
            }
            None => Ok(()),
        }
    }

    /// Sends the user with this id a letter to confirm the address (contract *users.md* §10).
    pub async fn verify(&self, id: &str) -> Result<()> {
        let given = Value::String(id.to_owned());
        let id = self.def().id().ty.from_json(id.into()).unwrap_or(given);
        let letter = self.letter_to_verify(&id).await?;
        self.send(letter).await
    }

    /// The letter to the user with this id about the address, once its token is stored.
    pub async fn letter_to_verify(&self, id: &Value) -> Result<Email> {
        let def = self.def();
        let user = self.repository.stored(id).await?;
        let user = user.ok_or_else(|| crate::repository::not_found(id))?;
        let email_at = position(def, "email")?;
        let email = self.text(&user, "email")?.unwrap_or_default();
        let token = secret::hexadecimal::<64>();
        let mut changes = Record::new(def);
        changes.set(
            position(def, "verificationToken")?,
            Value::String(token.clone()),
        );
        // The token is for who reads mail to this address, and to no other.
        let address = Condition::equal(email_at, Value::String(email.clone()));
        let condition = Condition::of_id(def, id).and(address);
        if self.repository.store(&condition, &changes).await? == 0 {
            let message = "The address has changed meanwhile; ask for the letter again";
            return Err(Error::new(409, message).with_code("EMAIL_CHANGED"));
        }
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("uid", &id_text(id))
            .append_pair("redirect", "/")
            .append_pair("token", &token)
            .finish();
        let href = format!("{}/{}/confirm?{query}", self.users.api_url, def.path);
        Ok(self.users.write(&UserLetter {
            kind: LetterKind::Verify,
            to: email,
            href,
            user: self.shown(&user)?,
        }))
    }

    pub async fn send(&self, letter: Email) -> Result<()> {
        self.mailer()?.send(letter).await
    }

    fn mailer(&self) -> Result<&Mailer> {
        self.users.mailer.as_deref().ok_or_else(|| {
            Error::internal(
                "no e-mail can be sent; say how in the section `mail` of the configuration",
            )
        })
    }
}

use std::fmt;

use axum::response::Response;
use chrono::{DateTime, Utc};
use serde_json::Value as Json;

use super::accounts::Accounts;
use super::{AccessToken, password};
use crate::hook::{Access, Delete, Save};
use crate::model::HasMany;
use crate::{Context, Model, Result};

/// Somebody who registers, logs in and is called by a token (contract *users.md*).
///
/// A model of one's own extends it and has all that it can do, with its rules: everybody may register and log in, and each
/// may see, change and delete themselves.
///
/// ```
/// use loopwright::builtin::User;
/// use loopwright::prelude::*;
/// use serde_json::json;
///
/// /// Somebody who buys.
/// #[derive(Model, Clone, Debug)]
/// struct Customer {
///     #[model(base)]
///     user: User,
///     city: Option<String>,
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> loopwright::Result<()> {
/// let app = App::new().data_source("db", "memory:").models::<(Customer,)>().build().await?;
/// let customers = app.repository::<Customer>()?;
/// let ann = Customer {
///     user: User::new("ann@shop.example", "correct horse"),
///     city: Some("Bern".into()),
/// };
/// let ann = customers.create(ann).await?;
/// assert!(ann.user.has_password("correct horse").await?);
/// # Ok(())
/// # }
/// ```
#[derive(Model, Clone, Default, PartialEq)]
#[model(crate = crate, principal = user)]
#[acl(deny(all), to = everyone)]
#[acl(allow(create, login, logout, confirm, reset_password), to = everyone)]
#[acl(
    allow(change_password, set_password, refresh, revoke_sessions, enable_totp, confirm_totp, disable_totp),
    to = authenticated
)]
#[acl(
    allow(find_by_id, update_attributes, replace_by_id, delete_by_id, verify),
    to = owner
)]
pub struct User {
    /// What keeps apart users of several kinds who may have one e-mail address or name.
    pub realm: Option<String>,
    /// A name to log in with.
    #[validate(uniqueness, message = "User already exists", allow_blank)]
    pub username: Option<String>,
    /// The hash of the password. A new password that is stored here becomes one.
    #[model(hidden)]
    #[validate(presence)]
    pub password: String,
    /// The e-mail address, to log in with and to write to.
    #[validate(presence)]
    #[validate(uniqueness, message = "Email already exists")]
    #[validate(
        format(email),
        code = "custom.email",
        message = "is invalid",
        allow_blank
    )]
    pub email: String,
    /// Has somebody who reads mail to this address confirmed it? Callers can't say so.
    #[model(read_only)]
    pub email_verified: Option<bool>,
    /// What the letter to confirm the address holds.
    #[model(hidden, read_only)]
    pub verification_token: Option<String>,
    /// For the application's own use.
    pub status: Option<String>,
    /// For the application's own use.
    pub created: Option<DateTime<Utc>>,
    /// For the application's own use.
    pub last_updated: Option<DateTime<Utc>>,
    /// The id.
    #[model(id, generated)]
    pub id: i64,
    /// The tokens of those who have logged in as this user.
    #[relation(has_many, key = user_id, disable_include)]
    pub access_tokens: HasMany<AccessToken>,
}

// The password, until it is stored, and what letters hold are secrets.
impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User")
            .field("id", &self.id)
            .field("realm", &self.realm)
            .field("username", &self.username)
            .field("email", &self.email)
            .finish_non_exhaustive()
    }
}

impl User {
    /// A new user with this address and this password, which is hashed when it is stored.
    pub fn new(email: impl Into<String>, password: impl Into<String>) -> Self {
        User {
            email: email.into(),
            password: password.into(),
            ..User::default()
        }
    }

    /// Is this the password of the user, as stored?
    ///
    /// # Errors
    /// No password can be hashed.
    pub async fn has_password(&self, password: &str) -> Result<bool> {
        let verified = password::verify(password.to_owned(), Some(self.password.clone())).await?;
        Ok(verified != password::Verified::No)
    }
}

#[crate::methods(crate = crate)]
impl User {
    /// Login a user with username/email and password.
    #[remote(post = "/login")]
    async fn login(
        cx: &Context,
        #[arg(body)] credentials: Json,
        #[arg(query)] include: Option<Json>,
    ) -> Result<Json> {
        Accounts::of(cx.own())?
            .login(&credentials, include.as_ref())
            .await
    }

    /// Logout a user with access token.
    #[remote(post = "/logout")]
    async fn logout(cx: &Context) -> Result<()> {
        Accounts::of(cx.own())?.logout(cx.caller()).await
    }

    /// Confirm a user registration with email verification token.
    #[remote(get = "/confirm")]
    async fn confirm(
        cx: &Context,
        #[arg(query)] uid: String,
        #[arg(query)] token: String,
        #[arg(query)] redirect: Option<String>,
    ) -> Result<Response> {
        Accounts::of(cx.own())?
            .confirm(&uid, &token, redirect.as_deref())
            .await
    }

    /// Reset password for a user with email.
    #[remote(post = "/reset")]
    async fn reset_password(cx: &Context, #[arg(body)] options: Json) -> Result<()> {
        Accounts::of(cx.own())?.request_reset(options).await
    }

    /// Change a user's password.
    #[remote(post = "/change-password")]
    async fn change_password(
        cx: &Context,
        #[arg(form)] old_password: String,
        #[arg(form)] new_password: String,
    ) -> Result<()> {
        let accounts = Accounts::of(cx.own())?;
        accounts
            .change_password(cx.caller(), old_password, new_password)
            .await
    }

    /// Reset user's password via a password-reset token.
    #[remote(post = "/reset-password", scopes("DEFAULT", "reset-password"))]
    async fn set_password(cx: &Context, #[arg(form)] new_password: String) -> Result<()> {
        Accounts::of(cx.own())?
            .set_password(cx.caller(), new_password)
            .await
    }

    /// Exchange the access token for a new one.
    #[remote(post = "/refresh")]
    async fn refresh(cx: &Context) -> Result<Json> {
        Accounts::of(cx.own())?.refresh(cx.caller()).await
    }

    /// End every session of the user, this one too.
    #[remote(post = "/revoke-sessions")]
    async fn revoke_sessions(cx: &Context) -> Result<()> {
        Accounts::of(cx.own())?.revoke_sessions(cx.caller()).await
    }

    /// Begin to protect logins by codes of an authenticator: answers what it has to know, for who sends the password.
    #[remote(post = "/totp")]
    async fn enable_totp(cx: &Context, #[arg(form)] password: String) -> Result<Response> {
        let accounts = Accounts::of(cx.own())?;
        accounts.enable_totp(cx.caller(), password).await
    }

    /// Protect logins from now on, for who sends a code of the authenticator: answers recovery codes.
    #[remote(post = "/totp/confirm")]
    async fn confirm_totp(cx: &Context, #[arg(form)] code: String) -> Result<Response> {
        Accounts::of(cx.own())?
            .confirm_totp(cx.caller(), &code)
            .await
    }

    /// Protect logins by the password alone again, for who sends it and a code.
    #[remote(post = "/totp/disable")]
    async fn disable_totp(
        cx: &Context,
        #[arg(form)] password: String,
        #[arg(form)] code: String,
    ) -> Result<()> {
        let accounts = Accounts::of(cx.own())?;
        accounts.disable_totp(cx.caller(), password, &code).await
    }

    /// Trigger user's identity verification with configured verifyOptions.
    // Not of `self`: definitions may have given users ids of another type.
    #[remote(post = "/{id}/verify")]
    async fn verify(cx: &Context, #[arg(path)] id: String) -> Result<()> {
        Accounts::of(cx.own())?.verify(&id).await
    }

    /// Addresses are compared without their case, where the configuration says so.
    #[hook(access)]
    async fn fold_email(cx: &mut Access<'_, Self>) -> Result<()> {
        super::account::fold_email(cx)
    }

    #[hook(before_save)]
    async fn protect(cx: &mut Save<'_, Self>) -> Result<()> {
        super::account::protect(cx).await
    }

    #[hook(after_save)]
    async fn welcome(cx: &mut Save<'_, Self>) -> Result<()> {
        super::account::welcome(cx).await
    }

    #[hook(after_save)]
    async fn end_sessions(cx: &mut Save<'_, Self>) -> Result<()> {
        super::account::end_sessions(cx).await
    }

    #[hook(before_delete)]
    async fn delete_tokens(cx: &mut Delete<'_, Self>) -> Result<()> {
        super::account::forget(cx).await
    }
}

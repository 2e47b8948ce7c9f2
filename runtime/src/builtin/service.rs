//! What the application shares with its models of users.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use serde_json::Value as Json;

use super::letter::{self, UserLetter};
use super::settings::UsersConfig;
use super::throttle::Throttle;
use crate::mail::{Email, Mailer};
use crate::repository::ErasedRepository;
use crate::{Error, Result};

/// What is to happen when somebody has forgotten a password: the application sends a letter, say.
///
/// [`App::on_password_reset`](crate::App::on_password_reset) says what is done with it.
#[derive(Clone)]
#[non_exhaustive]
pub struct PasswordReset {
    /// The user's address.
    pub email: String,
    /// The id of a token, by which the user may set a new password.
    pub access_token: String,
    /// The user, without hidden properties.
    pub user: Json,
    /// What the caller has sent, the address included.
    pub options: Json,
}

// The token is a secret.
impl std::fmt::Debug for PasswordReset {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PasswordReset").finish_non_exhaustive()
    }
}

/// What is done with a [`PasswordReset`].
pub(crate) type ResetHandler =
    dyn Fn(PasswordReset) -> BoxFuture<'static, Result<()>> + Send + Sync;

/// What writes letters to users.
pub(crate) type LetterWriter = dyn Fn(&UserLetter) -> Email + Send + Sync;

/// What models of users need beside their data source.
pub(crate) struct Users {
    pub settings: UsersConfig,
    pub(super) throttle: Throttle,
    pub mailer: Option<Arc<Mailer>>,
    pub on_reset: Option<Arc<ResetHandler>>,
    pub letters: Option<Arc<LetterWriter>>,
    /// Where the models are served, for links in letters: `http://localhost:3000/api`.
    pub api_url: String,
    /// Are there several models of users? Then tokens say of which one.
    pub several: bool,
}

impl Users {
    pub fn new(settings: UsersConfig, api_url: String) -> Self {
        Users {
            throttle: Throttle::new(settings.login_window),
            settings,
            mailer: None,
            on_reset: None,
            letters: None,
            api_url,
            several: false,
        }
    }

    /// That of the application of `repository`.
    ///
    /// # Errors
    /// It has none, which can't be.
    pub fn of(repository: &ErasedRepository) -> Result<&Arc<Users>> {
        let service = repository.service::<Arc<Users>>();
        service.ok_or_else(|| Error::internal("the application knows nothing of users"))
    }

    /// The letter as it is sent.
    pub fn write(&self, letter: &UserLetter) -> Email {
        match &self.letters {
            Some(write) => write(letter),
            None => letter::usual(letter),
        }
    }

    /// Have addresses no case?
    pub fn folds_email(&self) -> bool {
        !self.settings.case_sensitive_email
    }
}

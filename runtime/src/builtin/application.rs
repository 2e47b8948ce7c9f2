use std::fmt;

use chrono::{DateTime, Utc};
use serde_json::Value as Json;
use subtle::ConstantTimeEq as _;

use super::secret::hexadecimal;
use crate::hook::Save;
use crate::repository::{Patch, Repository};
use crate::{Model, Result};

/// A program that calls on its own behalf (contract *users.md* §11): a mobile application, a job. It is not served.
///
/// Where an application lists this model, whoever sends `X-Api-Key: <id>:<key>`, with one of its keys, is this program: a
/// rule for `app("<id>")` is about it, and so are roles that it is a member of. [`scopes`](Self::scopes) says what its keys are
/// for, [`rate_limit`](Self::rate_limit) how often they may be used.
///
/// ```
/// use loopwright::builtin::Application as Client;
/// use loopwright::prelude::*;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> loopwright::Result<()> {
/// let app = App::new().data_source("db", "memory:").models::<(Client,)>().build().await?;
/// let clients = app.repository::<Client>()?;
/// let client = Client::register(&clients, "ann", "Night job").await?;
/// let key = client.rest_api_key.clone().unwrap();
///
/// let known = Client::authenticate(&clients, &client.id, &key).await?;
/// assert_eq!(known.map(|(client, kind)| (client.name, kind)), Some(("Night job".into(), "restApiKey")));
/// assert!(Client::authenticate(&clients, &client.id, "guess").await?.is_none());
/// # Ok(())
/// # }
/// ```
#[derive(Model, Clone, Default, PartialEq)]
#[model(crate = crate, public = false, principal = app)]
#[acl(deny(all), to = everyone)]
pub struct Application {
    /// The id: 32 hexadecimal digits.
    #[model(id, default = new_id)]
    pub id: String,
    /// What keeps apart applications of several kinds.
    pub realm: Option<String>,
    /// What it is called.
    #[validate(presence)]
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Where its icon is.
    pub icon: Option<String>,
    /// The id of its owner.
    pub owner: Option<String>,
    /// The ids of those who work on it.
    pub collaborators: Option<Vec<String>>,
    /// Where its owner is reached.
    pub email: Option<String>,
    /// Has that address been confirmed?
    #[model(read_only)]
    pub email_verified: Option<bool>,
    /// Where it is.
    pub url: Option<String>,
    /// Where a login with it may lead.
    pub callback_urls: Option<Vec<String>>,
    /// For the application's own use.
    pub permissions: Option<Vec<String>>,
    /// A key for programs on devices.
    #[model(read_only)]
    pub client_key: Option<String>,
    /// A key for scripts.
    #[model(read_only)]
    pub java_script_key: Option<String>,
    /// A key for calls over HTTP.
    #[model(read_only)]
    pub rest_api_key: Option<String>,
    /// A key for programs on Windows.
    #[model(read_only)]
    pub windows_key: Option<String>,
    /// A key for everything.
    #[model(read_only)]
    pub master_key: Option<String>,
    /// How messages are pushed to it.
    pub push_settings: Option<Json>,
    /// May it log in by its keys?
    #[model(default = true)]
    pub authentication_enabled: bool,
    /// For the application's own use.
    #[model(default = true)]
    pub anonymous_allowed: bool,
    /// For the application's own use.
    pub authentication_schemes: Option<Json>,
    /// For the application's own use.
    #[model(default = "sandbox")]
    pub status: Option<String>,
    /// What its keys are for: kinds of access (`READ`), models (`Shop`) and methods (`Shop.find`); everything, unless said.
    pub scopes: Option<Vec<String>>,
    /// How many calls a minute are answered; any number, unless said. Each instance of the application counts for itself.
    pub rate_limit: Option<i64>,
    /// When it was made, or got its last keys.
    #[model(default = now, read_only)]
    pub created: Option<DateTime<Utc>>,
    /// When it was stored as a whole for the last time.
    #[model(default = now, read_only)]
    pub modified: Option<DateTime<Utc>>,
}

/// LoopBack's names for the keys.
pub(super) const KEYS: [&str; 5] = [
    "clientKey",
    "javaScriptKey",
    "restApiKey",
    "windowsKey",
    "masterKey",
];

// The keys are secrets.
impl fmt::Debug for Application {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Application")
            .field("id", &self.id)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

#[crate::methods(crate = crate)]
impl Application {
    /// An instance that is stored as a whole gets new keys (contract *users.md* §11).
    #[hook(before_save)]
    async fn make_keys(cx: &mut Save<'_, Self>) -> Result<()> {
        if cx.is_whole() {
            for key in [
                Application::CLIENT_KEY,
                Application::JAVA_SCRIPT_KEY,
                Application::REST_API_KEY,
                Application::WINDOWS_KEY,
                Application::MASTER_KEY,
            ] {
                cx.set(key, Some(new_key()));
            }
            let now = Some(Utc::now());
            cx.set(Application::CREATED, now);
            cx.set(Application::MODIFIED, now);
        }
        Ok(())
    }
}

impl Application {
    /// Stores a new application of this name, whose owner is the user with the id `owner`.
    ///
    /// # Errors
    /// The name is blank, or the data source failed.
    pub async fn register(
        applications: &Repository<Application>,
        owner: impl Into<String>,
        name: impl Into<String>,
    ) -> Result<Self> {
        let application = Application {
            id: new_id(),
            owner: Some(owner.into()),
            name: name.into(),
            authentication_enabled: true,
            anonymous_allowed: true,
            ..Application::default()
        };
        applications.create(application).await
    }

    /// Gives the application with this id new keys; the old ones are good for nothing from then on.
    ///
    /// # Errors
    /// 404 when there is no such application, or the data source failed.
    pub async fn reset_keys(applications: &Repository<Application>, id: &str) -> Result<Self> {
        let now = Some(Utc::now());
        let keys = Patch::new()
            .set(Application::CLIENT_KEY, Some(new_key()))
            .set(Application::JAVA_SCRIPT_KEY, Some(new_key()))
            .set(Application::REST_API_KEY, Some(new_key()))
            .set(Application::WINDOWS_KEY, Some(new_key()))
            .set(Application::MASTER_KEY, Some(new_key()))
            .set(Application::CREATED, now)
            .set(Application::MODIFIED, now);
        applications.update(id.to_owned(), keys).await
    }

    /// The application with this id, if `key` is one of its keys, and which one it is: `restApiKey`, `masterKey` and so on.
    ///
    /// # Errors
    /// The data source failed.
    pub async fn authenticate(
        applications: &Repository<Application>,
        id: &str,
        key: &str,
    ) -> Result<Option<(Self, &'static str)>> {
        let found = applications.find_by_id(id.to_owned()).await?;
        Ok(found.and_then(|application| {
            let kind = application.kind_of(key)?;
            Some((application, kind))
        }))
    }

    /// Which of its keys this is. It takes as long whichever it is.
    fn kind_of(&self, key: &str) -> Option<&'static str> {
        let keys = [
            &self.client_key,
            &self.java_script_key,
            &self.rest_api_key,
            &self.windows_key,
            &self.master_key,
        ];
        KEYS.into_iter()
            .zip(keys)
            .fold(None, |found, (kind, known)| {
                let right = known
                    .as_deref()
                    .is_some_and(|known| known.as_bytes().ct_eq(key.as_bytes()).into());
                if right { Some(kind) } else { found }
            })
    }
}

fn new_id() -> String {
    hexadecimal::<16>()
}

fn new_key() -> String {
    hexadecimal::<20>()
}

//! What users do: log in and out, get a new password (contract *users.md* §5, §6 and §12).

use std::sync::Arc;
use std::time::Instant;

use chrono::Utc;
use serde_json::{Map, Value as Json};

use super::account::{KeptSession, Tokens, delete_tokens, position};
use super::credentials::{Credentials, Identity};
use super::password::{self, Verified};
use super::secret;
use super::service::Users;
use super::settings::UsersConfig;
use super::throttle::too_many;
use crate::access::Caller;
use crate::model::{ModelDef, Record, RecordJson, RemoteMethodDef, Value, id_text};
use crate::query::{Condition, Filter};
use crate::repository::ErasedRepository;
use crate::{Error, Result};

/// What somebody tries to guess.
#[derive(Clone, Copy)]
pub(super) enum Guessed {
    Password,
    /// A code of the second factor.
    Code,
}

/// The users of one model, with what they can do.
pub(crate) struct Accounts {
    pub(super) repository: ErasedRepository,
    pub(super) users: Arc<Users>,
}

impl Accounts {
    /// Those of the model of `repository`, on the application's own behalf.
    pub fn of(repository: &ErasedRepository) -> Result<Self> {
        Ok(Accounts {
            users: Users::of(repository)?.clone(),
            repository: repository.clone().on_own_behalf(),
        })
    }

    pub(super) fn def(&self) -> &'static ModelDef {
        self.repository.def()
    }

    pub(super) fn text(&self, user: &Record, name: &str) -> Result<Option<String>> {
        let value = user.get(position(self.def(), name)?);
        Ok(match value {
            Some(Value::String(text)) => Some(text.clone()),
            _ => None,
        })
    }

    /// A new token for who knows the password (contract *users.md* §5).
    pub async fn login(&self, credentials: &Json, include: Option<&Json>) -> Result<Json> {
        let settings = &self.users.settings;
        let credentials = Credentials::read(credentials, settings)?;
        let identity = self.sought(credentials.identity);
        let user = self
            .find(self.named(&identity)?.and(self.within(&identity)?))
            .await?;
        // However the name is written, it is the same user who is tried.
        let attempt = match &user {
            Some(user) => self.attempt(user),
            None => format!("{} as {identity}", self.def().name),
        };
        self.begin(&attempt, Guessed::Password)?;
        let hash = match &user {
            Some(user) => self.text(user, "password")?,
            None => None,
        };
        let failed = || Error::new(401, "login failed").with_code("LOGIN_FAILED");
        let password = credentials.password.unwrap_or_default();
        let verified = password::verify(password, hash.clone()).await?;
        let (Some(user), Some(hash)) = (user, hash) else {
            return Err(failed());
        };
        match verified {
            Verified::No => return Err(failed()),
            Verified::Yes => {}
            Verified::Outdated(new) => self.renew_hash(&user, hash, new).await?,
        }
        self.users.throttle.forget(&attempt);
        self.take_second_factor(&user, credentials.totp.as_deref())
            .await?;
        if settings.email_verification_required && !self.is_verified(&user)? {
            return Err(
                Error::new(401, "login failed as the email has not been verified")
                    .with_code("LOGIN_FAILED_EMAIL_NOT_VERIFIED"),
            );
        }
        let mut token = self.new_token(&user, credentials.ttl, None).await?;
        if include.is_some_and(includes_user)
            && let Json::Object(members) = &mut token
        {
            members.insert("user".to_owned(), self.shown_to_callers(user)?);
        }
        Ok(token)
    }

    /// The name under which attempts to guess the password of a user are counted.
    pub(super) fn attempt(&self, user: &Record) -> String {
        let def = self.def();
        format!("{} {}", def.name, id_text(&def.id_of(user)))
    }

    /// The identity as users are found by it.
    pub(super) fn sought(&self, mut identity: Identity) -> Identity {
        if self.users.folds_email() && identity.property == "email" {
            identity.value = identity.value.to_lowercase();
        }
        if !self.users.settings.has_realms() {
            identity.realm = None;
        }
        identity
    }

    /// Counts one more attempt, unless the configuration lets anybody try as often as they like.
    pub(super) fn begin(&self, attempt: &str, guessed: Guessed) -> Result<()> {
        let most = match (self.users.settings.login_attempts, guessed) {
            (0, Guessed::Password) => return Ok(()),
            // Who knows the password has nothing but this left to guess.
            (0, Guessed::Code) => UsersConfig::default().login_attempts,
            (most, _) => most,
        };
        let (what, code) = match guessed {
            Guessed::Password => ("failed logins", "TOO_MANY_LOGINS"),
            Guessed::Code => ("codes", "TOO_MANY_CODES"),
        };
        let throttle = &self.users.throttle;
        throttle
            .begin(attempt, most.into(), Instant::now())
            .map_err(|wait| too_many(what, code, wait))
    }

    /// Finds those who are called so, in any realm.
    pub(super) fn named(&self, identity: &Identity) -> Result<Condition> {
        let property = position(self.def(), identity.property)?;
        Ok(Condition::equal(
            property,
            Value::String(identity.value.clone()),
        ))
    }

    /// Finds those of the realm, or of none.
    pub(super) fn within(&self, identity: &Identity) -> Result<Condition> {
        if !self.users.settings.has_realms() {
            return Ok(Condition::ALL);
        }
        let realm = identity.realm.clone().map_or(Value::Null, Value::String);
        Ok(Condition::equal(position(self.def(), "realm")?, realm))
    }

    /// The first user whom `condition` finds.
    pub(super) async fn find(&self, condition: Condition) -> Result<Option<Record>> {
        let filter = Filter {
            limit: Some(1),
            ..Filter::matching(condition)
        };
        // Scopes hold: who has been deleted softly logs in no more.
        self.repository.primary().find_one(&filter).await
    }

    /// Stores a hash in the place of one that LoopBack has made, unless the password has changed meanwhile.
    async fn renew_hash(&self, user: &Record, old: String, new: String) -> Result<()> {
        let password = position(self.def(), "password")?;
        let unchanged = Condition::equal(password, Value::String(old));
        let condition = Condition::of_id(self.def(), &self.def().id_of(user)).and(unchanged);
        let mut changes = Record::new(self.def());
        changes.set(password, Value::String(new));
        self.repository.store(&condition, &changes).await.map(drop)
    }

    pub(super) fn is_verified(&self, user: &Record) -> Result<bool> {
        let verified = user.get(position(self.def(), "emailVerified")?);
        Ok(verified == Some(&Value::Boolean(true)))
    }

    /// The user as callers see one.
    pub(super) fn shown(&self, user: &Record) -> Result<Json> {
        let def = self.def();
        serde_json::to_value(RecordJson { def, record: user })
            .map_err(|error| Error::internal("a user is no JSON").with_source(error))
    }

    /// The same, without what rules about properties keep from anybody: who logs in is nobody yet.
    fn shown_to_callers(&self, mut user: Record) -> Result<Json> {
        for (index, property) in self.def().properties.iter().enumerate() {
            if !property.acls.is_empty() {
                user.remove(index);
            }
        }
        self.shown(&user)
    }

    /// A new token of a user, valid for `ttl` seconds.
    pub(super) async fn new_token(
        &self,
        user: &Record,
        ttl: i64,
        scopes: Option<Vec<String>>,
    ) -> Result<Json> {
        let tokens = Tokens::of(&self.repository)?;
        let (id, created) = (secret::token(), Utc::now());
        let mut token = Record::new(tokens.def());
        let user_id = self.def().id_of(user);
        tokens.def().set_id(&mut token, Value::String(id.clone()));
        token.set(tokens.at("ttl")?, Value::Integer(ttl));
        token.set(tokens.at("created")?, Value::DateTime(created));
        token.set(tokens.at("userId")?, user_id.clone());
        if let Some(scopes) = scopes {
            let scopes = scopes.into_iter().map(Value::String).collect();
            token.set(tokens.at("scopes")?, Value::Array(scopes));
        }
        let mut shown = Map::new();
        shown.insert("id".to_owned(), id.into());
        shown.insert("ttl".to_owned(), ttl.into());
        shown.insert("created".to_owned(), Value::DateTime(created).to_json());
        shown.insert("userId".to_owned(), user_id.to_json());
        if self.users.several {
            let model = self.def().name;
            token.set(tokens.at("principalType")?, Value::String(model.to_owned()));
            shown.insert("principalType".to_owned(), model.into());
        }
        tokens.repository.create(token).await?;
        Ok(Json::Object(shown))
    }

    /// Deletes the token that the call was made with (contract *users.md* §6).
    pub async fn logout(&self, caller: &Caller) -> Result<()> {
        let unauthorized = |message| Error::new(401, message).without_status_code();
        let token = caller.token();
        let token = token.ok_or_else(|| unauthorized("accessToken is required to logout"))?;
        let tokens = Tokens::of(&self.repository)?;
        let id = Value::String(token.id.clone());
        match tokens.repository.delete_by_id(&id).await? {
            0 => Err(unauthorized("Could not find accessToken")),
            _ => Ok(()),
        }
    }

    /// A new token for the caller in the place of the one that the call was made with.
    pub async fn refresh(&self, caller: &Caller) -> Result<Json> {
        let user = self.calling(caller).await?;
        // What is for some methods alone does not become a token for everything.
        let scopes = caller.token().map(|token| token.scopes.clone());
        let usual = scopes
            .as_ref()
            .is_none_or(|scopes| scopes == &[RemoteMethodDef::DEFAULT_SCOPE]);
        let ttl = seconds(self.users.settings.ttl.min(self.users.settings.max_ttl));
        // First, so that one token never becomes two, and a signed one none.
        self.logout(caller).await?;
        self.new_token(&user, ttl, scopes.filter(|_| !usual)).await
    }

    /// Ends all sessions of the caller.
    pub async fn revoke_sessions(&self, caller: &Caller) -> Result<()> {
        let user = self.calling(caller).await?;
        let ids = vec![self.def().id_of(&user)];
        delete_tokens(&self.repository, ids, None).await
    }

    /// A new password for the caller, who knows the old one (contract *users.md* §12).
    pub async fn change_password(&self, caller: &Caller, old: String, new: String) -> Result<()> {
        let user = self.calling_with(caller, old).await?;
        self.store_password(caller, user, new).await
    }

    /// The user who calls and knows the password, which is one more attempt to guess it.
    pub(super) async fn calling_with(&self, caller: &Caller, password: String) -> Result<Record> {
        let user = self.calling(caller).await?;
        let hash = self.text(&user, "password")?;
        let attempt = self.attempt(&user);
        self.begin(&attempt, Guessed::Password)?;
        if password::verify(password, hash).await? == Verified::No {
            return Err(Error::new(400, "Invalid current password").with_code("INVALID_PASSWORD"));
        }
        self.users.throttle.forget(&attempt);
        Ok(user)
    }

    /// A new password for the caller, who has a token for that (contract *users.md* §12).
    pub async fn set_password(&self, caller: &Caller, new: String) -> Result<()> {
        let scopes = caller.token().map_or(&[][..], |token| &token.scopes);
        let for_this = scopes.iter().any(|scope| scope == RESET_PASSWORD);
        if self.users.settings.restrict_reset_password && !for_this {
            let message = "A new password takes the token of a letter; with the old one, call change-password";
            return Err(Error::new(401, message).with_code("RESET_TOKEN_REQUIRED"));
        }
        let user = self.calling(caller).await?;
        if for_this {
            // A letter is good for one new password, even if it is followed twice at once.
            password::check(&new)?;
            self.logout(caller).await?;
        }
        self.store_password(caller, user, new).await
    }

    async fn store_password(&self, caller: &Caller, user: Record, new: String) -> Result<()> {
        let mut changes = Record::new(self.def());
        changes.set(position(self.def(), "password")?, Value::String(new));
        let options = self.repository.options().clone();
        let options = match caller.token() {
            Some(token) => options.with(KeptSession(token.id.clone())),
            None => options,
        };
        let repository = self.repository.clone().with_options(options);
        repository.merge(user, changes).await.map(drop)
    }

    /// The user who calls.
    pub(super) async fn calling(&self, caller: &Caller) -> Result<Record> {
        let id = caller.user_id().filter(|_| caller.may_be_of(self.def()));
        let id = id.and_then(|id| self.def().id().ty.from_json(id.into()).ok());
        let user = match id {
            Some(id) => self.repository.stored(&id).await?,
            None => None,
        };
        user.ok_or_else(|| Error::new(401, "User not found").with_code("USER_NOT_FOUND"))
    }
}

/// What a token is for that sets a new password and nothing else.
pub(super) const RESET_PASSWORD: &str = "reset-password";

pub(super) fn seconds(duration: std::time::Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}

/// `include=user`, in any case, once, repeatedly or as a JSON list.
fn includes_user(include: &Json) -> bool {
    match include {
        Json::String(text) => match serde_json::from_str(text) {
            Ok(Json::Array(items)) => items.iter().any(includes_user),
            _ => text.eq_ignore_ascii_case("user"),
        },
        Json::Array(items) => items.iter().any(includes_user),
        _ => false,
    }
}

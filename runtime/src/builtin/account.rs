//! What happens beside every operation on users: passwords are hashed, sessions end.

use std::borrow::Cow;

use super::accounts::Accounts;
use super::service::Users;
use super::{AccessToken, User, password};
use crate::access::Caller;
use crate::hook::{Access, Delete, Save};
use crate::model::{Model as _, ModelDef, Record, Value};
use crate::query::{Comparison, Condition};
use crate::repository::ErasedRepository;
use crate::{Error, Result};

/// The users whose address or password is about to change.
struct Changed(Vec<Value>);

/// The token that goes on when all others of its user end.
#[derive(Clone)]
pub(super) struct KeptSession(pub String);

/// Addresses have no case, where the configuration says so: conditions about them lose it.
pub(super) fn fold_email(cx: &mut Access<'_, User>) -> Result<()> {
    let folds = Users::of(cx.erased())?.folds_email();
    if folds {
        let email = cx.position(User::EMAIL);
        let filter = cx.filter_mut();
        filter.condition = folded(std::mem::take(&mut filter.condition), email);
    }
    Ok(())
}

/// The condition with texts about `email` in lower case.
fn folded(condition: Condition, email: usize) -> Condition {
    let all = |conditions: Vec<Condition>| {
        let conditions = conditions.into_iter();
        conditions.map(|one| folded(one, email)).collect()
    };
    match condition {
        Condition::And(conditions) => Condition::And(all(conditions)),
        Condition::Or(conditions) => Condition::Or(all(conditions)),
        Condition::Not(condition) => Condition::Not(Box::new(folded(*condition, email))),
        Condition::Compare {
            property,
            comparison,
        } if property == email => Condition::Compare {
            property,
            comparison: comparison.map_values(&|value| match value {
                Value::String(text) => Value::String(text.to_lowercase()),
                value => value.clone(),
            }),
        },
        condition => condition,
    }
}

/// Hashes a new password, and finds out whose sessions are to end (contract *users.md* §2 and §8.5).
pub(super) async fn protect(cx: &mut Save<'_, User>) -> Result<()> {
    let users = Users::of(cx.erased())?.clone();
    let mut email = cx.get(User::EMAIL);
    if let Some(text) = &mut email
        && users.folds_email()
    {
        *text = text.to_lowercase();
        cx.set(User::EMAIL, text.clone());
    }
    let given = cx.get(User::PASSWORD);
    if given.is_none() && email.is_none() {
        return Ok(());
    }
    let affected = cx.affected().await?;
    let (email_at, password_at) = (cx.position(User::EMAIL), cx.position(User::PASSWORD));
    let text = |record: &Record, at: usize| match record.get(at) {
        Some(Value::String(text)) => Some(text.clone()),
        _ => None,
    };
    // A whole instance that has been read brings its hash along. Nobody else can know it.
    let kept = |given: &String| {
        let mut affected = affected.iter();
        affected.len() == 1 && affected.all(|one| text(one, password_at).as_ref() == Some(given))
    };
    let new_password = given.filter(|given| !kept(given));
    let moved = |record: &Record| email.is_some() && text(record, email_at) != email;
    let changed: Vec<_> = affected
        .iter()
        .filter(|record| new_password.is_some() || moved(record))
        .collect();
    if changed.iter().any(|record| moved(record)) {
        // The word of who reads mail to the old address says nothing of the new one.
        cx.set(User::VERIFICATION_TOKEN, None);
        if users.settings.email_verification_required {
            cx.set(User::EMAIL_VERIFIED, Some(false));
        }
    }
    let def = cx.erased().def();
    let changed = changed
        .into_iter()
        .map(|record| def.id_of(record))
        .collect();
    if let Some(new) = new_password {
        cx.set(User::PASSWORD, password::hash(new).await?);
    }
    cx.state().insert(Changed(changed));
    Ok(())
}

/// Asks a new user to confirm the address, where the configuration says so: when it is certain that there is one.
pub(super) async fn welcome(cx: &mut Save<'_, User>) -> Result<()> {
    let repository = cx.erased().clone();
    if cx.is_new_instance() != Some(true) || !Users::of(&repository)?.settings.verify_on_create {
        return Ok(());
    }
    let id = repository.def().id_of(cx.stored());
    // What is not committed yet is seen by this transaction alone.
    let accounts = Accounts::of(&repository)?;
    let letter = accounts.letter_to_verify(&id).await?;
    cx.after_commit(move || async move { accounts.send(letter).await })
        .await;
    Ok(())
}

/// Ends the sessions of those whose address or password has changed, but for the one that has changed it.
pub(super) async fn end_sessions(cx: &mut Save<'_, User>) -> Result<()> {
    let Some(Changed(users)) = cx.state().remove() else {
        return Ok(());
    };
    let repository = cx.erased().clone();
    if users.is_empty() || !Users::of(&repository)?.settings.logout_on_sensitive_changes {
        return Ok(());
    }
    let own = repository.caller().and_then(Caller::token);
    let kept = repository.options().get::<KeptSession>();
    let kept = own
        .map(|token| &token.id)
        .or(kept.map(|KeptSession(id)| id));
    delete_tokens(&repository, users, kept.map(String::as_str)).await
}

/// Deletes the tokens and second factors of users before these are deleted (contract *users.md* §13, 08-16-2016).
pub(super) async fn forget(cx: &mut Delete<'_, User>) -> Result<()> {
    let (repository, condition) = (cx.erased().clone(), cx.condition().clone());
    let users = repository.stored_all(condition).await?;
    let def = repository.def();
    let ids: Vec<_> = users.iter().map(|user| def.id_of(user)).collect();
    if ids.is_empty() {
        return Ok(());
    }
    Accounts::of(&repository)?
        .forget_second_factors(&ids)
        .await?;
    delete_tokens(&repository, ids, None).await
}

/// Deletes the tokens of these users of the model of `users`, but for the one called `except`.
pub(super) async fn delete_tokens(
    users: &ErasedRepository,
    ids: Vec<Value>,
    except: Option<&str>,
) -> Result<()> {
    let tokens = Tokens::of(users)?;
    let mut condition = tokens.of_users(users.def(), Cow::Owned(ids))?;
    if let Some(except) = except {
        let other = Comparison::NotEqual(Value::String(except.to_owned()));
        condition = condition.and(Condition::compare(tokens.def().id_index(), other));
    }
    tokens.repository.delete_all(&condition).await.map(drop)
}

/// The model of the application's tokens.
pub(super) struct Tokens {
    pub repository: ErasedRepository,
}

impl Tokens {
    /// # Errors
    /// The application has none.
    pub fn of(other: &ErasedRepository) -> Result<Self> {
        let repository = other.derived_from(AccessToken::DEF);
        let repository = repository.ok_or_else(|| {
            Error::internal("the application has no model of tokens; list `builtin::AccessToken`")
        })?;
        Ok(Tokens { repository })
    }

    pub fn def(&self) -> &'static ModelDef {
        self.repository.def()
    }

    /// The position of a property that tokens have.
    pub fn at(&self, name: &str) -> Result<usize> {
        position(self.def(), name)
    }

    /// Finds the tokens of these users of the model `model`.
    fn of_users(&self, model: &ModelDef, ids: Cow<'_, [Value]>) -> Result<Condition> {
        let user = self.at("userId")?;
        let condition = Condition::compare(user, Comparison::In(ids.into_owned()));
        let model_at = self.at("principalType")?;
        let own = Condition::equal(model_at, Value::String(model.name.to_owned()));
        // Where there is one model of users, tokens don't name it.
        Ok(condition.and(own.or(Condition::equal(model_at, Value::Null))))
    }
}

/// The position of a property that a model has from one that it extends.
///
/// # Errors
/// It has none of that name, which can't be.
pub(super) fn position(def: &ModelDef, name: &str) -> Result<usize> {
    def.property_index(name).ok_or_else(|| {
        Error::internal(format!(
            "the model `{}` lacks the property `{name}`",
            def.name
        ))
    })
}

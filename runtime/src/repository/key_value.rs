//! Values under keys: the pipeline for key-value models, and its typed face.

use std::future::IntoFuture;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use futures_util::TryStreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;

use crate::connectors::check_new;
use crate::connectors::key_value::{Expiry, Glob, KeyValueStore};
use crate::model::{KeyValueModel, ModelDef, Record, Value};
use crate::trail::asked;
use crate::{Error, Result};

/// The greatest number of milliseconds that JavaScript counts exactly.
const LONGEST: u64 = (1 << 53) - 1;

/// The values of one model, in its store.
#[derive(Clone)]
pub(crate) struct ErasedKeyValue {
    def: &'static ModelDef,
    store: Arc<dyn KeyValueStore>,
}

impl ErasedKeyValue {
    pub fn new(def: &'static ModelDef, store: Arc<dyn KeyValueStore>) -> Self {
        ErasedKeyValue { def, store }
    }

    pub fn def(&self) -> &'static ModelDef {
        self.def
    }

    pub async fn get(&self, key: &str) -> Result<Option<Value>> {
        check_key(key)?;
        let Some(json) = asked(self.def.name, "get", self.store.get(self.def, key)).await? else {
            return Ok(None);
        };
        let value = self.def.properties[1].ty.from_json(json);
        value.map(Some).map_err(|_| self.unfit(key))
    }

    pub async fn set(&self, key: &str, value: Value, ttl: Option<Duration>) -> Result<()> {
        check_key(key)?;
        let ttl = ttl.map(check_ttl).transpose()?;
        if value.is_null() {
            return Err(invalid("value must be defined and not null"));
        }
        let mut record = Record::new(self.def);
        record.set(0, Value::String(key.to_owned()));
        record.set(1, value);
        check_new(self.def, &record)?;
        let json = record.value(1).to_json();
        let answer = self.store.set(self.def, key, json, ttl);
        asked(self.def.name, "set", answer).await
    }

    pub async fn expire(&self, key: &str, ttl: Duration) -> Result<()> {
        check_key(key)?;
        let answer = self.store.expire(self.def, key, check_ttl(ttl)?);
        if asked(self.def.name, "expire", answer).await? {
            return Ok(());
        }
        Err(unknown(format!("Cannot expire unknown key {key:?}")))
    }

    pub async fn ttl(&self, key: &str) -> Result<Option<Duration>> {
        check_key(key)?;
        match asked(self.def.name, "expiry", self.store.expiry(self.def, key)).await? {
            Expiry::After(left) => Ok(Some(left)),
            Expiry::Never => Ok(None),
            Expiry::Unknown => Err(unknown(format!("Cannot get TTL for unknown key {key:?}"))),
        }
    }

    pub async fn delete(&self, key: &str) -> Result<bool> {
        check_key(key)?;
        asked(self.def.name, "delete", self.store.delete(self.def, key)).await
    }

    pub fn keys<'a>(&'a self, glob: &'a Glob) -> BoxStream<'a, Result<String>> {
        self.store.keys(self.def, glob)
    }

    /// What else than this program has put there.
    fn unfit(&self, key: &str) -> Error {
        Error::internal(format!(
            "what is kept under the key {key:?} is no value of `{}`; set it anew, or delete it",
            self.def.name
        ))
    }
}

/// 404 for a key that has no value.
pub(crate) fn unknown(message: String) -> Error {
    Error::new(404, message).with_code("KEY_NOT_FOUND")
}

fn invalid(message: &str) -> Error {
    Error::new(400, message).with_code("INVALID_ARGUMENT")
}

fn check_key(key: &str) -> Result<()> {
    match key {
        "" => Err(invalid("key must be a non-empty string")),
        _ => Ok(()),
    }
}

/// Whole milliseconds.
fn check_ttl(ttl: Duration) -> Result<Duration> {
    match u64::try_from(ttl.as_millis()) {
        Ok(milliseconds @ 1..=LONGEST) => Ok(Duration::from_millis(milliseconds)),
        _ => Err(no_ttl()),
    }
}

/// 400 for what is no time to live.
pub(crate) fn no_ttl() -> Error {
    invalid("ttl must be a positive integer")
}

/// The values of the key-value model `M` in its store, from
/// [`Application::key_value`](crate::boot::Application::key_value).
///
/// What the access rules say is not asked: code of the application acts for the application.
///
/// ```
/// use std::time::Duration;
///
/// use loopwright::prelude::*;
///
/// #[derive(Property, Debug, PartialEq)]
/// struct Cart {
///     items: Vec<String>,
/// }
///
/// /// Carts by session.
/// #[derive(KeyValueModel, Debug, PartialEq)]
/// #[model(public = false)]
/// struct Session(Cart);
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let app = App::new().data_source("db", "memory:").models::<(Session,)>().build().await?;
/// let sessions = app.key_value::<Session>()?;
/// let cart = || Session(Cart { items: vec!["tea".into()] });
///
/// sessions.set("ann:1", cart()).ttl(Duration::from_secs(3600)).await?;
/// sessions.set("bob:1", cart()).await?;
/// assert_eq!(sessions.get("ann:1").await?, Some(cart()));
/// assert!(sessions.ttl("ann:1").await?.is_some());
/// assert_eq!(sessions.ttl("bob:1").await?, None);
///
/// assert_eq!(sessions.keys("ann:*")?.all().await?, ["ann:1"]);
/// assert!(sessions.delete("ann:1").await?);
/// # Ok(())
/// # }
/// ```
pub struct KeyValue<M> {
    erased: ErasedKeyValue,
    model: PhantomData<fn() -> M>,
}

impl<M> Clone for KeyValue<M> {
    fn clone(&self) -> Self {
        KeyValue {
            erased: self.erased.clone(),
            model: PhantomData,
        }
    }
}

impl<M: KeyValueModel> KeyValue<M> {
    pub(crate) fn new(erased: ErasedKeyValue) -> Self {
        KeyValue {
            erased,
            model: PhantomData,
        }
    }

    /// The value under `key`, if there is one.
    ///
    /// # Errors
    /// The key is empty, the store failed, or holds a value that doesn't fit the struct.
    pub async fn get(&self, key: &str) -> Result<Option<M>> {
        let Some(value) = self.erased.get(key).await? else {
            return Ok(None);
        };
        let value = M::from_value(value);
        value.map(Some).ok_or_else(|| self.erased.unfit(key))
    }

    /// Puts `value` under `key`, in place of what is there. It stays until it is deleted, unless [`Set::ttl`] says
    /// otherwise.
    ///
    /// # Errors
    /// When awaited: the key is empty or the time no positive one (400), the value is null (400) or one that its type
    /// can't keep (422), or the store failed.
    pub fn set<'a>(&'a self, key: &'a str, value: M) -> Set<'a> {
        Set {
            erased: &self.erased,
            key,
            value: value.into_value(),
            ttl: None,
        }
    }

    /// Lets the value under `key` expire after `ttl`, which counts in milliseconds.
    ///
    /// # Errors
    /// There is no such value (404), the time is less than a millisecond (400), or the store failed.
    pub async fn expire(&self, key: &str, ttl: Duration) -> Result<()> {
        self.erased.expire(key, ttl).await
    }

    /// After which time the value under `key` expires; nothing when it never does.
    ///
    /// # Errors
    /// There is no such value (404), or the store failed.
    pub async fn ttl(&self, key: &str) -> Result<Option<Duration>> {
        self.erased.ttl(key).await
    }

    /// Removes the value under `key`, and tells whether there was one.
    ///
    /// # Errors
    /// The key is empty, or the store failed.
    pub async fn delete(&self, key: &str) -> Result<bool> {
        self.erased.delete(key).await
    }

    /// The keys that fit `pattern`, a [`Glob`]: `*` is every key.
    ///
    /// # Errors
    /// The pattern is too long.
    pub fn keys(&self, pattern: &str) -> Result<Keys> {
        Ok(Keys {
            erased: self.erased.clone(),
            glob: Glob::new(pattern)?,
        })
    }
}

/// A value that is being set, from [`KeyValue::set`].
#[must_use = "nothing is set until it is awaited"]
pub struct Set<'a> {
    erased: &'a ErasedKeyValue,
    key: &'a str,
    value: Value,
    ttl: Option<Duration>,
}

impl Set<'_> {
    /// The value expires after this time, which counts in milliseconds.
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.ttl = Some(ttl);
        self
    }
}

impl<'a> IntoFuture for Set<'a> {
    type Output = Result<()>;
    type IntoFuture = BoxFuture<'a, Result<()>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.erased.set(self.key, self.value, self.ttl))
    }
}

/// The keys that fit a pattern, from [`KeyValue::keys`]: each once, in any order.
#[must_use = "keys are looked for when `all` or `stream` is asked"]
pub struct Keys {
    erased: ErasedKeyValue,
    glob: Glob,
}

impl Keys {
    /// All of them at once.
    ///
    /// # Errors
    /// The store failed.
    pub async fn all(self) -> Result<Vec<String>> {
        self.stream().try_collect().await
    }

    /// One after the other, as the store finds them.
    pub fn stream(&self) -> BoxStream<'_, Result<String>> {
        self.erased.keys(&self.glob)
    }
}

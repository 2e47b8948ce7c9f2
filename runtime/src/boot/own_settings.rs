//! Settings of an application's own, which loopwright has no words for.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

/// Settings of the application's own, by their keys: the section `settings` of the configuration, and whatever a LoopBack
/// application's `config.json` has beside LoopBack's own keys.
///
/// ```
/// use loopwright::Config;
/// use loopwright::prelude::*;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let mut config = Config::default();
/// config.settings.set("currency", "CHF");
/// let app = App::new().config(config).data_source("db", "memory:").build().await?;
/// assert_eq!(app.setting("currency").and_then(|text| text.as_str()), Some("CHF"));
/// assert_eq!(app.setting("colour"), None);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OwnSettings(pub(super) Map<String, Json>);

impl OwnSettings {
    /// The setting called `key`, if there is one.
    pub fn get(&self, key: &str) -> Option<&Json> {
        self.0.get(key)
    }

    /// Sets the setting called `key`, whatever it was before.
    pub fn set(&mut self, key: impl Into<String>, value: impl Into<Json>) {
        self.0.insert(key.into(), value.into());
    }

    /// The keys.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

// Which of them are secrets, only the application knows.
impl fmt::Debug for OwnSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

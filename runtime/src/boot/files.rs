//! What the files of a LoopBack application say goes below the configuration, and over its defaults.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json};

use super::app::DEFAULT_DATA_SOURCE;
use super::{Config, DataSourceConfig};
use crate::definitions::{Known, Layer, Setting};
use crate::{Error, Result};

/// What the configuration's file and the environment have said, by the keys of single values: `users.ttl`.
#[derive(Debug, Clone, Default)]
pub(super) struct Said(BTreeSet<String>);

impl Said {
    /// The keys of all values within `members`.
    pub fn of(members: &Map<String, Json>) -> Self {
        let mut said = Said::default();
        said.add("", members);
        said
    }

    fn add(&mut self, path: &str, members: &Map<String, Json>) {
        for (key, value) in members {
            let key = format!("{path}{key}");
            match value {
                Json::Object(members) if !members.is_empty() => {
                    self.add(&format!("{key}."), members);
                }
                _ => drop(self.0.insert(key)),
            }
        }
    }

    /// Has somebody said this value, or a part of it?
    fn has(&self, key: &str) -> bool {
        let within = |said: &String| {
            let rest = said.strip_prefix(key);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        self.0.iter().any(within)
    }
}

impl Config {
    /// What files need not say. `default` tells whether a model of the program's own is in the data source of that name.
    pub(super) fn known(&self, own: impl Iterator<Item = String>, default: bool) -> Known {
        let placed = self.data_sources.iter();
        let placed = placed.filter(|(_, source)| !source.url.is_empty());
        let models = self.models.values();
        let attached = models.filter_map(|model| model.data_source.clone());
        let idempotency = self.idempotency.as_ref();
        Known {
            data_sources: placed.map(|(name, _)| name.clone()).chain(own).collect(),
            attached: attached
                .chain(idempotency.map(|config| config.data_source.clone()))
                .chain(self.change_streams.exchange.clone())
                .chain(default.then(|| DEFAULT_DATA_SOURCE.to_owned()))
                .collect(),
            moved: self
                .models
                .iter()
                .filter_map(|(name, model)| Some((name.clone(), model.data_source.clone()?)))
                .collect(),
            ruled: self
                .models
                .iter()
                .filter(|(_, model)| !model.acls.is_empty() || model.public == Some(false))
                .map(|(name, _)| name.clone())
                .collect(),
            addressed: self.said.is_some(),
        }
    }

    /// Takes what the files say wherever nobody else has said anything.
    ///
    /// # Errors
    /// None that a file could cause: what it says has been looked at.
    pub(super) fn fill(&mut self, layer: Layer) -> Result<()> {
        self.settle(layer.settings, false)?;
        self.settle(layer.address, true)?;
        for (name, section) in layer.data_sources {
            self.fill_data_source(name, section)?;
        }
        for (key, value) in layer.own {
            self.settings.0.entry(key).or_insert(value);
        }
        Ok(())
    }

    /// Takes those of the settings that nobody else has said, or all of them.
    ///
    /// # Errors
    /// As [`fill`](Self::fill).
    pub(super) fn settle(
        &mut self,
        settings: impl IntoIterator<Item = Setting>,
        over: bool,
    ) -> Result<()> {
        let nothing = Said::default();
        let said = self.said.clone();
        let said = said.as_ref().unwrap_or(&nothing);
        let defaults = members(&Config::default())?;
        let before = members(self)?;
        let mut after = before.clone();
        for Setting { place, key, value } in settings {
            let (own, usual) = (at(&before, key), at(&defaults, key));
            if !over && (said.has(key) || own != usual) {
                if own != Some(&value) {
                    tracing::info!(
                        "{place}: the configuration says otherwise in `{key}`, which counts"
                    );
                }
                continue;
            }
            put(&mut after, key, value);
        }
        if before != after {
            let said = self.said.take();
            *self = read(after)?;
            self.said = said;
        }
        Ok(())
    }

    /// A data source whose place the configuration says is its own. One that it speaks of otherwise is where the file says.
    fn fill_data_source(&mut self, name: String, mut section: Map<String, Json>) -> Result<()> {
        let own = self.data_sources.get(&name);
        if let Some(own) = own {
            let own: Map<String, Json> = members(own)?;
            let said = own.into_iter().filter(|(_, value)| match value {
                Json::Null => false,
                Json::String(text) => !text.is_empty(),
                Json::Array(items) => !items.is_empty(),
                _ => true,
            });
            section.extend(said);
        }
        let source: DataSourceConfig = read(section)?;
        self.data_sources.insert(name, source);
        Ok(())
    }
}

/// A configuration as its keys and values.
fn members(config: &impl serde::Serialize) -> Result<Map<String, Json>> {
    match serde_json::to_value(config) {
        Ok(Json::Object(members)) => Ok(members),
        _ => Err(Error::internal("the configuration can't be written")),
    }
}

// What is wrong is not repeated: there are passwords in it.
fn read<T: serde::de::DeserializeOwned>(members: Map<String, Json>) -> Result<T> {
    serde_json::from_value(Json::Object(members))
        .map_err(|_| Error::internal("what the files of the application say can't be configured"))
}

/// The value of a key such as `users.ttl`.
fn at<'a>(members: &'a Map<String, Json>, key: &str) -> Option<&'a Json> {
    match key.split_once('.') {
        None => members.get(key),
        Some((first, rest)) => at(members.get(first)?.as_object()?, rest),
    }
}

fn put(members: &mut Map<String, Json>, key: &str, value: Json) {
    match key.split_once('.') {
        None => drop(members.insert(key.to_owned(), value)),
        Some((first, rest)) => {
            let within = members
                .entry(first)
                .or_insert_with(|| Json::Object(Map::new()));
            if let Json::Object(members) = within {
                put(members, rest, value);
            }
        }
    }
}

/// The URLs of the data sources; those of the program's own have none.
pub(super) fn urls(config: &Config, own: impl Iterator<Item = String>) -> BTreeMap<String, String> {
    let urls = config.data_sources.iter();
    let urls = urls.map(|(name, source)| (name.clone(), source.url.clone()));
    urls.chain(own.map(|name| (name, String::new()))).collect()
}

//! What an application's files say, in the words of `loopwright.toml`.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use super::source::Place;

/// What the files say below what the program and its own configuration say.
#[derive(Debug, Default)]
pub(crate) struct Layer {
    pub settings: Vec<Setting>,
    /// What platforms say of the address, in LoopBack's variables of the environment: over the configuration's file.
    pub address: Vec<Setting>,
    /// The data sources, each as a section of the configuration.
    pub data_sources: BTreeMap<String, Map<String, Json>>,
    /// The keys of the application's own.
    pub own: Map<String, Json>,
    /// Are the errors of models answered by what stands in `middleware.json`?
    pub passes_errors_on: bool,
}

/// One of the application's settings.
#[derive(Debug, Clone)]
pub(crate) struct Setting {
    pub place: Place,
    /// In the words of the configuration: `users.ttl`.
    pub key: &'static str,
    pub value: Json,
}

impl Layer {
    pub fn set(&mut self, place: &Place, key: &'static str, value: impl Into<Json>) {
        self.settings.push(Setting {
            place: place.clone(),
            key,
            value: value.into(),
        });
    }
}

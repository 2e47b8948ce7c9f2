//! The parts of the document that several places refer to, each written once, when it is first needed.

use std::collections::{BTreeMap, HashMap};

use utoipa::openapi::response::Response;
use utoipa::openapi::schema::{Ref, Schema};
use utoipa::openapi::{Components as Built, RefOr};

use super::{Settings, failure, security};
use crate::model::{ModelDef, ObjectDef};

/// What a component schema is about. Two places that mean the same get the same component.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Key {
    /// A whole instance as it is answered.
    Answer(&'static str),
    /// An instance of which the caller may have asked for some properties only.
    Partial(&'static str),
    /// What a request carries.
    Request {
        model: &'static str,
        /// Is nothing required?
        patch: bool,
        /// The names of properties that the path decides.
        without: Vec<&'static str>,
        /// May it hold what belongs to it?
        nested: bool,
    },
    /// `filter`
    Filter(&'static str),
    /// `filter`, of which only `fields` and `include` count.
    FilterOfOne(&'static str),
    /// `where`
    Where(&'static str),
    /// `where` within a filter, which may hold `near`.
    NearWhere(&'static str),
    /// `include`
    Include(&'static str),
    /// A nested struct.
    Object {
        // Names are unique within a module only; members tell two structs apart.
        name: &'static str,
        members: Vec<&'static str>,
        request: bool,
    },
    /// What every model shares, by its own name.
    Shared(&'static str),
}

impl Key {
    pub fn object(def: &ObjectDef, request: bool) -> Self {
        Key::Object {
            name: def.name,
            members: def
                .properties
                .iter()
                .map(|property| property.name)
                .collect(),
            request,
        }
    }
}

/// The components of a document that is being written.
pub(super) struct Components {
    pub settings: Settings,
    names: HashMap<Key, String>,
    schemas: BTreeMap<String, Option<RefOr<Schema>>>,
    responses: BTreeMap<String, RefOr<Response>>,
}

impl Components {
    /// Nothing yet, but the names of `models` are taken by their answers.
    pub fn new(models: &[&'static ModelDef], settings: Settings) -> Self {
        let names = models
            .iter()
            .map(|def| (Key::Answer(def.name), def.name.to_owned()));
        Components {
            settings,
            names: names.collect(),
            schemas: models
                .iter()
                .map(|def| (def.name.to_owned(), None))
                .collect(),
            responses: BTreeMap::new(),
        }
    }

    /// A reference to the schema of `key`, which `build` writes if nobody has asked for it before.
    pub fn schema(
        &mut self,
        key: Key,
        wanted: &str,
        build: impl FnOnce(&mut Self) -> Schema,
    ) -> Ref {
        let name = match self.names.get(&key) {
            Some(name) => name.clone(),
            None => {
                let name = self.free_name(wanted);
                self.names.insert(key.clone(), name.clone());
                name
            }
        };
        if !self.schemas.get(&name).is_some_and(Option::is_some) {
            // Taken before it is built: models point at each other.
            let placeholder = Schema::Object(utoipa::openapi::Object::new());
            self.schemas
                .insert(name.clone(), Some(RefOr::T(placeholder)));
            let schema = build(self);
            self.schemas.insert(name.clone(), Some(RefOr::T(schema)));
        }
        Ref::from_schema_name(name)
    }

    fn free_name(&self, wanted: &str) -> String {
        let taken = |name: &String| self.schemas.contains_key(name);
        let numbered = (2..).map(|number| format!("{wanted}{number}"));
        std::iter::once(wanted.to_owned())
            .chain(numbered)
            .find(|name| !taken(name))
            .unwrap_or_default()
    }

    /// A reference to the response called `name`.
    pub fn response(&mut self, name: &str, build: impl FnOnce(&mut Self) -> Response) -> Ref {
        if !self.responses.contains_key(name) {
            let response = build(self);
            self.responses.insert(name.to_owned(), RefOr::T(response));
        }
        Ref::from_response_name(name)
    }

    /// The components in utoipa's form.
    pub fn build(mut self) -> Built {
        // Whatever else is merged in may count on it.
        failure::error_schema(&mut self);
        let mut built = Built::new();
        let schemas = self
            .schemas
            .into_iter()
            .filter_map(|(name, schema)| Some((name, schema?)));
        built.schemas = schemas.collect();
        built.responses = self.responses;
        built.add_security_schemes_from_iter(security::schemes(self.settings));
        built
    }
}

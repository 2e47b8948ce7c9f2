//! The models of one application, each with its data source.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use regex::Regex;

use super::attached_relation::Targets;
use super::change::{ChangeLog, Outbox};
use super::dependent::{self, Dependent};
use super::{AttachedRelation, ErasedKeyValue, ErasedRepository, Options};
use crate::connectors::{Connector, TransientConnector};
use crate::model::{Format, ModelDef, Record, RelationDef, RemoteHookKind, Rule, Violation};
use crate::{Error, Result};

/// The models of one application, with relations and rules resolved.
pub(crate) struct Registry {
    models: Vec<Attached>,
    /// How many of the models the application lists: the others are within those.
    listed: usize,
    key_values: Vec<ErasedKeyValue>,
    by_name: HashMap<&'static str, usize>,
    most_included: usize,
    /// The status of a refusal for who is logged in, where the model says nothing else.
    acl_error_status: u16,
    /// What the application shares with its models, by its type.
    services: Options,
}

/// How many records one level of includes may read, and copy, unless the configuration says otherwise.
pub(crate) const MOST_INCLUDED: usize = 100_000;

/// A model attached to a data source.
pub(crate) struct Attached {
    pub def: &'static ModelDef,
    pub connector: Arc<dyn Connector>,
    /// May callers change records by extended operators?
    pub extended_operators: bool,
    pub relations: Vec<AttachedRelation>,
    /// Who refers to its records.
    pub dependents: Vec<Dependent>,
    /// How far it is from models that refer to no other: who refers has a greater one than who is referred to, but in
    /// circles.
    pub rank: usize,
    /// Is it the runtime that sees to them when a record is deleted?
    pub sees_to_dependents: bool,
    pub changes: Arc<ChangeLog>,
    patterns: HashMap<&'static str, Regex>,
}

impl Registry {
    /// Attaches every model to its data source. Other instances of the application hear of changes by way of `outbox`.
    ///
    /// # Errors
    /// A model that is listed twice, or a relation to a model that is not listed.
    pub fn new(
        models: Vec<(&'static ModelDef, Arc<dyn Connector>)>,
        key_values: Vec<ErasedKeyValue>,
        outbox: Option<&Outbox>,
    ) -> Result<Self> {
        let defs = || {
            let models = models.iter().map(|(def, _)| *def);
            models.chain(key_values.iter().map(ErasedKeyValue::def))
        };
        check_names(defs())?;
        check_paths(defs())?;
        check_tables(&models)?;
        defs().try_for_each(check_rules)?;
        defs().try_for_each(check_hooks)?;
        let listed = models.len();
        let models = with_embedded(models);
        let by_name = models.iter().enumerate();
        let by_name: HashMap<_, _> = by_name.map(|(index, (def, _))| (def.name, index)).collect();
        let targets: Vec<_> = models.iter().map(|(def, _)| *def).collect();
        let targets = Targets::new(&targets);
        let attach = |(def, connector): (&'static ModelDef, Arc<dyn Connector>)| {
            check_id(def, connector.as_ref())?;
            let relations = 0..def.relations.len();
            let relations = relations.map(|index| AttachedRelation::new(def, index, &targets));
            // Where the data source tells every instance itself, nobody else does.
            let told = connector.capabilities().change_streams;
            let outbox = outbox.filter(|_| !told).cloned();
            Ok(Attached {
                def,
                connector,
                extended_operators: false,
                relations: relations.collect::<Result<_>>()?,
                dependents: Vec::new(),
                rank: 0,
                sees_to_dependents: false,
                changes: Arc::new(ChangeLog::new(def, outbox)),
                patterns: compile_patterns(def)?,
            })
        };
        let mut models = models.into_iter().map(attach).collect::<Result<Vec<_>>>()?;
        dependent::attach(&mut models);
        Ok(Registry {
            models,
            listed,
            most_included: MOST_INCLUDED,
            acl_error_status: 401,
            services: Options::new(),
            key_values,
            by_name,
        })
    }

    /// Bounds what one level of includes may read, and copy.
    pub fn limit_included(mut self, most: usize) -> Self {
        self.most_included = most;
        self
    }

    /// Refuses who is logged in with this status, where the model says nothing else.
    pub fn with_acl_error_status(mut self, status: u16) -> Self {
        self.acl_error_status = status;
        self
    }

    pub fn acl_error_status(&self) -> u16 {
        self.acl_error_status
    }

    /// Shares these values, one of each type, with the models.
    pub fn with_services(mut self, services: Options) -> Self {
        self.services = services;
        self
    }

    /// The value of this type that the application shares with its models.
    pub fn service<T: Send + Sync + 'static>(&self) -> Option<&T> {
        self.services.get()
    }

    /// The position of the first listed model that extends `base`, or else of `base` itself (contract *access-control.md* §12).
    pub fn derived_from(&self, base: &'static ModelDef) -> Option<usize> {
        let listed = self.listed();
        let extends = |model: &Attached| model.def.is_a(base) && model.def.name != base.name;
        let found = listed.iter().position(extends);
        found.or_else(|| listed.iter().position(|model| model.def.is_a(base)))
    }

    pub fn most_included(&self) -> usize {
        self.most_included
    }

    /// Lets callers change records by extended operators, of the models with these names.
    pub fn allow_operators(mut self, names: &[&str]) -> Self {
        for model in &mut self.models {
            model.extended_operators = names.contains(&model.def.name);
        }
        self
    }

    /// The models that keep records.
    pub fn models(&self) -> &[Attached] {
        &self.models
    }

    /// Those of them that the application lists.
    pub fn listed(&self) -> &[Attached] {
        &self.models[..self.listed]
    }

    /// The models that keep values under keys.
    pub fn key_values(&self) -> &[ErasedKeyValue] {
        &self.key_values
    }

    /// The descriptions of all models.
    pub fn defs(&self) -> impl Iterator<Item = &'static ModelDef> {
        let models = self.listed().iter().map(|model| model.def);
        models.chain(self.key_values.iter().map(ErasedKeyValue::def))
    }

    /// The models that are attached to `connector`.
    pub fn models_in(&self, connector: &Arc<dyn Connector>) -> Vec<&'static ModelDef> {
        let models = self.models.iter();
        let attached = models.filter(|model| Arc::ptr_eq(&model.connector, connector));
        attached.map(|model| model.def).collect()
    }

    /// The operations on the model called `name`.
    ///
    /// # Errors
    /// The application does not list it.
    pub fn repository(self: &Arc<Self>, name: &str) -> Result<ErasedRepository> {
        match self.by_name.get(name) {
            Some(index) if *index < self.listed => Ok(ErasedRepository::new(self.clone(), *index)),
            _ => Err(not_listed(name)),
        }
    }

    /// The position of the model called `name`, whatever the case (contract *relations.md* §8).
    pub fn position(&self, name: &str) -> Option<usize> {
        let mut models = self.models.iter();
        self.by_name
            .get(name)
            .copied()
            .or_else(|| models.position(|model| model.def.name.eq_ignore_ascii_case(name)))
    }

    /// The values of the key-value model called `name`.
    ///
    /// # Errors
    /// The application does not list it.
    pub fn key_value(&self, name: &str) -> Result<ErasedKeyValue> {
        let mut key_values = self.key_values.iter();
        let found = key_values.find(|model| model.def().name == name);
        found.cloned().ok_or_else(|| not_listed(name))
    }
}

/// The models with those that are kept within them alone. These have no data source of their own, and so one that keeps
/// nothing.
fn with_embedded(
    mut models: Vec<(&'static ModelDef, Arc<dyn Connector>)>,
) -> Vec<(&'static ModelDef, Arc<dyn Connector>)> {
    let nowhere: Arc<dyn Connector> = Arc::new(TransientConnector::default());
    let mut next = 0;
    while let Some((owner, _)) = models.get(next) {
        let embedded = owner.relations.iter().filter(|one| one.is_embedded());
        let embedded: Vec<_> = embedded.filter_map(RelationDef::target).collect();
        for def in embedded {
            if models.iter().all(|(known, _)| known.name != def.name) {
                models.push((def, nowhere.clone()));
            }
        }
        next += 1;
    }
    models
}

fn not_listed(name: &str) -> Error {
    Error::internal(format!(
        "the application does not list the model `{name}`; add it to `.models::<(…)>()`"
    ))
}

impl Attached {
    /// Everything that is wrong with `record` as a whole instance.
    pub fn violations(&self, record: &Record) -> Vec<Violation> {
        let matches = |pattern: &str, text: &str| {
            self.patterns
                .get(pattern)
                .is_some_and(|pattern| pattern.is_match(text))
        };
        let mut violations = crate::model::violations(self.def, record, &matches);
        let twice = self.relations.iter();
        violations.extend(twice.filter_map(|relation| relation.duplicate(record)));
        violations
    }
}

fn check_names(defs: impl Iterator<Item = &'static ModelDef>) -> Result<()> {
    let mut names = HashSet::new();
    for def in defs {
        if !names.insert(def.name) {
            return Err(Error::internal(format!(
                "the application lists the model `{}` twice",
                def.name
            )));
        }
    }
    Ok(())
}

/// Models of two lists are first seen together here: within one list the compiler has compared the paths.
fn check_paths(defs: impl Iterator<Item = &'static ModelDef>) -> Result<()> {
    let mut paths = HashMap::new();
    for def in defs.filter(|def| def.public) {
        if let Some(other) = paths.insert(def.path.to_lowercase(), def.name) {
            return Err(Error::internal(format!(
                "`{other}` and `{}` are both served at `/{}`; give one of them another path with `#[model(path = \"...\")]`",
                def.name, def.path
            )));
        }
    }
    Ok(())
}

/// Rules about methods of relations below relations are first seen together with those here: the compiler knows one model alone.
fn check_rules(def: &'static ModelDef) -> Result<()> {
    let rules = def.acls.iter().filter_map(|acl| acl.method);
    for name in rules.chain(def.disabled.iter().copied()) {
        let below = |relation: &RelationDef| name.contains(&format!("__{}__", relation.name));
        let nesting = def
            .relations
            .iter()
            .filter(|relation| relation.nest_remoting);
        let Some(relation) = nesting.into_iter().find(|relation| below(relation)) else {
            continue;
        };
        let known = relation.inner_relations().any(|(_, inner)| {
            let ending = format!("__{}__{}", relation.name, inner.name);
            let mut methods = inner.methods().iter();
            methods.any(|method| *name == format!("__{}{ending}", method.verb))
        });
        if !known {
            return Err(Error::internal(format!(
                "`{}` has no method `{name}`; what `{}` nests are the methods of the relations of its target",
                def.name, relation.name
            )));
        }
    }
    Ok(())
}

/// Refuses to serve relations below a relation past what the model in between does before they are called.
fn check_hooks(def: &'static ModelDef) -> Result<()> {
    for relation in def.relations {
        let middle = relation.target().unwrap_or(def);
        for (_, inner) in relation.inner_relations() {
            for method in inner.methods() {
                let name = format!("__{}__{}", method.verb, inner.name);
                let mut hooks = middle.methods.remote_hooks.iter();
                let passed = hooks
                    .any(|hook| hook.kind == RemoteHookKind::Before && hook.is_about(&name, true));
                if passed {
                    return Err(Error::internal(format!(
                        "`{}` has a remote hook before `{name}`, which nobody would call for what `{}.{}` nests; write it for \
                         `{}` too and name the methods that it is about, or remove `nest_remoting`",
                        middle.name, def.name, relation.name, def.name
                    )));
                }
            }
        }
    }
    Ok(())
}

fn check_tables(models: &[(&'static ModelDef, Arc<dyn Connector>)]) -> Result<()> {
    let mut tables = HashMap::new();
    for (def, connector) in models {
        let place = (
            Arc::as_ptr(connector).cast::<()>(),
            def.table.to_lowercase(),
        );
        if let Some(other) = tables.insert(place, def.name) {
            return Err(Error::internal(format!(
                "`{other}` and `{}` are both kept in the table `{}`; give one of them another with `#[model(table = \"...\")]`",
                def.name, def.table
            )));
        }
    }
    Ok(())
}

/// Refuses an id that the data source can't keep.
fn check_id(def: &ModelDef, connector: &dyn Connector) -> Result<()> {
    if def.has_composite_id() && !connector.capabilities().composite_ids {
        return Err(Error::internal(format!(
            "the id of `{}` is made of several properties, which its data source can't keep; attach the model to another one, \
             or give it an id of one property",
            def.name
        )));
    }
    Ok(())
}

fn compile_patterns(def: &'static ModelDef) -> Result<HashMap<&'static str, Regex>> {
    let rules = def.properties.iter().flat_map(|property| property.rules);
    let patterns = rules.filter_map(|rule| match rule.rule {
        Rule::Format(Format::Pattern(pattern)) => Some(pattern),
        _ => None,
    });
    let compile = |pattern| {
        let regex = Regex::new(pattern).map_err(|error| {
            Error::internal(format!(
                "the model `{}` has a `format` rule that is no regular expression",
                def.name
            ))
            .with_source(error)
        })?;
        Ok((pattern, regex))
    };
    patterns.map(compile).collect()
}

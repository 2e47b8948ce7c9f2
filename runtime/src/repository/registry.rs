//! The models of one application, each with its data source.

use std::collections::HashMap;
use std::sync::Arc;

use regex::Regex;
use tokio::sync::broadcast;

use super::{Change, ErasedRepository};
use crate::connectors::Connector;
use crate::model::{ModelDef, Record, RelationKind, Rule, Violation};
use crate::{Error, Result};

/// How many changes a slow reader of a change stream may lag behind before it misses some.
const CHANGE_BACKLOG: usize = 256;

/// The models of one application, with relations and rules resolved.
pub(crate) struct Registry {
    models: Vec<Attached>,
    by_name: HashMap<&'static str, usize>,
}

/// A model attached to a data source.
pub(crate) struct Attached {
    pub def: &'static ModelDef,
    pub connector: Arc<dyn Connector>,
    pub relations: Vec<AttachedRelation>,
    pub changes: broadcast::Sender<Change>,
    patterns: HashMap<&'static str, Regex>,
}

/// A relation with its names looked up.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AttachedRelation {
    pub name: &'static str,
    pub kind: RelationKind,
    /// The target's position in the registry.
    pub target: usize,
    /// The position of the property of this model by which the two belong together.
    pub own_key: usize,
    /// The position of the property of the target by which the two belong together.
    pub target_key: usize,
}

impl Registry {
    /// Attaches every model to its data source.
    ///
    /// # Errors
    /// A model that is listed twice, or a relation to a model that is not listed.
    pub fn new(models: Vec<(&'static ModelDef, Arc<dyn Connector>)>) -> Result<Self> {
        let mut by_name = HashMap::new();
        check_places(&models)?;
        for (index, (def, _)) in models.iter().enumerate() {
            if by_name.insert(def.name, index).is_some() {
                return Err(Error::internal(format!(
                    "the application lists the model `{}` twice",
                    def.name
                )));
            }
        }
        let attach = |(def, connector): (&'static ModelDef, Arc<dyn Connector>)| {
            let relations =
                (0..def.relations.len()).map(|relation| attach_relation(def, relation, &by_name));
            Ok(Attached {
                def,
                connector,
                relations: relations.collect::<Result<_>>()?,
                changes: broadcast::channel(CHANGE_BACKLOG).0,
                patterns: compile_patterns(def)?,
            })
        };
        let models = models.into_iter().map(attach).collect::<Result<_>>()?;
        Ok(Registry { models, by_name })
    }

    pub fn models(&self) -> &[Attached] {
        &self.models
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
            Some(index) => Ok(ErasedRepository::new(self.clone(), *index)),
            None => Err(Error::internal(format!(
                "the application does not list the model `{name}`; add it to `.models::<(…)>()`"
            ))),
        }
    }
}

impl Attached {
    /// Everything that is wrong with `record` as a whole instance.
    pub fn violations(&self, record: &Record) -> Vec<Violation> {
        let matches = |pattern: &str, text: &str| {
            self.patterns
                .get(pattern)
                .is_some_and(|pattern| pattern.is_match(text))
        };
        crate::model::violations(self.def, record, &matches)
    }
}

/// Models of two lists are first seen together here: within one list the compiler has compared the paths.
fn check_places(models: &[(&'static ModelDef, Arc<dyn Connector>)]) -> Result<()> {
    let (mut paths, mut tables) = (HashMap::new(), HashMap::new());
    for (def, connector) in models {
        let path = paths.insert(def.path.to_lowercase(), def.name);
        if let Some(other) = path.filter(|other| def.public && *other != def.name) {
            return Err(Error::internal(format!(
                "`{other}` and `{}` are both served at `/{}`; give one of them another path with `#[model(path = \"...\")]`",
                def.name, def.path
            )));
        }
        let place = (
            Arc::as_ptr(connector).cast::<()>(),
            def.table.to_lowercase(),
        );
        let table = tables.insert(place, def.name);
        if let Some(other) = table.filter(|other| *other != def.name) {
            return Err(Error::internal(format!(
                "`{other}` and `{}` are both kept in the table `{}`; give one of them another with `#[model(table = \"...\")]`",
                def.name, def.table
            )));
        }
    }
    Ok(())
}

fn attach_relation(
    def: &'static ModelDef,
    relation: usize,
    by_name: &HashMap<&'static str, usize>,
) -> Result<AttachedRelation> {
    let relation = &def.relations[relation];
    let target = (relation.target)();
    let Some(index) = by_name.get(target.name) else {
        return Err(Error::internal(format!(
            "the relation `{}.{}` leads to `{}`, which the application does not list; add it to `.models::<(…)>()`",
            def.name, relation.name, target.name
        )));
    };
    let key = |holder: &ModelDef| {
        let position = holder
            .properties
            .iter()
            .position(|property| property.field == relation.foreign_key);
        // The compiler has checked derived models; a description written by hand may still be wrong.
        position.ok_or_else(|| {
            Error::internal(format!(
                "the relation `{}.{}` needs the foreign key `{}` on `{}`, which has no such field",
                def.name, relation.name, relation.foreign_key, holder.name
            ))
        })
    };
    let (own_key, target_key) = match relation.kind {
        RelationKind::BelongsTo => (key(def)?, target.id_index()),
        RelationKind::HasMany | RelationKind::HasOne => (def.id_index(), key(target)?),
    };
    Ok(AttachedRelation {
        name: relation.name,
        kind: relation.kind,
        target: *index,
        own_key,
        target_key,
    })
}

fn compile_patterns(def: &'static ModelDef) -> Result<HashMap<&'static str, Regex>> {
    let rules = def.properties.iter().flat_map(|property| property.rules);
    let patterns = rules.filter_map(|rule| match rule {
        Rule::Format(pattern) => Some(*pattern),
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

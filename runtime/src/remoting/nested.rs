//! Bodies that hold instances within an instance, where the configuration allows them (`rest.nested_writes`).

use std::collections::HashMap;

use serde_json::{Map, Value as Json};

use super::access::Decider;
use super::argument;
use super::route::{access, relation_access};
use crate::access::MethodAccess;
use crate::model::{ModelDef, Record, Related, RelationDef, RelationKind};
use crate::repository::within;
use crate::{Error, Result};

/// How many levels of instances a body may hold below the first.
const MAX_DEPTH: usize = 8;

/// How many instances a body may hold within others.
const MAX_INSTANCES: usize = 1000;

/// Who may create what belongs to a new instance.
pub(super) struct NestedAccess {
    by_model: HashMap<&'static str, Creating>,
}

struct Creating {
    own: MethodAccess,
    /// By relation of the model: the method that creates by it. `belongs_to` has none.
    relations: Vec<Option<MethodAccess>>,
}

impl NestedAccess {
    /// The rules of `models`.
    pub fn new(models: impl IntoIterator<Item = &'static ModelDef>) -> Self {
        let creating = |def: &'static ModelDef| Creating {
            own: access(def, "create"),
            relations: (0..def.relations.len())
                .map(|index| {
                    let creates = def.relations[index].kind != RelationKind::BelongsTo;
                    creates.then(|| relation_access(def, index, "create"))
                })
                .collect(),
        };
        let models = models.into_iter();
        NestedAccess {
            by_model: models.map(|def| (def.name, creating(def))).collect(),
        }
    }

    /// May the caller create by the relation, and the target by itself?
    ///
    /// # Errors
    /// They may not.
    async fn check(&self, def: &ModelDef, relation: usize, decider: &Decider) -> Result<()> {
        let one = &def.relations[relation];
        let owner = self.by_model.get(def.name);
        let by_relation = owner.and_then(|owner| owner.relations.get(relation)?.as_ref());
        let others = one.target().into_iter().chain(one.guarding_join(def));
        let others = others.map(|model| self.by_model.get(model.name));
        let others = others.map(|creating| creating.map(|creating| &creating.own));
        // By `belongs_to` nothing is created that has a method of its own.
        let by_relation = by_relation.map(Some).into_iter();
        for access in by_relation.chain(others) {
            // Nobody owns what is not there yet.
            let allowed = match access {
                Some(access) => decider.allows(access).await?,
                None => false,
            };
            if !allowed {
                return Err(decider.refusal(def, None));
            }
        }
        Ok(())
    }
}

/// The model of which a body may hold new instances by this relation: its target, unless the method that creates them is
/// switched off, or is one of the model's own.
pub(crate) fn nested_target(def: &ModelDef, relation: &RelationDef) -> Option<&'static ModelDef> {
    let by_relation = format!("__create__{}", relation.name);
    let creates = relation.kind == RelationKind::BelongsTo || !def.is_disabled(&by_relation);
    let apart = matches!(
        relation.kind,
        RelationKind::BelongsTo | RelationKind::HasMany | RelationKind::HasOne
    );
    relation.target().filter(|target| {
        apart && creates && !target.is_disabled("create") && target.replacing("create").is_none()
    })
}

/// Reads one body.
pub(super) struct NestedReader<'a> {
    access: &'a NestedAccess,
    /// The relations by which instances have come.
    used: Vec<(&'static ModelDef, usize)>,
    /// How many instances may still come.
    left: usize,
}

impl<'a> NestedReader<'a> {
    pub fn new(access: &'a NestedAccess) -> Self {
        NestedReader {
            access,
            used: Vec::new(),
            left: MAX_INSTANCES,
        }
    }

    /// May the caller create everything that has come? This is to be asked before what is wrong with it is told, as for any
    /// other method.
    ///
    /// # Errors
    /// They may not.
    pub async fn check(&self, decider: &Decider) -> Result<()> {
        for (def, relation) in &self.used {
            self.access.check(def, *relation, decider).await?;
        }
        Ok(())
    }

    /// The record of a JSON object, with the records within it.
    pub fn record(&mut self, def: &'static ModelDef, members: Map<String, Json>) -> Result<Record> {
        self.level(def, members, 0)
    }

    fn level(
        &mut self,
        def: &'static ModelDef,
        mut members: Map<String, Json>,
        depth: usize,
    ) -> Result<Record> {
        let mut nested = Vec::new();
        for (index, relation) in def.relations.iter().enumerate() {
            let Some(target) = nested_target(def, relation) else {
                continue;
            };
            match members.shift_remove(relation.name) {
                None | Some(Json::Null) => {}
                Some(_) if depth == MAX_DEPTH => {
                    return Err(too_large(&format!("{MAX_DEPTH} levels of instances")));
                }
                Some(json) => {
                    let known = |(model, relation): &(&ModelDef, usize)| {
                        model.name == def.name && *relation == index
                    };
                    if !self.used.iter().any(known) {
                        self.used.push((def, index));
                    }
                    nested.push((index, target, json));
                }
            }
        }
        let mut record = argument::record(def, members)?;
        for (index, target, json) in nested {
            let related = self.related(def, &def.relations[index], target, json, depth)?;
            record.set_related(index, related);
        }
        Ok(record)
    }

    fn related(
        &mut self,
        def: &'static ModelDef,
        relation: &RelationDef,
        target: &'static ModelDef,
        json: Json,
        depth: usize,
    ) -> Result<Related> {
        let mut item = |json: Json, path: &str| {
            let Json::Object(members) = json else {
                return Err(Error::new(400, format!("\"{path}\" must be an object")));
            };
            self.left = self
                .left
                .checked_sub(1)
                .ok_or_else(|| too_large(&format!("{MAX_INSTANCES} instances within others")))?;
            let record = self.level(target, members, depth + 1);
            record.map_err(|error| within(def, path, error))
        };
        if !relation.is_to_many() {
            let record = item(json, relation.name)?;
            return Ok(Related::One(Some(Box::new(record))));
        }
        let Json::Array(items) = json else {
            let message = format!("\"{}\" must be a list of objects", relation.name);
            return Err(Error::new(400, message));
        };
        let items = items.into_iter().enumerate();
        let records = items.map(|(index, json)| item(json, &format!("{}.{index}", relation.name)));
        records.collect::<Result<_>>().map(Related::Many)
    }
}

fn too_large(limit: &str) -> Error {
    let message = format!("The body holds more than {limit}; send it in parts");
    Error::new(400, message).with_code("NESTED_TOO_LARGE")
}

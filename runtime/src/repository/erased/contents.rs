//! What instances hold within them: how it is stored, and what is wrong with it (contract *relations.md* §6 and §7).

use std::collections::HashSet;

use super::ErasedRepository;
use crate::Error;
use crate::model::{
    ObjectDef, Record, RelationKind, Value, Violation, id_text, missing, validation_error,
};
use crate::repository::AttachedRelation;

impl ErasedRepository {
    /// Everything that is wrong with `record` and what is within it, as far as that can be told without other records.
    pub(super) fn violations(&self, record: &Record) -> Vec<Violation> {
        let mut violations = self.model().violations(record);
        violations.extend(self.broken_within(record, true));
        violations
    }

    /// What is wrong with what `record` holds within it; without `rules` only that it lacks what none can be without.
    pub(super) fn broken_within(&self, record: &Record, rules: bool) -> Vec<Violation> {
        let relations = self.model().relations.iter();
        let embedded = relations.filter(|relation| relation.def.is_embedded());
        embedded
            .flat_map(|relation| self.broken_by(relation, record, rules))
            .collect()
    }

    fn broken_by(
        &self,
        relation: &AttachedRelation,
        record: &Record,
        rules: bool,
    ) -> Vec<Violation> {
        let Some(target) = relation.target.map(|target| self.sibling(target)) else {
            return Vec::new();
        };
        let asked = rules && relation.def.embedding.validated;
        let items = relation.items(record);
        let mut violations = Vec::new();
        for (position, item) in items.iter().enumerate() {
            let broken = match asked {
                true => target.violations(item),
                false => {
                    let mut broken = missing(target.def(), item);
                    broken.extend(target.broken_within(item, false));
                    broken
                }
            };
            // LoopBack tells of the first one alone.
            if let Some(Violation {
                property, message, ..
            }) = broken.into_iter().next()
            {
                let broken = match relation.def.kind {
                    RelationKind::EmbedsOne => format!("is invalid: `{property}` {message}"),
                    _ => {
                        let which = which(item.value(relation.target_key), position);
                        format!("contains invalid item{which} (`{property}` {message})")
                    }
                };
                violations.push(self.broken(relation, record, "invalid", broken));
            }
        }
        let key = |item: &Record| id_text(item.value(relation.target_key));
        let mut seen = HashSet::new();
        if rules && !items.iter().all(|item| seen.insert(key(item))) {
            let message = format!("contains duplicate `{}`", target.def().id().name);
            violations.push(self.broken(relation, record, "uniqueness", message));
        }
        violations
    }

    /// What is wrong with an item that nobody can give an id.
    pub(in crate::repository) fn unidentified(
        &self,
        relation: &AttachedRelation,
        record: &Record,
        position: usize,
    ) -> Error {
        let id = relation
            .def
            .target()
            .map_or("id", |target| target.id().name);
        let which = which(&Value::Null, position);
        let message = format!("contains invalid item{which}: `{id}` is blank");
        let violation = self.broken(relation, record, "invalid", message);
        validation_error(self.def(), &[violation])
    }

    /// A violation by what is within `record`, in LoopBack's words.
    fn broken(
        &self,
        relation: &AttachedRelation,
        record: &Record,
        code: &str,
        message: String,
    ) -> Violation {
        let property = &self.def().properties[relation.own_key];
        match relation.def.kind {
            RelationKind::EmbedsOne => Violation::new(relation.def.name, code, message, None),
            _ => {
                // Without what others may not see.
                let value = record.get(relation.own_key);
                let value = value.map(|value| property.ty.shown(value));
                Violation::new(property.name, code, message, value.as_deref())
            }
        }
    }
}

/// How a message names an item: by its id, or by its place.
fn which(id: &Value, position: usize) -> String {
    match id.is_blank_id() {
        true => format!(" at index `{position}`"),
        false => format!(": `{}`", id_text(id)),
    }
}

impl AttachedRelation {
    /// What `record` holds within it. Each can be read: the data source, or coercion, has read it by the same description.
    pub fn items(&self, record: &Record) -> Vec<Record> {
        let Some(object) = self.def.target().map(ObjectDef::of_model) else {
            return Vec::new();
        };
        let items = match record.get(self.own_key) {
            Some(Value::Array(items)) => items.clone(),
            Some(value @ Value::Json(_)) => vec![value.clone()],
            _ => Vec::new(),
        };
        let items = items.into_iter();
        items.filter_map(|item| object.record_of(item)).collect()
    }

    /// The value that holds `items`; null for none, where there can be but one.
    pub fn holding(&self, items: &[Record]) -> Value {
        let Some(object) = self.def.target().map(ObjectDef::of_model) else {
            return Value::Null;
        };
        let mut items = items.iter().map(|item| object.value(item));
        match self.def.kind {
            RelationKind::EmbedsOne => items.next().unwrap_or(Value::Null),
            _ => Value::Array(items.collect()),
        }
    }
}

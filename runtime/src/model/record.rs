//! A row without its Rust type.

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value as Json};

use super::{AnyModel, ModelDef, Place, Property, PropertyDef, RelationField, Value};

/// The values of one instance, in the order of the model's properties.
///
/// Absent and null are two things: a slot is empty until something is put into it. Undeclared properties and included
/// relations have their own room.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    values: Box<[Option<Value>]>,
    // Most records have none; a pointer keeps the record small.
    undeclared: Option<Box<Map<String, Json>>>,
    related: Vec<(usize, Related)>,
}

/// The included data of one relation.
#[derive(Debug, Clone, PartialEq)]
pub enum Related {
    /// The target of a to-one relation, if there is one.
    One(Option<Box<Record>>),
    /// The targets of a to-many relation.
    Many(Vec<Record>),
    /// The target of a relation that may lead to several models, if there is one.
    Any(Option<Box<AnyModel>>),
}

/// A property whose value does not fit the struct's field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PropertyError {
    /// The property's position.
    pub index: usize,
    /// What is wrong, to follow the property's name: `is missing`.
    pub message: &'static str,
}

impl std::fmt::Display for PropertyError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "property {} {}", self.index, self.message)
    }
}

impl std::error::Error for PropertyError {}

impl Record {
    /// Counts one more change, in a record of a model that counts them.
    pub fn raise_version(&mut self, def: &ModelDef) {
        if let Some(index) = def.version_index()
            && let Value::Integer(version) = self.value(index)
        {
            self.set(index, Value::Integer(version.saturating_add(1)));
        }
    }

    /// An empty record of `def`.
    pub fn new(def: &ModelDef) -> Self {
        Record::with_len(def.properties.len())
    }

    /// An empty record of `len` properties.
    pub fn with_len(len: usize) -> Self {
        Record {
            values: vec![None; len].into_boxed_slice(),
            undeclared: None,
            related: Vec::new(),
        }
    }

    /// The record of values in order.
    pub fn from_values(values: Vec<Option<Value>>) -> Self {
        Record {
            values: values.into_boxed_slice(),
            undeclared: None,
            related: Vec::new(),
        }
    }

    /// The value at `index`: `None` when absent, `Some(Value::Null)` when null.
    pub fn get(&self, index: usize) -> Option<&Value> {
        self.values.get(index).and_then(Option::as_ref)
    }

    /// The value at `index` with absent read as null.
    pub fn value(&self, index: usize) -> &Value {
        self.get(index).unwrap_or(&Value::Null)
    }

    /// Puts a value at `index`.
    pub fn set(&mut self, index: usize, value: Value) {
        if let Some(slot) = self.values.get_mut(index) {
            *slot = Some(value);
        }
    }

    /// Makes the property at `index` absent and returns what it was.
    pub fn remove(&mut self, index: usize) -> Option<Value> {
        self.values.get_mut(index).and_then(Option::take)
    }

    /// The values in order.
    pub fn values(&self) -> &[Option<Value>] {
        &self.values
    }

    /// Is nothing there, neither a declared property nor another one?
    pub fn is_empty(&self) -> bool {
        self.values.iter().all(Option::is_none) && self.undeclared.is_none()
    }

    /// What a caller gave besides the properties that the model declares. Records that are found have none: a model keeps
    /// it in a property of the type [`Extra`](super::Extra).
    pub fn undeclared(&self) -> Option<&Map<String, Json>> {
        self.undeclared.as_deref()
    }

    /// Takes away the properties that the model does not declare.
    pub(crate) fn take_undeclared(&mut self) -> Option<Map<String, Json>> {
        self.undeclared.take().map(|undeclared| *undeclared)
    }

    /// The room for properties that the model does not declare.
    pub fn undeclared_mut(&mut self) -> &mut Map<String, Json> {
        self.undeclared.get_or_insert_with(Box::default)
    }

    /// Takes over every present value of `changes`.
    pub fn merge(&mut self, changes: Record) {
        for (slot, change) in self.values.iter_mut().zip(changes.values) {
            if change.is_some() {
                *slot = change;
            }
        }
        if let Some(undeclared) = changes.undeclared {
            self.undeclared_mut().extend(*undeclared);
        }
    }

    /// The included relations, by their position in the description.
    pub fn related(&self) -> &[(usize, Related)] {
        &self.related
    }

    pub(crate) fn related_mut(&mut self) -> &mut [(usize, Related)] {
        &mut self.related
    }

    /// Attaches the included data of the relation at `index`, in the place of what was there.
    pub fn set_related(&mut self, index: usize, related: Related) {
        self.related.retain(|(known, _)| *known != index);
        self.related.push((index, related));
    }

    /// Takes away what is attached by relations.
    pub(crate) fn take_all_related(&mut self) -> Vec<(usize, Related)> {
        std::mem::take(&mut self.related)
    }

    /// How many records this is with all that it includes.
    pub(crate) fn size(&self) -> usize {
        let related = self.related.iter().map(|(_, related)| match related {
            Related::One(record) => record.as_ref().map_or(0, |record| record.size()),
            Related::Many(records) => records.iter().map(Record::size).sum(),
            Related::Any(any) => any.as_ref().map_or(0, |any| any.record().size()),
        });
        1 + related.sum::<usize>()
    }

    /// Takes what is at `place` out of the record, as a record of `def`.
    pub(super) fn take_part(&mut self, place: Place, def: &ModelDef) -> Record {
        let positions = place.properties..place.properties + def.properties.len();
        let values = positions.map(|index| self.remove(index)).collect();
        let mut part = Record::from_values(values);
        let relations = place.relations..place.relations + def.relations.len();
        let related = std::mem::take(&mut self.related);
        for (index, related) in related {
            if relations.contains(&index) {
                part.set_related(index - place.relations, related);
            } else {
                self.related.push((index, related));
            }
        }
        part
    }

    /// Puts the values of `part` at `place` into the record.
    pub(super) fn put_part(&mut self, place: Place, part: Record) {
        for (index, value) in part.values.into_iter().enumerate() {
            if let Some(value) = value {
                self.set(place.properties + index, value);
            }
        }
    }

    /// Puts a typed value at `index`.
    pub fn put<T: Property>(&mut self, index: usize, value: T) {
        self.set(index, value.into_value());
    }

    /// Takes the typed value at `index` out of the record.
    ///
    /// # Errors
    /// The property is absent and `T` is no `Option`, or the value has another type.
    pub fn take<T: Property>(&mut self, index: usize) -> Result<T, PropertyError> {
        let value = self.remove(index).unwrap_or(Value::Null);
        if value.is_null() && !T::NULLABLE {
            return Err(PropertyError {
                index,
                message: "has no value",
            });
        }
        T::from_value(value).ok_or(PropertyError {
            index,
            message: "has a value of another type",
        })
    }

    /// Takes the included data of the relation at `index` out of the record.
    ///
    /// # Errors
    /// As the target's own conversion.
    pub fn take_related<R: RelationField>(&mut self, index: usize) -> Result<R, PropertyError> {
        match self
            .related
            .iter()
            .position(|(relation, _)| *relation == index)
        {
            Some(position) => R::from_related(self.related.swap_remove(position).1),
            None => Ok(R::default()),
        }
    }
}

/// A record as LoopBack's JSON: declared properties in order, undeclared ones, included relations; absent ones are left
/// out, hidden ones too, and protected ones within another instance (contract *rest.md* §6, *models.md* §6).
#[derive(Debug, Clone, Copy)]
pub struct RecordJson<'a> {
    /// The record's description.
    pub def: &'static ModelDef,
    /// The record.
    pub record: &'a Record,
}

impl Serialize for RecordJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize(self.def, self.record, false, serializer)
    }
}

impl<'a> RecordJson<'a> {
    /// A record within another one.
    pub(super) fn nested(def: &'static ModelDef, record: &'a Record) -> impl Serialize + use<'a> {
        Nested(RecordJson { def, record })
    }
}

/// A record within another one.
struct Nested<'a>(RecordJson<'a>);

impl Serialize for Nested<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize(self.0.def, self.0.record, true, serializer)
    }
}

fn serialize<S: Serializer>(
    def: &'static ModelDef,
    record: &Record,
    nested: bool,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    members(def, record, nested, &mut Entries(&mut map))?;
    map.end()
}

/// Takes the members of a record's JSON, one after the other.
pub(super) trait Members {
    type Error;

    /// The value of the property `name`, which is the one at `index`.
    fn value(&mut self, index: usize, name: &str, value: &Value) -> Result<(), Self::Error>;
    /// What the model does not declare.
    fn json(&mut self, name: &str, json: &Json) -> Result<(), Self::Error>;
    fn one(
        &mut self,
        name: &str,
        def: &'static ModelDef,
        record: &Record,
    ) -> Result<(), Self::Error>;
    fn many(
        &mut self,
        name: &str,
        def: &'static ModelDef,
        records: &[Record],
    ) -> Result<(), Self::Error>;
    fn any(&mut self, name: &str, instance: &AnyModel) -> Result<(), Self::Error>;
}

/// Shows `seen` what others see of a record; `nested`: within another one?
pub(super) fn members<M: Members>(
    def: &'static ModelDef,
    record: &Record,
    nested: bool,
    seen: &mut M,
) -> Result<(), M::Error> {
    for (index, (property, value)) in def.properties.iter().zip(record.values()).enumerate() {
        let unseen = property.hidden || nested && property.protected;
        if let Some(value) = value.as_ref().filter(|_| !unseen) {
            seen.value(index, property.name, &property.ty.shown(value))?;
        }
    }
    for (name, value) in super::kept_undeclared(def, record) {
        seen.json(name, value)?;
    }
    for (index, related) in record.related() {
        let Some(relation) = def.relations.get(*index) else {
            continue;
        };
        match (related, relation.target()) {
            (Related::One(Some(record)), Some(def)) => seen.one(relation.name, def, record)?,
            (Related::Many(records), Some(def)) => seen.many(relation.name, def, records)?,
            (Related::Any(Some(any)), _) => seen.any(relation.name, any)?,
            // Nothing found is an absent key for to-one relations (contract querying.md §6.2).
            _ => {}
        }
    }
    Ok(())
}

/// The members of a record, for serde.
struct Entries<'m, M>(&'m mut M);

impl<M: SerializeMap> Members for Entries<'_, M> {
    type Error = M::Error;

    fn value(&mut self, _: usize, name: &str, value: &Value) -> Result<(), M::Error> {
        self.0.serialize_entry(name, value)
    }

    fn json(&mut self, name: &str, json: &Json) -> Result<(), M::Error> {
        self.0.serialize_entry(name, json)
    }

    fn one(&mut self, name: &str, def: &'static ModelDef, record: &Record) -> Result<(), M::Error> {
        self.0
            .serialize_entry(name, &Nested(RecordJson { def, record }))
    }

    fn many(
        &mut self,
        name: &str,
        def: &'static ModelDef,
        records: &[Record],
    ) -> Result<(), M::Error> {
        self.0
            .serialize_entry(name, &NestedRecords { def, records })
    }

    fn any(&mut self, name: &str, instance: &AnyModel) -> Result<(), M::Error> {
        self.0.serialize_entry(name, instance)
    }
}

struct NestedRecords<'a> {
    def: &'static ModelDef,
    records: &'a [Record],
}

impl Serialize for NestedRecords<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let def = self.def;
        let nested = |record| Nested(RecordJson { def, record });
        serializer.collect_seq(self.records.iter().map(nested))
    }
}

/// The properties that have a value, with it.
pub(crate) fn present<'a>(
    properties: &'a [PropertyDef],
    record: &'a Record,
) -> impl Iterator<Item = (&'a PropertyDef, &'a Value)> {
    properties
        .iter()
        .zip(record.values())
        .filter_map(|(property, value)| Some((property, value.as_ref()?)))
}

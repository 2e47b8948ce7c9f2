//! The records of one table.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::key::Key;
use super::value::kept;
use crate::connectors::fit::{check_changes, check_new, duplicate_entry, holds_duplicates};
use crate::model::{DefaultDef, Extra, ModelDef, PropertyDef, Record, Value, kept_undeclared};
use crate::query::{Comparison, Condition, Filter};
use crate::{Error, Result};

/// The records of one table, in the shape of the model that wrote last.
#[derive(Clone)]
pub(super) struct Collection {
    /// What the file calls it: the name of the first model that used it.
    pub name: String,
    /// The next id, as long as nobody gives a greater one.
    pub next_id: i64,
    shape: &'static ModelDef,
    // Shared with the states that transactions and readers hold: copying a collection copies no record.
    rows: BTreeMap<Key, Arc<Row>>,
    unique: Vec<Unique>,
}

/// One record.
#[derive(Clone)]
pub(super) struct Row {
    /// Every property has a value, be it null.
    pub record: Record,
    /// By name, what the shape does not know: written by a larger model, or by another program.
    pub aside: Map<String, Json>,
}

impl Row {
    /// The record of `model`, and what the model does not declare: kept in the record, if it has room.
    pub fn new(model: &ModelDef, mut record: Record, aside: Map<String, Json>) -> Self {
        let aside = match model.extra_index() {
            Some(index) => {
                record.put(index, Extra(aside));
                Map::new()
            }
            None => aside,
        };
        Row { record, aside }
    }
}

/// Who has which value of a unique property, or which values of properties that are unique together.
#[derive(Clone)]
struct Unique {
    properties: Vec<usize>,
    ids: BTreeMap<Vec<Key>, Key>,
}

impl Unique {
    /// The values; none where one is null, which any number of rows may have.
    fn key<'a>(&self, value: impl Fn(usize) -> &'a Value) -> Option<Vec<Key>> {
        let values = self.properties.iter().map(|property| value(*property));
        values
            .map(|value| (!value.is_null()).then(|| Key(value.clone())))
            .collect()
    }
}

impl Collection {
    pub fn new(name: impl Into<String>, shape: &'static ModelDef) -> Self {
        let unique = |properties| Unique {
            properties,
            ids: BTreeMap::new(),
        };
        Collection {
            name: name.into(),
            next_id: 1,
            shape,
            rows: BTreeMap::new(),
            unique: shape.unique_keys().map(unique).collect(),
        }
    }

    pub fn is_shaped_as(&self, model: &ModelDef) -> bool {
        let same_parts = std::ptr::eq(self.shape.properties, model.properties)
            && std::ptr::eq(self.shape.indexes, model.indexes);
        std::ptr::eq(self.shape, model) || same_parts
    }

    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.rows.values().map(Arc::as_ref)
    }

    pub fn shape(&self) -> &'static ModelDef {
        self.shape
    }

    /// Adds a row that was stored before.
    ///
    /// # Errors
    /// Its id or a unique value is taken.
    pub fn restore(&mut self, mut row: Row) -> Result<()> {
        let id = Key(self.shape.id_of(&row.record));
        for (index, property) in self.shape.properties.iter().enumerate() {
            if row.record.get(index).is_none() {
                row.record.set(index, for_old_rows(property));
            }
        }
        for unique in &mut self.unique {
            if let Some(key) = unique.key(|property| row.record.value(property))
                && unique.ids.insert(key, id.clone()).is_some()
            {
                let properties = self.shape.properties_at(&unique.properties);
                return Err(holds_duplicates(self.shape, &properties));
            }
        }
        if let Value::Integer(number) = id.0 {
            self.next_id = self.next_id.max(number.saturating_add(1));
        }
        match self.rows.insert(id, Arc::new(row)) {
            None => Ok(()),
            Some(_) => Err(Error::internal(format!(
                "the table `{}` holds an id twice; remove the duplicates first",
                self.shape.table
            ))),
        }
    }

    /// The same rows as records of another model: values go by their column, and what `model` doesn't know is put aside.
    ///
    /// # Errors
    /// The rows break a rule that only `model` has.
    pub fn reshaped(&self, model: &'static ModelDef) -> Result<Collection> {
        let mut reshaped = Collection::new(self.name.clone(), model);
        reshaped.next_id = self.next_id;
        for row in self.rows() {
            reshaped.restore(self.reshaped_row(row, model)?)?;
        }
        Ok(reshaped)
    }

    /// As [`reshaped`](Self::reshaped), for reading alone: without indexes, so no rule can be broken.
    pub fn seen_as(&self, model: &'static ModelDef) -> Result<Collection> {
        let mut seen = Collection::new(self.name.clone(), model);
        seen.unique = Vec::new();
        for row in self.rows() {
            seen.restore(self.reshaped_row(row, model)?)?;
        }
        Ok(seen)
    }

    fn reshaped_row(&self, row: &Row, model: &'static ModelDef) -> Result<Row> {
        let mut record = Record::new(model);
        let mut aside = row.aside.clone();
        for (name, json) in kept_undeclared(self.shape, &row.record) {
            aside.insert(name.clone(), json.clone());
        }
        for (property, value) in self.shape.properties.iter().zip(row.record.values()) {
            let Some(value) = value else { continue };
            if property.extra {
                continue;
            }
            let same = |known: &PropertyDef| known.column == property.column;
            match model.properties.iter().position(same) {
                Some(index) => record.set(index, value.clone()),
                None => {
                    aside.insert(property.name.to_owned(), value.to_json());
                }
            }
        }
        for (index, property) in model.properties.iter().enumerate() {
            if record.get(index).is_none()
                && !property.extra
                && let Some(json) = aside.remove(property.name)
            {
                let value = super::file::decode(property, json).map_err(|message| {
                    let place = format!("`{}.{}`", model.name, property.name);
                    Error::internal(format!("a value stored for {place} {message}"))
                })?;
                record.set(index, value);
            }
        }
        Ok(Row::new(model, record, aside))
    }

    /// The records that `filter` finds.
    pub fn find(&self, filter: &Filter) -> Vec<Record> {
        let mut found: Vec<&Record> = self
            .matching(&filter.condition)
            .map(|(_, row)| &row.record)
            .collect();
        // Rows come by their id already.
        if filter.near.is_some() || !filter.order.is_empty() {
            filter.arrange(self.shape, &mut found);
        }
        let bound = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let found = found.into_iter().skip(bound(filter.skip));
        let found = found.take(filter.limit.map_or(usize::MAX, bound));
        found
            .map(|record| {
                let mut record = record.clone();
                filter.select(self.shape, &mut record);
                record
            })
            .collect()
    }

    /// The rows that `condition` finds, by id.
    pub fn matching<'a>(
        &'a self,
        condition: &'a Condition,
    ) -> impl Iterator<Item = (&'a Key, &'a Row)> {
        let rows: Box<dyn Iterator<Item = (&Key, &Arc<Row>)>> = match self.ids(condition) {
            Some(ids) => Box::new(
                ids.into_iter()
                    .filter_map(|id| self.rows.get_key_value(&id)),
            ),
            None => Box::new(self.rows.iter()),
        };
        rows.map(|(id, row)| (id, row.as_ref()))
            .filter(|(_, row)| condition.matches(&row.record))
    }

    /// The only ids that can fulfil `condition`, in order, when it says so itself: then nothing is scanned.
    fn ids(&self, condition: &Condition) -> Option<Vec<Key>> {
        if self.shape.has_composite_id() {
            let keys = self.shape.ids();
            let keys = keys.map(|index| condition.demanded(index).cloned());
            let id: Option<Vec<Value>> = keys.collect();
            if let Some(id) = id {
                return Some(vec![Key(Value::Array(id))]);
            }
        }
        match condition {
            Condition::And(list) => list.iter().find_map(|condition| self.ids(condition)),
            Condition::Compare {
                property,
                comparison,
            } if *property == self.shape.id_index() && !self.shape.has_composite_id() => {
                match comparison {
                    Comparison::Equal(id) => Some(vec![Key(id.clone())]),
                    Comparison::In(list) => {
                        let mut ids: Vec<_> = list.iter().cloned().map(Key).collect();
                        ids.sort();
                        ids.dedup();
                        Some(ids)
                    }
                    _ => None,
                }
            }
            Condition::Compare {
                property,
                comparison: Comparison::Equal(value),
            } if !value.is_null() => {
                let mut unique = self.unique.iter();
                let unique = unique.find(|one| one.properties == [*property])?;
                Some(
                    unique
                        .ids
                        .get([Key(value.clone())].as_slice())
                        .cloned()
                        .into_iter()
                        .collect(),
                )
            }
            _ => None,
        }
    }

    /// Adds a new record and returns it with its id.
    pub fn create(&mut self, mut record: Record) -> Result<Record> {
        let model = self.shape;
        check_new(model, &record)?;
        let index = model.id_index();
        if record.value(index).is_null() {
            if self.next_id == i64::MAX {
                let message = format!("`{}` has given its last id", model.name);
                return Err(Error::internal(message));
            }
            record.set(index, Value::Integer(self.next_id));
        }
        let record = kept(model, &record);
        if self.rows.contains_key(&Key(model.id_of(&record))) {
            return Err(duplicate_entry(model, &model.id_properties()));
        }
        for unique in &self.unique {
            let key = unique.key(|property| record.value(property));
            if key.is_some_and(|key| unique.ids.contains_key(&key)) {
                return Err(self.taken(unique));
            }
        }

        let mut stored = record.clone();
        for index in 0..model.properties.len() {
            if stored.get(index).is_none() {
                stored.set(index, Value::Null);
            }
        }
        let row = Row {
            record: stored,
            aside: Map::new(),
        };
        self.restore(row)?;
        Ok(record)
    }

    /// Sets the present values of `changes` in the rows with these ids.
    pub fn update(&mut self, ids: &[Key], changes: &Record) -> Result<()> {
        let model = self.shape;
        check_changes(model, changes)?;
        let changes = kept(model, changes);
        self.refuse_taken_ids(ids, &changes)?;
        self.refuse_taken(ids, &changes)?;

        for id in ids {
            let Some(mut row) = self.take(id) else {
                continue;
            };
            let record = &mut Arc::make_mut(&mut row).record;
            record.merge(changes.clone());
            record.keep_undeclared(model);
            record.raise_version(model);
            self.restore(Arc::unwrap_or_clone(row))?;
        }
        Ok(())
    }

    /// Deletes the rows with these ids.
    pub fn delete(&mut self, ids: &[Key]) {
        for id in ids {
            self.take(id);
        }
    }

    fn take(&mut self, id: &Key) -> Option<Arc<Row>> {
        let row = self.rows.remove(id)?;
        for unique in &mut self.unique {
            if let Some(key) = unique.key(|property| row.record.value(property)) {
                unique.ids.remove(&key);
            }
        }
        Some(row)
    }

    /// Refuses `changes` of the rows with these ids, if two rows would have one id.
    fn refuse_taken_ids(&self, ids: &[Key], changes: &Record) -> Result<()> {
        let model = self.shape;
        if model.ids().all(|index| changes.get(index).is_none()) {
            return Ok(());
        }
        let mut given = BTreeSet::new();
        for (id, row) in ids.iter().filter_map(|id| self.rows.get_key_value(id)) {
            let mut changed = row.record.clone();
            changed.merge(changes.clone());
            let new = Key(model.id_of(&changed));
            let taken = new != *id && self.rows.contains_key(&new);
            if taken || !given.insert(new) {
                return Err(duplicate_entry(model, &model.id_properties()));
            }
        }
        Ok(())
    }

    /// Refuses `changes` of the rows with these ids, if they or another row would have a unique value twice.
    fn refuse_taken(&self, ids: &[Key], changes: &Record) -> Result<()> {
        for unique in &self.unique {
            let mut properties = unique.properties.iter();
            if !properties.any(|property| changes.get(*property).is_some()) {
                continue;
            }
            let mut given = BTreeSet::new();
            for row in ids.iter().filter_map(|id| self.rows.get(id)) {
                let value = |property| match changes.get(property) {
                    Some(value) => value,
                    None => row.record.value(property),
                };
                let Some(key) = unique.key(value) else {
                    continue;
                };
                let owner = unique.ids.get(&key);
                if owner.is_some_and(|id| !ids.contains(id)) || !given.insert(key) {
                    return Err(self.taken(unique));
                }
            }
        }
        Ok(())
    }

    fn taken(&self, unique: &Unique) -> Error {
        let properties = self.shape.properties_at(&unique.properties);
        duplicate_entry(self.shape, &properties)
    }
}

/// What the rows that are there have in a property that is new: the literal default, or null.
fn for_old_rows(property: &PropertyDef) -> Value {
    match property.default {
        Some(default @ (DefaultDef::Literal(_) | DefaultDef::EmptyList)) if !property.nullable => {
            default.value(&property.ty)
        }
        _ => Value::Null,
    }
}

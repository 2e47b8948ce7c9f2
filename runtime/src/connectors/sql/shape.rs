//! What statements have in common that differ in their values alone: their text, which is written once.
//!
//! A shape is what is asked without the values, and the values in the order in which the statement's text names them. It
//! knows the plain questions, which most are; whatever it does not know is written anew each time.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use sea_orm::sea_query::{Value as Bound, Values};
use sea_orm::{DbBackend, Statement};

use super::column::{bind, own_type};
use super::condition::{list_parameter, split_null};
use crate::connectors::Through;
use crate::model::{ModelDef, PropertyDef, Record, Value};
use crate::query::{Comparison, Condition, Direction, Filter};

/// A longer question is rarely asked twice.
const LONGEST: usize = 256;
/// So many different ones no application asks; a hostile client might.
const MOST: usize = 2_000;

/// A question to the database, the values apart from the rest. Each part of the key says by its first byte what it is and how
/// long, so that no two questions have one key.
pub(super) struct Shape {
    backend: DbBackend,
    key: Vec<u8>,
    values: Vec<Bound>,
}

impl Shape {
    fn new(backend: DbBackend, kind: u8, model: &'static ModelDef) -> Self {
        let mut key = Vec::with_capacity(64);
        key.push(kind);
        // Two applications over one connector may each have a model of this name.
        let def = std::ptr::from_ref(model).addr();
        key.extend_from_slice(&def.to_ne_bytes());
        Shape {
            backend,
            key,
            values: Vec::new(),
        }
    }

    /// What a filter finds, of which the properties at `columns` are read; `bound` is a limit that is written into the text.
    pub fn find(
        backend: DbBackend,
        model: &'static ModelDef,
        filter: &Filter,
        columns: &[usize],
        bound: Option<u64>,
        locked: bool,
    ) -> Option<Self> {
        let mut shape = Shape::new(backend, if locked { b'l' } else { b'f' }, model);
        if filter.near.is_some() {
            return None;
        }
        if columns.len() < model.properties.len() {
            shape.key.push(b'(');
            for column in columns {
                shape.number(*column)?;
            }
            shape.key.push(b')');
        }
        shape.condition(model, &filter.condition)?;
        for order in &filter.order {
            let property = model.properties.get(order.property)?;
            if order.path.is_some() || property.ty.is_structured() {
                return None;
            }
            shape.key.push(match order.direction {
                Direction::Ascending => b'<',
                Direction::Descending => b'>',
            });
            shape.number(order.property)?;
        }
        let most = i64::MAX.unsigned_abs();
        match (bound, filter.limit) {
            (Some(bound), _) => {
                shape.key.push(b'b');
                shape.key.extend_from_slice(&bound.to_ne_bytes());
            }
            (None, Some(limit)) => {
                shape.key.push(b'n');
                shape.values.push(limit.min(most).into());
            }
            (None, None) if filter.skip > 0 && backend != DbBackend::Postgres => {
                shape.values.push(most.into());
            }
            (None, None) => {}
        }
        if filter.skip > 0 {
            shape.key.push(b's');
            shape.values.push(filter.skip.min(most).into());
        }
        shape.done()
    }

    /// The whole record with this id.
    pub fn by_id(backend: DbBackend, model: &'static ModelDef, id: &Value) -> Option<Self> {
        let mut shape = Shape::new(backend, b'1', model);
        let id = bind(backend, model.id().ty, id).ok()?;
        shape.values.push(id);
        shape.done()
    }

    /// The whole records that others lead to.
    pub fn through(
        backend: DbBackend,
        model: &'static ModelDef,
        through: &Through<'_>,
    ) -> Option<Self> {
        let mut shape = Shape::new(backend, b't', model);
        let def = std::ptr::from_ref(through.model).addr();
        shape.key.extend_from_slice(&def.to_ne_bytes());
        shape.number(through.key)?;
        shape.condition(through.model, through.condition)?;
        shape.done()
    }

    /// How many records a condition finds.
    pub fn count(
        backend: DbBackend,
        model: &'static ModelDef,
        condition: &Condition,
    ) -> Option<Self> {
        Shape::about(backend, b'c', model, condition)
    }

    /// The records that a condition finds are deleted.
    pub fn delete(
        backend: DbBackend,
        model: &'static ModelDef,
        condition: &Condition,
    ) -> Option<Self> {
        Shape::about(backend, b'd', model, condition)
    }

    fn about(
        backend: DbBackend,
        kind: u8,
        model: &'static ModelDef,
        condition: &Condition,
    ) -> Option<Self> {
        let mut shape = Shape::new(backend, kind, model);
        shape.condition(model, condition)?;
        shape.done()
    }

    /// The records that a condition finds are changed.
    pub fn update(
        backend: DbBackend,
        model: &'static ModelDef,
        condition: &Condition,
        changes: &Record,
    ) -> Option<Self> {
        let mut shape = Shape::new(backend, b'u', model);
        shape.assignments(model, changes, |_| true)?;
        if model.extra_index().is_some() && changes.undeclared().is_some() {
            return None;
        }
        if model.version_index().is_some() {
            shape.values.push(1.into());
        }
        shape.condition(model, condition)?;
        shape.done()
    }

    /// A new record, whose id is `given` or the database's to give.
    pub fn insert(
        backend: DbBackend,
        model: &'static ModelDef,
        record: &Record,
        given: bool,
    ) -> Option<Self> {
        let mut shape = Shape::new(backend, if given { b'g' } else { b'i' }, model);
        shape.assignments(model, record, |property| given || !property.id)?;
        shape.done()
    }

    #[cfg(test)]
    pub fn values(&self) -> &[Bound] {
        &self.values
    }

    fn done(self) -> Option<Self> {
        (self.key.len() <= LONGEST).then_some(self)
    }

    fn number(&mut self, number: usize) -> Option<()> {
        let number = u16::try_from(number).ok()?;
        self.key.push(b'#');
        self.key.extend_from_slice(&number.to_ne_bytes());
        Some(())
    }

    fn assignments(
        &mut self,
        model: &ModelDef,
        record: &Record,
        meant: impl Fn(&PropertyDef) -> bool,
    ) -> Option<()> {
        let values = record.values().iter().enumerate();
        for (index, value) in values {
            let property = model.properties.get(index)?;
            let Some(value) = value.as_ref().filter(|_| meant(property)) else {
                continue;
            };
            // Of a type of its own, null has a text of its own.
            if own_type(self.backend, property).is_some() {
                return None;
            }
            self.number(index)?;
            self.values
                .push(bind(self.backend, property.ty, value).ok()?);
        }
        self.key.push(b'=');
        Some(())
    }

    fn condition(&mut self, model: &ModelDef, condition: &Condition) -> Option<()> {
        match condition {
            Condition::And(list) => self.list(model, b'&', list),
            Condition::Or(list) => self.list(model, b'|', list),
            Condition::Compare {
                property,
                comparison,
            } => {
                self.number(*property)?;
                let property = model.properties.get(*property)?;
                self.comparison(property, comparison)
            }
            Condition::Not(_) | Condition::Member { .. } => None,
        }
    }

    fn list(&mut self, model: &ModelDef, kind: u8, list: &[Condition]) -> Option<()> {
        self.key.push(kind);
        self.number(list.len())?;
        if list.len() > LONGEST {
            return None;
        }
        list.iter()
            .try_for_each(|condition| self.condition(model, condition))
    }

    fn comparison(&mut self, property: &PropertyDef, comparison: &Comparison) -> Option<()> {
        if property.ty.is_structured() {
            return None;
        }
        let (kind, value) = match comparison {
            Comparison::Equal(value) => (b'e', value),
            Comparison::NotEqual(value) => (b'n', value),
            Comparison::Greater(value) => (b'>', value),
            Comparison::GreaterOrEqual(value) => (b'g', value),
            Comparison::Less(value) => (b'<', value),
            Comparison::LessOrEqual(value) => (b'l', value),
            Comparison::In(list) => return self.one_of(property, list),
            _ => return None,
        };
        self.key.push(kind);
        if value.is_null() {
            self.key.push(b'0');
            return Some(());
        }
        self.key.push(b'1');
        self.values
            .push(bind(self.backend, property.ty, value).ok()?);
        Some(())
    }

    fn one_of(&mut self, property: &PropertyDef, list: &[Value]) -> Option<()> {
        let (values, null) = split_null(list);
        let bound = values
            .iter()
            .map(|value| bind(self.backend, property.ty, value));
        let mut bound = bound.collect::<Result<Vec<_>, _>>().ok()?;
        self.key.push(if null { b'o' } else { b'i' });
        let value = match bound.len() {
            0 => return None,
            1 => {
                self.key.push(b'1');
                bound.pop()?
            }
            _ => {
                self.key.push(b'+');
                list_parameter(self.backend, property.ty, &values, bound).ok()?
            }
        };
        self.values.push(value);
        Some(())
    }
}

/// The texts of statements, by their shape.
#[derive(Default)]
pub(super) struct Texts(RwLock<HashMap<Vec<u8>, Arc<str>>>);

impl Texts {
    /// The statement of this shape, if its text is known; otherwise the shape again.
    pub fn statement(&self, shape: Option<Shape>) -> Result<Statement, Option<Shape>> {
        let shape = shape.ok_or(None)?;
        let texts = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let Some(text) = texts.get(&shape.key) else {
            return Err(Some(shape));
        };
        Ok(Statement {
            sql: text.to_string(),
            values: Some(Values(shape.values)),
            db_backend: shape.backend,
        })
    }

    #[cfg(test)]
    pub fn len(&self) -> usize {
        let texts = self.0.read().unwrap_or_else(PoisonError::into_inner);
        texts.len()
    }

    /// Remembers the text of a statement, which has been written for `shape`.
    pub fn keep(&self, shape: Option<Shape>, statement: &Statement) {
        let Some(shape) = shape else { return };
        // Whatever their order is worth: a text that asks for other values is not the shape's.
        let values = statement.values.as_ref();
        if values.map_or(&[][..], |values| &values.0) != shape.values.as_slice() {
            return;
        }
        let mut texts = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if texts.len() >= MOST {
            texts.clear();
        }
        texts.insert(shape.key, statement.sql.as_str().into());
    }
}

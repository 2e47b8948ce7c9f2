//! Some properties of a model.

use std::fmt;
use std::marker::PhantomData;

use crate::model::{Model, Property, Record};
use crate::query::{Column, Comparable};

/// Some properties of an `M`: what is to be changed, and nothing else. Absent, null and a value are three things.
///
/// ```
/// use loopwright::prelude::*;
///
/// #[derive(Model)]
/// #[acl(open)]
/// struct Shop {
///     #[model(id, generated)]
///     id: i64,
///     name: String,
///     city: Option<String>,
/// }
///
/// let patch = Patch::new().set(Shop::NAME, "Bel Café").set(Shop::CITY, None);
/// assert_eq!(patch.get(Shop::NAME).as_deref(), Some("Bel Café"));
/// assert_eq!(patch.get(Shop::CITY), Some(None));
/// assert_eq!(patch.get(Shop::ID), None);
/// ```
pub struct Patch<M> {
    pub(super) record: Record,
    model: PhantomData<fn() -> M>,
}

impl<M: Model> Patch<M> {
    /// No property at all.
    pub fn new() -> Self {
        Patch {
            record: Record::new(M::DEF),
            model: PhantomData,
        }
    }

    /// The patch with a value for one more property.
    #[must_use]
    pub fn set<T: Property>(mut self, column: Column<M, T>, value: impl Comparable<T>) -> Self {
        self.record.set(column.index(), value.into_operand());
        self
    }

    /// The value for a property, if the patch has one.
    pub fn get<T: Property>(&self, column: Column<M, T>) -> Option<T> {
        T::from_value(self.record.get(column.index())?.clone())
    }
}

impl<M: Model> Default for Patch<M> {
    fn default() -> Self {
        Patch::new()
    }
}

/// Every property of the instance.
impl<M: Model> From<M> for Patch<M> {
    fn from(instance: M) -> Self {
        Patch {
            record: instance.into_record(),
            model: PhantomData,
        }
    }
}

impl<M> Clone for Patch<M> {
    fn clone(&self) -> Self {
        Patch {
            record: self.record.clone(),
            model: PhantomData,
        }
    }
}

// The values may be secrets.
impl<M> fmt::Debug for Patch<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Patch").finish_non_exhaustive()
    }
}

//! `#[hook(loaded)]`.

use std::marker::PhantomData;

use super::{Context, in_common};
use crate::model::{Mixin, Model, Property, Record};
use crate::query::{Column, Comparable};

/// A record of `M` that has come from the data source: found, or just stored.
///
/// What is changed here is what the caller of a read or an upsert gets. It is not stored.
pub struct Loaded<'a, M> {
    pub(super) context: &'a mut Context<Found>,
    pub(super) model: PhantomData<fn() -> M>,
}

pub(super) struct Found {
    pub record: Record,
    pub new: bool,
}

in_common!(Loaded);

impl<M: Mixin> Loaded<'_, M> {
    /// The value of a property. None when the query did not ask for it.
    pub fn get<T: Property>(&self, column: Column<M, T>) -> Option<T> {
        let record = &self.context.about.record;
        self.context.value(record, column)
    }

    /// Gives the property another value in the answer.
    pub fn set<T: Property>(&mut self, column: Column<M, T>, value: impl Comparable<T>) {
        let position = self.context.position(column);
        let record = &mut self.context.about.record;
        record.set(position, value.into_operand());
    }

    /// Has the operation created the record?
    pub fn is_new_instance(&self) -> bool {
        self.context.about.new
    }
}

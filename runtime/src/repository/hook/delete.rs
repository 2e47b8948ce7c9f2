//! `#[hook(before_delete)]` and `#[hook(after_delete)]`.

use std::marker::PhantomData;

use super::{Context, in_common};
use crate::model::{Mixin, Model, Property, Record};
use crate::query::{Column, Comparable, Condition};
use crate::repository::ErasedRepository;

/// Instances of `M` that are about to be deleted, or that have been.
pub struct Delete<'a, M> {
    pub(super) context: &'a mut Context<Deleted>,
    pub(super) model: PhantomData<fn() -> M>,
}

pub(super) struct Deleted {
    pub condition: Condition,
    /// What is stored in the records, if they are to stay.
    pub instead: Option<Record>,
}

impl Deleted {
    pub fn of(condition: Condition) -> Self {
        Deleted {
            condition,
            instead: None,
        }
    }
}

in_common!(Delete);

impl<M: Mixin> Delete<'_, M> {
    /// Which instances: [`Condition::ALL`] for all. Of a delete by id, the condition is about the id.
    pub fn condition(&self) -> &Condition {
        &self.context.about.condition
    }

    /// The model of the operation without its Rust type.
    pub(crate) fn erased(&self) -> &ErasedRepository {
        &self.context.repository
    }

    /// Deletes only those among them that `condition` finds too. After the deletion it is without effect.
    pub fn narrow(&mut self, condition: Condition) {
        let condition = condition.shifted(self.context.place.properties);
        let asked = std::mem::take(&mut self.context.about.condition);
        self.context.about.condition = condition.and(asked);
    }

    /// Lets the records stay, and stores a value in them instead of deleting them. For who has deleted them they are
    /// gone: the count is theirs, and changes are told as removals. After the deletion it is without effect.
    ///
    /// [`SoftDelete`](crate::mixins::SoftDelete) does so.
    pub fn store_instead<T: Property>(&mut self, column: Column<M, T>, value: impl Comparable<T>) {
        let position = self.context.position(column);
        let def = self.context.repository.def();
        let instead = &mut self.context.about.instead;
        let record = instead.get_or_insert_with(|| Record::new(def));
        record.set(position, value.into_operand());
    }
}

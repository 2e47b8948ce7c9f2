//! `#[hook(access)]`.

use std::marker::PhantomData;

use super::{Context, in_common};
use crate::model::{Mixin, Model, Property};
use crate::query::{Column, Condition, Filter};
use crate::repository::ErasedRepository;

/// An operation that is about to look for instances of `M`.
///
/// What the filter no longer finds is not there for the operation: a read answers 404, an update changes nothing, a
/// delete counts 0, and an upsert creates a new instance with a new id.
pub struct Access<'a, M> {
    pub(super) context: &'a mut Context<Filter>,
    pub(super) model: PhantomData<fn() -> M>,
}

in_common!(Access);

impl<M: Mixin> Access<'_, M> {
    /// The query. Of an operation that does not read instances, only the condition counts.
    pub fn filter(&self) -> &Filter {
        &self.context.about
    }

    /// The query, to change it.
    pub fn filter_mut(&mut self) -> &mut Filter {
        &mut self.context.about
    }

    /// The model of the operation without its Rust type.
    pub(crate) fn erased(&self) -> &ErasedRepository {
        &self.context.repository
    }

    /// Where the model of the operation has a property.
    pub(crate) fn position<T: Property>(&self, column: Column<M, T>) -> usize {
        self.context.position(column)
    }

    /// Asks for `condition` too, whatever the caller has asked for.
    pub fn narrow(&mut self, condition: Condition) {
        let condition = condition.shifted(self.context.place.properties);
        let filter = &mut self.context.about;
        let asked = std::mem::take(&mut filter.condition);
        filter.condition = condition.and(asked);
    }
}

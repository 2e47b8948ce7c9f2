//! `#[hook(before_delete)]` and `#[hook(after_delete)]`.

use std::marker::PhantomData;

use super::{Context, in_common};
use crate::model::Model;
use crate::query::Condition;

/// Instances of `M` that are about to be deleted, or that have been.
pub struct Delete<'a, M> {
    pub(super) context: &'a mut Context<Deleted>,
    pub(super) model: PhantomData<fn() -> M>,
}

pub(super) struct Deleted {
    pub condition: Condition,
}

in_common!(Delete);

impl<M: Model> Delete<'_, M> {
    /// Which instances: [`Condition::ALL`] for all. Of a delete by id, the condition is about the id.
    pub fn condition(&self) -> &Condition {
        &self.context.about.condition
    }

    /// Deletes only those among them that `condition` finds too. After the deletion it is without effect.
    pub fn narrow(&mut self, condition: Condition) {
        let asked = std::mem::take(&mut self.context.about.condition);
        self.context.about.condition = condition.and(asked);
    }
}

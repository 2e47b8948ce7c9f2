//! Which rows somebody may see and change, as data.

use std::any::Any;
use std::fmt;

use super::{Place, PrincipalDef};

/// What somebody may do with some of a model's instances: written by `#[policy(...)]`.
///
/// Where a model has policies for an action, a caller may do it with what one of them allows, and with nothing else. What
/// can't be read can't be changed either: the policies for reading hold for changes and deletions, too. What has been changed
/// must still be what may be changed.
#[derive(Clone, Copy)]
pub struct PolicyDef {
    /// What may be done.
    pub actions: &'static [RowAction],
    /// Who may do it. To the owner, the rows are those that belong to them.
    pub principal: PrincipalDef<'static>,
    /// Where what the condition knows as its model begins.
    pub(crate) place: Place,
    // Callers and conditions are of rooms that this one does not know.
    rows: Option<RowsFn>,
}

/// From the caller to a condition, each without its type.
type RowsFn = fn(&dyn Any, &mut dyn Any);

/// What can be done with a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RowAction {
    /// It is found, counted, included and told of when it changes.
    Read,
    /// It is stored as a new one.
    Create,
    /// It is changed.
    Update,
    /// It is deleted.
    Delete,
}

impl RowAction {
    /// Every action.
    pub const ALL: &'static [Self] = &[Self::Read, Self::Create, Self::Update, Self::Delete];
}

impl PolicyDef {
    /// A policy by which `principal` may do `actions` with every row, or an owner with what is theirs.
    pub const fn new(actions: &'static [RowAction], principal: PrincipalDef<'static>) -> Self {
        PolicyDef {
            actions,
            principal,
            place: Place::START,
            rows: None,
        }
    }

    /// The policy for those rows alone that a condition finds. Written by `#[derive(Model)]`.
    #[doc(hidden)]
    #[must_use]
    pub const fn rows(mut self, rows: fn(&dyn Any, &mut dyn Any)) -> Self {
        self.rows = Some(rows);
        self
    }

    /// The policy of what a model has taken in at `place`.
    pub(super) const fn placed(mut self, place: Place) -> Self {
        self.place = place.then(self.place);
        self
    }

    /// Has the policy a condition of its own?
    pub const fn has_rows(&self) -> bool {
        self.rows.is_some()
    }

    /// Puts the policy's own condition for this caller into `condition`, if it has one.
    pub(crate) fn fill(&self, caller: &dyn Any, condition: &mut dyn Any) {
        if let Some(rows) = self.rows {
            rows(caller, condition);
        }
    }
}

impl fmt::Display for RowAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            RowAction::Read => "read",
            RowAction::Create => "create",
            RowAction::Update => "update",
            RowAction::Delete => "delete",
        })
    }
}

impl fmt::Debug for PolicyDef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PolicyDef")
            .field("actions", &self.actions)
            .field("principal", &self.principal)
            .field("has_rows", &self.has_rows())
            .finish_non_exhaustive()
    }
}

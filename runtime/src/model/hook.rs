//! What a model does beside every operation (contract *models.md* §10).

use std::any::Any;
use std::fmt;

use futures_util::future::BoxFuture;

use super::Place;
use crate::Result;

/// A function that the pipeline calls with every operation of one kind on a model: written by `#[hook(...)]` in an impl
/// block with `#[loopwright::methods]`.
#[derive(Clone, Copy)]
pub struct HookDef {
    /// When the function is called.
    pub kind: HookKind,
    /// The function's name, for log lines.
    pub name: &'static str,
    /// Where what the function knows as its model begins.
    pub(crate) place: Place,
    // What the operation is about is typed in the room of the pipeline, which this one does not know.
    call: HookFn,
}

/// The function with its argument's type taken away.
type HookFn = for<'a> fn(&'a mut (dyn Any + Send)) -> BoxFuture<'a, Result<()>>;

/// When a hook is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HookKind {
    /// Before the data source is asked which records an operation is about.
    Access,
    /// Before validation of what is to be stored.
    BeforeSave,
    /// When the rules have been asked about what is to be stored.
    Validate,
    /// Between validation and the data source.
    Persist,
    /// When a record has come from the data source.
    Loaded,
    /// When the data source has stored it.
    AfterSave,
    /// Before records are deleted.
    BeforeDelete,
    /// When the data source has deleted them.
    AfterDelete,
}

impl HookDef {
    /// A hook that calls `call` with the context of `kind`. Written by `#[loopwright::methods]`.
    #[doc(hidden)]
    pub const fn new(kind: HookKind, name: &'static str, call: HookFn) -> Self {
        HookDef {
            kind,
            name,
            place: Place::START,
            call,
        }
    }

    /// The hook of what a model has taken in at `place`.
    pub(crate) const fn placed(mut self, place: Place) -> Self {
        self.place = place.then(self.place);
        self
    }

    /// Calls the function with `context`.
    pub(crate) fn call<'a>(&self, context: &'a mut (dyn Any + Send)) -> BoxFuture<'a, Result<()>> {
        (self.call)(context)
    }
}

impl fmt::Debug for HookDef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HookDef")
            .field("kind", &self.kind)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

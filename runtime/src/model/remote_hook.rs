//! What a model does around calls from outside (contract *models.md* §14).

use std::any::Any;
use std::fmt;

use futures_util::future::BoxFuture;

use super::Place;
use crate::Result;

/// A function that is called with the calls of some methods: written by `#[remote_hook(...)]` in an impl block with
/// `#[loopwright::methods]`.
#[derive(Clone, Copy)]
pub struct RemoteHookDef {
    /// When the function is called.
    pub kind: RemoteHookKind,
    /// The methods that it is called with.
    pub methods: RemoteHookMethods,
    /// The function's name, for log lines.
    pub name: &'static str,
    /// Where what the function knows as its model begins.
    pub(crate) place: Place,
    // The call is typed in the room of the router, which this one does not know.
    call: RemoteHookFn,
}

/// The function with its argument's type taken away.
type RemoteHookFn = for<'a> fn(&'a mut (dyn Any + Send)) -> BoxFuture<'a, Result<()>>;

/// When a remote hook is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RemoteHookKind {
    /// When the caller may call the method, before it runs.
    Before,
    /// When the method has succeeded.
    After,
    /// When the call has failed.
    AfterError,
}

/// The methods that a remote hook is called with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RemoteHookMethods {
    /// One, by the name that rules go by: `updateAttributes`, `__get__reviews`.
    Named(&'static str),
    /// Those of the collection: LoopBack's `*`.
    Static,
    /// Those of one instance: LoopBack's `prototype.*`.
    Instance,
    /// All of them: LoopBack's `**`.
    All,
}

impl RemoteHookDef {
    /// A hook that calls `call`. Written by `#[loopwright::methods]`.
    #[doc(hidden)]
    pub const fn new(
        kind: RemoteHookKind,
        methods: RemoteHookMethods,
        name: &'static str,
        call: RemoteHookFn,
    ) -> Self {
        RemoteHookDef {
            kind,
            methods,
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

    /// Is the hook called with the method of this name?
    pub(crate) fn is_about(&self, name: &str, instance: bool) -> bool {
        match self.methods {
            RemoteHookMethods::Named(known) => known == name,
            RemoteHookMethods::Static => !instance,
            RemoteHookMethods::Instance => instance,
            RemoteHookMethods::All => true,
        }
    }

    /// Calls the function with `context`.
    pub(crate) fn call<'a>(&self, context: &'a mut (dyn Any + Send)) -> BoxFuture<'a, Result<()>> {
        (self.call)(context)
    }
}

impl fmt::Debug for RemoteHookDef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteHookDef")
            .field("kind", &self.kind)
            .field("methods", &self.methods)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

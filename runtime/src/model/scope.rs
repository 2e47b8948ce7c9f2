//! Queries that a model has by name (contract *models.md* §7).

use std::any::Any;
use std::fmt;

use super::Place;

/// A query of a model's own: written by `#[scope]` in an impl block with `#[loopwright::methods]`.
#[derive(Clone, Copy)]
pub struct ScopeDef {
    /// The name in paths, rules and the document.
    pub name: &'static str,
    /// Documentation, from the doc comment.
    pub docs: &'static str,
    /// Does it hold for every operation, instead of being served by its name?
    pub default: bool,
    /// Where what the function knows as its model begins.
    pub(crate) place: Place,
    // The filter is typed in the room of queries, which this one does not know: the function puts it there.
    filter: Fill,
}

#[derive(Clone, Copy)]
enum Fill {
    Function(fn(&mut dyn Any)),
    /// Of descriptions that are made at run time.
    Closure(&'static (dyn Fn(&mut dyn Any) + Send + Sync)),
}

impl ScopeDef {
    /// A scope whose filter `filter` makes. Written by `#[loopwright::methods]`.
    #[doc(hidden)]
    pub const fn new(name: &'static str, filter: fn(&mut dyn Any)) -> Self {
        ScopeDef {
            name,
            docs: "",
            default: false,
            place: Place::START,
            filter: Fill::Function(filter),
        }
    }

    /// As [`new`](Self::new), with a filter that was made at run time.
    pub(crate) const fn made(
        name: &'static str,
        filter: &'static (dyn Fn(&mut dyn Any) + Send + Sync),
    ) -> Self {
        ScopeDef {
            name,
            docs: "",
            default: false,
            place: Place::START,
            filter: Fill::Closure(filter),
        }
    }

    /// The scope with documentation.
    #[must_use]
    pub const fn docs(mut self, docs: &'static str) -> Self {
        self.docs = docs;
        self
    }

    /// The scope as the default one.
    #[must_use]
    pub const fn as_default(mut self) -> Self {
        self.default = true;
        self
    }

    /// The scope of what a model has taken in at `place`.
    pub(crate) const fn placed(mut self, place: Place) -> Self {
        self.place = place.then(self.place);
        self
    }

    /// Puts the filter into `place`.
    pub(crate) fn fill(&self, place: &mut dyn Any) {
        match self.filter {
            Fill::Function(fill) => fill(place),
            Fill::Closure(fill) => fill(place),
        }
    }
}

impl fmt::Debug for ScopeDef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScopeDef")
            .field("name", &self.name)
            .field("default", &self.default)
            .finish_non_exhaustive()
    }
}

/// Scopes are told apart by their names.
impl PartialEq for ScopeDef {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for ScopeDef {}

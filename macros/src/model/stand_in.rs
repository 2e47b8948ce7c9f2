//! What is known of an item that can't be what it is annotated as, such as an enum with `#[derive(Model)]`.

use syn::{Generics, Ident, Path, parse_quote};

/// Enough to implement the trait in form, so that the code that uses the item raises no second error.
pub(crate) struct StandIn {
    pub(crate) krate: Path,
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
}

impl StandIn {
    /// The stand-in for `ident`; `krate` is the runtime's path if an attribute names one.
    pub(crate) fn new(krate: Option<&Path>, ident: &Ident, generics: &Generics) -> Self {
        StandIn {
            krate: runtime(krate),
            ident: ident.clone(),
            generics: generics.clone(),
        }
    }
}

/// The path of the runtime, unless an attribute names another one.
pub(super) fn runtime(krate: Option<&Path>) -> Path {
    krate.cloned().unwrap_or_else(|| parse_quote!(::loopwright))
}

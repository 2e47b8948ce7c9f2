//! Which rows somebody may see and change.

use proc_macro2::Span;
use syn::Expr;

use super::name::plain;
use crate::attr::{PolicyAttr, Principal};

/// A policy.
pub(crate) struct Policy {
    /// The runtime's names of what may be done, each once.
    pub(crate) actions: Vec<&'static str>,
    pub(crate) principal: Principal,
    /// Where the principal is written.
    pub(crate) to: Span,
    pub(crate) rows: Option<Expr>,
}

const ALL: [&str; 4] = ["Read", "Create", "Update", "Delete"];

impl Policy {
    /// The policy of `attr`.
    pub(super) fn new(attr: PolicyAttr) -> Self {
        let words = attr.actions.iter().map(plain);
        let said: Vec<_> = words
            .flat_map(|word| match word.as_str() {
                "read" => &ALL[..1],
                "create" => &ALL[1..2],
                "update" => &ALL[2..3],
                "delete" => &ALL[3..],
                "write" => &ALL[1..],
                _ => &ALL[..],
            })
            .collect();
        let actions = ALL.into_iter().filter(|action| said.contains(&action));
        Policy {
            actions: actions.collect(),
            principal: attr.principal,
            to: attr.to,
            rows: attr.rows,
        }
    }
}

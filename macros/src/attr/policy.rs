//! `#[policy(...)]` on a struct.

use proc_macro2::Span;
use syn::{Attribute, Expr, Ident};

use super::acl::{Principal, principal};
use super::argument::arguments;
use crate::error::Errors;

/// One `#[policy(...)]`.
pub(crate) struct PolicyAttr {
    /// What may be done, as written: `read`, `write`, `all`.
    pub(crate) actions: Vec<Ident>,
    pub(crate) principal: Principal,
    /// Where the principal is written.
    pub(crate) to: Span,
    /// Which rows: a condition, or a closure from the caller to one.
    pub(crate) rows: Option<Expr>,
}

const WORDS: [&str; 8] = [
    "read", "create", "update", "delete", "write", "all", "to", "rows",
];

/// `#[policy(read, to = everyone, rows = Shop::OPEN.eq(true))]`, `#[policy(all, to = owner)]`
pub(super) fn policy(attribute: &Attribute, policies: &mut Vec<PolicyAttr>, errors: &mut Errors) {
    let before = errors.count();
    let mut actions = Vec::new();
    let (mut to, mut rows) = (None, None);
    let mut span = Span::call_site();
    for argument in arguments(attribute, errors) {
        match argument.word().as_str() {
            "to" => {
                span = argument.value_span();
                argument.fill(&mut to, Some(principal(&argument, errors)), errors);
            }
            "rows" => {
                let expr = argument.expr("Shop::OPEN.eq(true)", errors).cloned();
                argument.fill(&mut rows, Some(expr), errors);
            }
            word if WORDS.contains(&word) => {
                argument.flag(errors);
                actions.push(argument.key);
            }
            _ => argument.unknown("#[policy(...)]", &WORDS, errors),
        }
    }
    // An unknown word was probably the missing one.
    let unknown = errors.count() > before;
    if actions.is_empty() && !unknown {
        errors.push_spanned(
            attribute.path(),
            "what may be done? add `read`, `create`, `update`, `delete`, `write` or `all`",
        );
    }
    match to {
        None if !unknown => errors.push_spanned(
            attribute.path(),
            "by whom? add `to = owner`, `to = role(\"...\")` or the like",
        ),
        Some(Some(Principal::Related)) => errors.push_spanned(
            attribute.path(),
            "whom a row is related to is not written in the row; write `to = authenticated` and a condition in `rows`",
        ),
        Some(Some(principal)) => policies.push(PolicyAttr {
            actions,
            principal,
            to: span,
            rows: rows.flatten(),
        }),
        _ => {}
    }
}

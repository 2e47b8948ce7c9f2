//! `#[relation(...)]` on a field.

use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::{Attribute, Expr, ExprLit, ExprPath, Ident, Lit, LitStr};

use super::argument::{Argument, arguments};
use crate::error::Errors;

/// What `#[relation(...)]` says.
pub(crate) struct RelationAttr {
    pub(crate) kind: Kind,
    /// The word for the kind.
    pub(crate) span: Span,
    pub(crate) key: Option<KeyAttr>,
    pub(crate) name: Option<LitStr>,
    /// Is there to be a foreign key in the database?
    pub(crate) constraint: bool,
    pub(crate) on_delete: Option<OnDeleteAttr>,
    /// Was all of it understood?
    pub(crate) clear: bool,
}

/// The field that holds the key.
pub(crate) struct KeyAttr {
    pub(crate) field: String,
    pub(crate) span: Span,
}

/// `on_delete = "cascade"`
#[derive(Clone, Copy)]
pub(crate) struct OnDeleteAttr {
    pub(crate) action: OnDelete,
    /// The value.
    pub(crate) span: Span,
}

/// What happens to a row whose target is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnDelete {
    Restrict,
    Cascade,
    SetNull,
}

/// How two models belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    BelongsTo,
    HasMany,
    HasOne,
}

impl Kind {
    /// The attribute's word for it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Kind::BelongsTo => "belongs_to",
            Kind::HasMany => "has_many",
            Kind::HasOne => "has_one",
        }
    }
}

const WORDS: [&str; 7] = [
    "belongs_to",
    "has_many",
    "has_one",
    "key",
    "name",
    "constraint",
    "on_delete",
];

/// `#[relation(has_many, key = owner_id, name = "...")]`
pub(super) fn relation(
    attribute: &Attribute,
    relation: &mut Option<RelationAttr>,
    errors: &mut Errors,
) {
    if relation.is_some() {
        errors.push_spanned(
            attribute.path(),
            "a field is one relation; keep one `#[relation(...)]`",
        );
        return;
    }
    let mut kind = None;
    let mut key = None;
    let mut name = None;
    let mut constraint = None;
    let mut on_delete = None;
    let mut unknown = false;
    let before = errors.count();
    for argument in arguments(attribute, errors) {
        match argument.word().as_str() {
            "belongs_to" => set_kind(&argument, Kind::BelongsTo, &mut kind, errors),
            "has_many" => set_kind(&argument, Kind::HasMany, &mut kind, errors),
            "has_one" => set_kind(&argument, Kind::HasOne, &mut kind, errors),
            "key" => argument.fill(&mut key, self::key(&argument, errors), errors),
            "name" => argument.fill(&mut name, argument.text(errors), errors),
            "constraint" => argument.fill(&mut constraint, Some(argument.flag(errors)), errors),
            "on_delete" => {
                let action = self::on_delete(&argument, errors);
                argument.fill(&mut on_delete, Some((action, argument.key.span())), errors);
            }
            _ => {
                unknown = true;
                argument.unknown("#[relation(...)]", &WORDS, errors);
            }
        }
    }
    if let Some((kind, _)) = kind
        && kind != Kind::BelongsTo
    {
        belongs_to_only(constraint, on_delete.map(|(_, span)| span), errors);
    }
    match kind {
        Some((kind, span)) => {
            *relation = Some(RelationAttr {
                kind,
                span,
                key,
                name,
                constraint: constraint.is_some(),
                on_delete: on_delete.and_then(|(on_delete, _)| on_delete),
                clear: errors.count() == before,
            });
        }
        // The unknown word was probably the kind.
        None if unknown => {}
        None => errors.push_spanned(
            attribute.path(),
            "which kind of relation? write `#[relation(belongs_to)]`, `#[relation(has_many)]` or `#[relation(has_one)]`",
        ),
    }
}

fn set_kind(argument: &Argument, kind: Kind, slot: &mut Option<(Kind, Span)>, errors: &mut Errors) {
    if let Some((first, _)) = slot {
        let message = format!(
            "the relation is `{}` already; keep one of the two",
            first.word()
        );
        errors.push(argument.key.span(), message);
        return;
    }
    *slot = Some((kind, argument.flag(errors)));
}

/// Refuses what is said about a key on the side that doesn't hold it.
fn belongs_to_only(constraint: Option<Span>, on_delete: Option<Span>, errors: &mut Errors) {
    if let Some(span) = constraint {
        errors.push(
            span,
            "the foreign key is where `belongs_to` is; write `#[relation(belongs_to, constraint)]` on the other model",
        );
    } else if let Some(span) = on_delete {
        errors.push(
            span,
            "what happens on a delete is said where `belongs_to` is; write `#[relation(belongs_to, on_delete = \"...\")]` on \
             the other model",
        );
    }
}

/// `on_delete = "cascade"`
fn on_delete(argument: &Argument, errors: &mut Errors) -> Option<OnDeleteAttr> {
    let text = argument.text(errors)?;
    let action = match text.value().as_str() {
        "restrict" => OnDelete::Restrict,
        "cascade" => OnDelete::Cascade,
        "set null" => OnDelete::SetNull,
        other => {
            let message = format!(
                "unknown action `{other}`; `on_delete` is \"restrict\", \"cascade\" or \"set null\""
            );
            errors.push(text.span(), message);
            return None;
        }
    };
    Some(OnDeleteAttr {
        action,
        span: text.span(),
    })
}

fn key(argument: &Argument, errors: &mut Errors) -> Option<KeyAttr> {
    let expr = argument.expr("field_name", errors)?;
    let ident: Option<&Ident> = match expr {
        Expr::Path(ExprPath {
            qself: None, path, ..
        }) => path.get_ident(),
        _ => None,
    };
    if ident.is_none() {
        let field = match expr {
            Expr::Lit(ExprLit {
                lit: Lit::Str(text),
                ..
            }) => text.value(),
            _ => "owner_id".to_owned(),
        };
        errors.push_spanned(
            expr,
            format!("`key` takes the name of a field without quotes; write `key = {field}`"),
        );
    }
    ident.map(|ident| KeyAttr {
        field: ident.unraw().to_string(),
        span: ident.span(),
    })
}

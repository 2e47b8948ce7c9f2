//! `#[relation(...)]` on a field.

mod combination;

use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::{Attribute, Expr, ExprLit, ExprPath, Ident, Lit, LitBool, LitStr, Path};

use super::argument::{Argument, arguments};
use crate::error::Errors;

/// What `#[relation(...)]` says.
pub(crate) struct RelationAttr {
    pub(crate) kind: Kind,
    /// The word for the kind.
    pub(crate) span: Span,
    pub(crate) key: Option<KeyAttr>,
    pub(crate) primary_key: Option<KeyAttr>,
    pub(crate) name: Option<LitStr>,
    pub(crate) path: Option<LitStr>,
    pub(crate) through: Option<Path>,
    pub(crate) key_through: Option<KeyAttr>,
    pub(crate) polymorphic: Option<PolymorphicAttr>,
    pub(crate) discriminator: Option<KeyAttr>,
    pub(crate) inverse: Option<Span>,
    pub(crate) scope: Option<Path>,
    pub(crate) properties: Vec<CopyAttr>,
    pub(crate) prepend: Option<Span>,
    pub(crate) embedding: EmbeddingAttr,
    pub(crate) disable_include: Option<Span>,
    pub(crate) nest_remoting: Option<Span>,
    /// Is there to be a foreign key in the database?
    pub(crate) constraint: bool,
    pub(crate) on_delete: Option<OnDeleteAttr>,
    /// Was all of it understood?
    pub(crate) clear: bool,
}

/// How the targets of an `embeds_one` or an `embeds_many` are kept.
#[derive(Default)]
pub(crate) struct EmbeddingAttr {
    /// The name in JSON of the property that holds them.
    pub(crate) property: Option<LitStr>,
    /// The column, if it is not called as the field.
    pub(crate) column: Option<LitStr>,
    /// The function that makes what a new owner has.
    pub(crate) default: Option<Path>,
    pub(crate) omit_default: Option<Span>,
    pub(crate) validate: Option<LitBool>,
    pub(crate) force_id: Option<Span>,
    pub(crate) persistent: Option<Span>,
}

/// A field that is named.
pub(crate) struct KeyAttr {
    pub(crate) field: String,
    pub(crate) span: Span,
}

/// `polymorphic`, or `polymorphic = imageable` where the other model has that relation.
pub(crate) struct PolymorphicAttr {
    pub(crate) relation: Option<KeyAttr>,
    pub(crate) span: Span,
}

/// A field of the owner whose value new targets get, in the field `to`.
#[derive(Clone)]
pub(crate) struct CopyAttr {
    pub(crate) from: String,
    pub(crate) to: String,
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
    HasAndBelongsToMany,
    ReferencesMany,
    EmbedsOne,
    EmbedsMany,
}

impl Kind {
    /// The attribute's word for it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Kind::BelongsTo => "belongs_to",
            Kind::HasMany => "has_many",
            Kind::HasOne => "has_one",
            Kind::HasAndBelongsToMany => "has_and_belongs_to_many",
            Kind::ReferencesMany => "references_many",
            Kind::EmbedsOne => "embeds_one",
            Kind::EmbedsMany => "embeds_many",
        }
    }

    /// Are the targets kept within their owner?
    pub(crate) fn is_embedded(self) -> bool {
        matches!(self, Kind::EmbedsOne | Kind::EmbedsMany)
    }
}

const WORDS: [&str; 30] = [
    "belongs_to",
    "has_many",
    "has_one",
    "has_and_belongs_to_many",
    "references_many",
    "embeds_one",
    "embeds_many",
    "key",
    "primary_key",
    "name",
    "path",
    "through",
    "key_through",
    "polymorphic",
    "discriminator",
    "inverse",
    "scope",
    "properties",
    "prepend",
    "property",
    "column",
    "default",
    "omit_default",
    "validate",
    "force_id",
    "persistent",
    "disable_include",
    "nest_remoting",
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
    let mut given = Given::default();
    let mut unknown = false;
    let before = errors.count();
    for argument in arguments(attribute, errors) {
        match argument.word().as_str() {
            "belongs_to" => set_kind(&argument, Kind::BelongsTo, &mut kind, errors),
            "has_many" => set_kind(&argument, Kind::HasMany, &mut kind, errors),
            "has_one" => set_kind(&argument, Kind::HasOne, &mut kind, errors),
            "has_and_belongs_to_many" => {
                set_kind(&argument, Kind::HasAndBelongsToMany, &mut kind, errors);
            }
            "references_many" => set_kind(&argument, Kind::ReferencesMany, &mut kind, errors),
            "embeds_one" => set_kind(&argument, Kind::EmbedsOne, &mut kind, errors),
            "embeds_many" => set_kind(&argument, Kind::EmbedsMany, &mut kind, errors),
            _ => unknown |= !given.take(&argument, errors),
        }
    }
    match kind {
        Some((kind, span)) => *relation = Some(given.finish(kind, span, before, errors)),
        // The unknown word was probably the kind.
        None if unknown => {}
        None => errors.push_spanned(
            attribute.path(),
            "which kind of relation? write `#[relation(belongs_to)]`, `#[relation(has_many)]` or `#[relation(has_one)]`",
        ),
    }
}

/// What stands beside the kind.
#[derive(Default)]
struct Given {
    key: Option<KeyAttr>,
    primary_key: Option<KeyAttr>,
    name: Option<LitStr>,
    path: Option<LitStr>,
    through: Option<Path>,
    key_through: Option<KeyAttr>,
    polymorphic: Option<PolymorphicAttr>,
    discriminator: Option<KeyAttr>,
    inverse: Option<Span>,
    scope: Option<Path>,
    properties: Option<Vec<CopyAttr>>,
    prepend: Option<Span>,
    embedding: EmbeddingAttr,
    disable_include: Option<Span>,
    nest_remoting: Option<Span>,
    constraint: Option<Span>,
    on_delete: Option<(Option<OnDeleteAttr>, Span)>,
}

impl Given {
    /// Takes an entry. False when its word is unknown, which is reported.
    fn take(&mut self, argument: &Argument, errors: &mut Errors) -> bool {
        match argument.word().as_str() {
            "key" => argument.fill(&mut self.key, key(argument, "owner_id", errors), errors),
            "primary_key" => {
                let field = key(argument, "code", errors);
                argument.fill(&mut self.primary_key, field, errors);
            }
            "name" => argument.fill(&mut self.name, argument.text(errors), errors),
            "path" => argument.fill(&mut self.path, argument.text(errors), errors),
            "through" => {
                let model = model(argument, errors);
                argument.fill(&mut self.through, model, errors);
            }
            "key_through" => {
                let field = key(argument, "patient_id", errors);
                argument.fill(&mut self.key_through, field, errors);
            }
            "polymorphic" => {
                let polymorphic = polymorphic(argument, errors);
                argument.fill(&mut self.polymorphic, polymorphic, errors);
            }
            "discriminator" => {
                let field = key(argument, "owner_type", errors);
                argument.fill(&mut self.discriminator, field, errors);
            }
            "inverse" => argument.fill(&mut self.inverse, Some(argument.flag(errors)), errors),
            "scope" => {
                let function = argument.path("recent_orders", errors);
                argument.fill(&mut self.scope, function, errors);
            }
            "properties" => {
                let copies = copies(argument, errors);
                argument.fill(&mut self.properties, copies, errors);
            }
            "prepend" => argument.fill(&mut self.prepend, Some(argument.flag(errors)), errors),
            "property" => {
                argument.fill(&mut self.embedding.property, argument.text(errors), errors);
            }
            "column" => {
                argument.fill(&mut self.embedding.column, argument.text(errors), errors);
            }
            "default" => {
                let function = argument.path("home_address", errors);
                argument.fill(&mut self.embedding.default, function, errors);
            }
            "omit_default" => {
                let span = Some(argument.flag(errors));
                argument.fill(&mut self.embedding.omit_default, span, errors);
            }
            "validate" => {
                argument.fill(
                    &mut self.embedding.validate,
                    argument.boolean(errors),
                    errors,
                );
            }
            "force_id" => {
                let span = Some(argument.flag(errors));
                argument.fill(&mut self.embedding.force_id, span, errors);
            }
            "persistent" => {
                let span = Some(argument.flag(errors));
                argument.fill(&mut self.embedding.persistent, span, errors);
            }
            "disable_include" => {
                let span = argument.flag(errors);
                argument.fill(&mut self.disable_include, Some(span), errors);
            }
            "nest_remoting" => {
                let span = argument.flag(errors);
                argument.fill(&mut self.nest_remoting, Some(span), errors);
            }
            "constraint" => {
                let span = argument.flag(errors);
                argument.fill(&mut self.constraint, Some(span), errors);
            }
            "on_delete" => {
                let action = on_delete(argument, errors);
                let action = Some((action, argument.key.span()));
                argument.fill(&mut self.on_delete, action, errors);
            }
            _ => {
                argument.unknown("#[relation(...)]", &WORDS, errors);
                return false;
            }
        }
        true
    }

    fn finish(self, kind: Kind, span: Span, before: usize, errors: &mut Errors) -> RelationAttr {
        self.judge(kind, errors);
        RelationAttr {
            kind,
            span,
            key: self.key,
            primary_key: self.primary_key,
            name: self.name,
            path: self.path,
            through: self.through,
            key_through: self.key_through,
            polymorphic: self.polymorphic,
            discriminator: self.discriminator,
            inverse: self.inverse,
            scope: self.scope,
            properties: self.properties.unwrap_or_default(),
            prepend: self.prepend,
            embedding: self.embedding,
            disable_include: self.disable_include,
            nest_remoting: self.nest_remoting,
            constraint: self.constraint.is_some(),
            on_delete: self.on_delete.and_then(|(on_delete, _)| on_delete),
            clear: errors.count() == before,
        }
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

/// `key = owner_id`
fn key(argument: &Argument, example: &str, errors: &mut Errors) -> Option<KeyAttr> {
    let word = argument.word();
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
            _ => example.to_owned(),
        };
        errors.push_spanned(
            expr,
            format!("`{word}` takes the name of a field without quotes; write `{word} = {field}`"),
        );
    }
    ident.map(|ident| KeyAttr {
        field: ident.unraw().to_string(),
        span: ident.span(),
    })
}

/// `through = Appointment`
fn model(argument: &Argument, errors: &mut Errors) -> Option<Path> {
    match argument.expr("Appointment", errors)? {
        Expr::Path(ExprPath {
            qself: None, path, ..
        }) => Some(path.clone()),
        other => {
            let model = match other {
                Expr::Lit(ExprLit {
                    lit: Lit::Str(text),
                    ..
                }) => text.value(),
                _ => "Appointment".to_owned(),
            };
            let message = format!(
                "`through` takes the model between the two, without quotes; write `through = {model}`"
            );
            errors.push_spanned(other, message);
            None
        }
    }
}

/// `polymorphic` or `polymorphic = imageable`
fn polymorphic(argument: &Argument, errors: &mut Errors) -> Option<PolymorphicAttr> {
    let span = argument.key.span();
    if argument.is_alone() {
        return Some(PolymorphicAttr {
            relation: None,
            span,
        });
    }
    let relation = key(argument, "imageable", errors)?;
    Some(PolymorphicAttr {
        relation: Some(relation),
        span,
    })
}

/// `properties(name, city = shop_city)`
fn copies(argument: &Argument, errors: &mut Errors) -> Option<Vec<CopyAttr>> {
    let list = argument.list("name, city = shop_city", errors)?;
    let entries = list.arguments(errors).into_iter();
    let copies = entries.filter_map(|entry| {
        let from = entry.word();
        let to = match entry.is_alone() {
            true => from.clone(),
            false => key(&entry, "shop_city", errors)?.field,
        };
        let span = entry.key.span();
        Some(CopyAttr { from, to, span })
    });
    Some(copies.collect())
}

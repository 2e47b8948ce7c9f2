//! Words of `#[relation(...)]` that need each other, or don't go together.

use proc_macro2::Span;
use syn::spanned::Spanned;

use super::{Given, Kind};
use crate::error::Errors;

impl Given {
    /// Reports what does not fit the kind, or lacks what it needs.
    pub(super) fn judge(&self, kind: Kind, errors: &mut Errors) {
        let to_many = matches!(kind, Kind::HasMany | Kind::HasAndBelongsToMany);
        if let (Some(through), false) = (&self.through, to_many) {
            errors.push(
                through.span(),
                "only a relation to many goes through another model; write `has_many`, or remove `through`",
            );
        }
        if let (Some(key), None) = (&self.key_through, &self.through) {
            errors.push(
                key.span,
                "`key_through` is a field of the model between the two; name that model with `through = ...`",
            );
        }
        if kind != Kind::BelongsTo {
            self.judge_other_side(errors);
        }
        self.judge_made(kind, errors);
        self.judge_embedding(kind, errors);
        if kind.is_embedded() {
            if let Some(span) = self.nest_remoting {
                errors.push(
                    span,
                    "what is kept within this model has no relations of its own that could be served; remove `nest_remoting`",
                );
            }
            return;
        }
        if kind == Kind::ReferencesMany {
            self.judge_list(errors);
            return;
        }
        self.judge_polymorphic(kind, errors);
        if let (Some(key), true) = (&self.primary_key, self.through.is_some()) {
            errors.push(
                key.span,
                "the keys of a model between two refer to ids; remove `primary_key`",
            );
        }
        if let (Some(copy), Kind::BelongsTo) = (self.properties.iter().flatten().next(), kind) {
            errors.push(
                copy.span,
                "what belongs to this model gets its values, and not what it belongs to; move `properties` to the relation of the other model",
            );
        }
    }

    /// Refuses what is said about a key on the side that doesn't hold it.
    fn judge_other_side(&self, errors: &mut Errors) {
        if let Some(span) = self.constraint {
            errors.push(
                span,
                "the foreign key is where `belongs_to` is; write `#[relation(belongs_to, constraint)]` on the other model",
            );
        } else if let Some((_, span)) = self.on_delete {
            errors.push(
                span,
                "what happens on a delete is said where `belongs_to` is; write `#[relation(belongs_to, on_delete = \"...\")]` on \
                 the other model",
            );
        }
    }

    /// Of a model that nobody has written, nothing can be named.
    fn judge_made(&self, kind: Kind, errors: &mut Errors) {
        if kind != Kind::HasAndBelongsToMany || self.through.is_some() {
            return;
        }
        for (span, word) in [
            (self.key.as_ref().map(|key| key.span), "key"),
            (self.primary_key.as_ref().map(|key| key.span), "primary_key"),
            (
                self.polymorphic.as_ref().map(|word| word.span),
                "polymorphic",
            ),
        ] {
            if let Some(span) = span {
                errors.push(
                    span,
                    format!(
                        "`{word}` needs a model between the two that you have written; name it with `through = ...`"
                    ),
                );
            }
        }
    }

    /// What is kept within its owner has no keys, and what isn't is kept in no way that could be told here.
    fn judge_embedding(&self, kind: Kind, errors: &mut Errors) {
        if let (Some(span), false) = (
            self.prepend,
            matches!(kind, Kind::ReferencesMany | Kind::EmbedsMany),
        ) {
            errors.push(
                span,
                "only the list of a `references_many` or an `embeds_many` has a beginning; remove `prepend`",
            );
        }
        let embedding = &self.embedding;
        if !kind.is_embedded() {
            for (span, word) in [
                (embedding.property.as_ref().map(Spanned::span), "property"),
                (embedding.column.as_ref().map(Spanned::span), "column"),
                (embedding.default.as_ref().map(Spanned::span), "default"),
                (embedding.omit_default, "omit_default"),
                (embedding.validate.as_ref().map(Spanned::span), "validate"),
                (embedding.force_id, "force_id"),
                (embedding.persistent, "persistent"),
            ] {
                if let Some(span) = span {
                    let message = format!(
                        "`{word}` is about what is kept within its owner; remove it, or write `embeds_one` or `embeds_many`"
                    );
                    errors.push(span, message);
                }
            }
            return;
        }
        for (span, word) in [
            (self.key.as_ref().map(|key| key.span), "key"),
            (self.primary_key.as_ref().map(|key| key.span), "primary_key"),
            (
                self.polymorphic.as_ref().map(|word| word.span),
                "polymorphic",
            ),
            (
                self.discriminator.as_ref().map(|key| key.span),
                "discriminator",
            ),
            (self.inverse, "inverse"),
        ] {
            if let Some(span) = span {
                let message = format!("what is kept within its owner has no keys; remove `{word}`");
                errors.push(span, message);
            }
        }
        match (kind, &embedding.default, embedding.omit_default) {
            (Kind::EmbedsMany, Some(default), _) => errors.push(
                default.span(),
                "the list of an `embeds_many` is empty at first; remove `default`, or write `omit_default` for none",
            ),
            (Kind::EmbedsOne, _, Some(span)) => errors.push(
                span,
                "an `embeds_one` has no default unless you write one; remove `omit_default`",
            ),
            _ => {}
        }
    }

    /// A list of keys holds ids of one model.
    fn judge_list(&self, errors: &mut Errors) {
        for (span, word) in [
            (self.primary_key.as_ref().map(|key| key.span), "primary_key"),
            (
                self.polymorphic.as_ref().map(|word| word.span),
                "polymorphic",
            ),
            (
                self.discriminator.as_ref().map(|key| key.span),
                "discriminator",
            ),
            (self.inverse, "inverse"),
        ] {
            if let Some(span) = span {
                let message =
                    format!("a `references_many` lists the ids of one model; remove `{word}`");
                errors.push(span, message);
            }
        }
    }

    fn judge_polymorphic(&self, kind: Kind, errors: &mut Errors) {
        let Some(polymorphic) = &self.polymorphic else {
            let mut lacks = |span: Option<Span>, word: &str| {
                if let Some(span) = span {
                    errors.push(
                        span,
                        format!("`{word}` is about a polymorphic key; add `polymorphic`"),
                    );
                }
            };
            lacks(
                self.discriminator.as_ref().map(|key| key.span),
                "discriminator",
            );
            lacks(self.inverse, "inverse");
            return;
        };
        match (kind, &polymorphic.relation) {
            (Kind::BelongsTo, Some(relation)) => errors.push(
                relation.span,
                "the field names the keys of a polymorphic `belongs_to`; write `polymorphic` alone",
            ),
            (Kind::HasMany | Kind::HasOne | Kind::HasAndBelongsToMany, None) => errors.push(
                polymorphic.span,
                "which relation leads back to several models? write its field, as in `polymorphic = imageable`",
            ),
            _ => {}
        }
        if let (Some(span), None) = (self.inverse, &self.through) {
            errors.push(
                span,
                "only a relation by way of another model has an inverse; add `through = ...`",
            );
        }
        if let (Some(span), Kind::BelongsTo) = (self.nest_remoting, kind) {
            errors.push(
                span,
                "what several models have in common can't be served below this relation; remove `nest_remoting`",
            );
        }
        if let (Some(span), Kind::BelongsTo) = (self.constraint, kind) {
            errors.push(
                span,
                "a foreign key of the database leads to one table, a polymorphic relation to several; remove `constraint`",
            );
        }
    }
}

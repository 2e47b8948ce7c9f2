//! The field of a relation.

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::Ident;
use syn::ext::IdentExt;

use super::{Besides, Draft, attribute, docs, instance};
use crate::discovery::outline::Field;
use crate::discovery::{name, scope};
use crate::model::{DefaultDef, ModelDef, RelationDef, RelationKind, ScopeDef};

/// The field of a relation; nothing for one that leads to a model which is not there, and for one that is to be written by
/// hand, which is remarked on.
pub(super) fn relation(
    relation: &RelationDef,
    name: &Ident,
    draft: &Draft,
    drafts: &BTreeMap<&str, &Draft>,
    besides: &mut Besides,
) -> Option<Field> {
    let def = draft.def;
    let own_fields = draft.fields.as_slice();
    let field = |model: &ModelDef, fields: &[Option<Ident>], name: &str| {
        fields.get(model.property_index(name)?).cloned().flatten()
    };
    let other = relation.target();
    let their = match other {
        Some(other) => Some(*drafts.get(other.name)?),
        None => None,
    };
    let target = their.map_or_else(|| format_ident!("AnyModel"), |their| their.ident.clone());
    let their_fields = their.map_or(&[][..], |their| their.fields.as_slice());
    let scope = match (relation.scope, their) {
        (Some(scope), Some(their)) => Some(function(relation, scope, draft, their, besides)?),
        _ => None,
    };
    let other = other.unwrap_or(def);
    let join = relation.join(def);
    let plain = name.unraw().to_string();
    let by_owner = format!("{}_id", name::snake(&draft.ident.to_string()));
    let (kind, ty, by_default) = match relation.kind {
        RelationKind::BelongsTo => (
            quote!(belongs_to),
            quote!(BelongsTo<#target>),
            format!("{plain}_id"),
        ),
        RelationKind::HasOne => (quote!(has_one), quote!(HasOne<#target>), by_owner),
        RelationKind::HasMany => (quote!(has_many), quote!(HasMany<#target>), by_owner),
        RelationKind::ReferencesMany => (
            quote!(references_many),
            quote!(ReferencesMany<#target>),
            format!("{}_ids", name::snake(&target.to_string())),
        ),
        RelationKind::EmbedsOne => (
            quote!(embeds_one),
            quote!(EmbedsOne<#target>),
            plain.clone(),
        ),
        RelationKind::EmbedsMany => (
            quote!(embeds_many),
            quote!(EmbedsMany<#target>),
            plain.clone(),
        ),
    };
    let mut words = vec![kind];
    // Where the key is.
    let (holder, holder_fields) = match (relation.kind, join) {
        (
            RelationKind::BelongsTo
            | RelationKind::ReferencesMany
            | RelationKind::EmbedsOne
            | RelationKind::EmbedsMany,
            _,
        ) => (def, own_fields),
        (_, Some(join)) => (join, drafts.get(join.name)?.fields.as_slice()),
        (_, None) => (other, their_fields),
    };
    if let Some(join) = join {
        let model = &drafts.get(join.name)?.ident;
        words.push(quote!(through = #model));
    }
    let key = field(holder, holder_fields, relation.foreign_key)?;
    let mut by_default = by_default;
    let mut through_by_default = format!("{}_id", name::snake(&target.to_string()));
    if let Some(discriminator) = relation.discriminator {
        let inverse = relation.through.is_some_and(|through| through.inverse);
        let discriminator = field(holder, holder_fields, discriminator)?;
        let discriminator_name = discriminator.unraw().to_string();
        let stem = discriminator_name.strip_suffix("_type");
        let stem = stem.unwrap_or(&discriminator_name).to_owned();
        match relation.kind {
            RelationKind::BelongsTo => {
                words.push(quote!(polymorphic));
                if discriminator_name != format!("{plain}_type") {
                    words.push(quote!(discriminator = #discriminator));
                }
            }
            _ => {
                let stem_word = format_ident!("{stem}");
                words.push(quote!(polymorphic = #stem_word));
                if discriminator_name != format!("{stem}_type") {
                    words.push(quote!(discriminator = #discriminator));
                }
                match inverse {
                    true => through_by_default = format!("{stem}_id"),
                    false => by_default = format!("{stem}_id"),
                }
            }
        }
        words.extend(inverse.then(|| quote!(inverse)));
    }
    if key.unraw() != by_default {
        words.push(quote!(key = #key));
    }
    if let Some(key) = relation.key_through() {
        let key = field(holder, holder_fields, key)?;
        if key.unraw() != through_by_default {
            words.push(quote!(key_through = #key));
        }
    }
    if let Some(primary) = relation.primary_key {
        let (model, fields) = match relation.kind {
            RelationKind::BelongsTo => (other, their_fields),
            _ => (def, own_fields),
        };
        let primary = field(model, fields, primary)?;
        words.push(quote!(primary_key = #primary));
    }
    let text = relation.name;
    if name::json_name(&plain) != text {
        words.push(quote!(name = #text));
    }
    if let Some(path) = relation.path {
        words.push(quote!(path = #path));
    }
    if !relation.properties.is_empty() {
        let pairs = relation.properties.iter().map(|(from, to)| {
            let from = field(def, own_fields, from)?;
            let to = field(other, their_fields, to)?;
            Some(if from == to {
                quote!(#from)
            } else {
                quote!(#from = #to)
            })
        });
        let pairs: Vec<_> = pairs.collect::<Option<_>>()?;
        words.push(quote!(properties(#(#pairs),*)));
    }
    words.extend(scope.map(|function| quote!(scope = #function)));
    words.extend(relation.prepend.then(|| quote!(prepend)));
    if relation.is_embedded() {
        words.extend(embedding(relation, &plain, draft, their?, besides)?);
    }
    words.extend((!relation.includable).then(|| quote!(disable_include)));
    Some(Field {
        name: name.clone(),
        docs: docs(relation.docs),
        attributes: attribute(&quote!(relation), &words),
        ty,
    })
}

/// The name of the function that makes the relation's own query; nothing when that can't be written, which would show what
/// it hides.
fn function(
    relation: &RelationDef,
    scope: ScopeDef,
    draft: &Draft,
    target: &Draft,
    besides: &mut Besides,
) -> Option<Ident> {
    let filter = crate::repository::scope::filter(&scope);
    let Some(filter) = scope::filter(&filter, &target.names(&target.ident)) else {
        besides.remarks.push(format!(
            "the relation `{}` of `{}` is to be written, with its `scope`",
            relation.name, draft.def.name
        ));
        return None;
    };
    let name = besides
        .names
        .field(&format!("{}_{}_scope", draft.def.name, relation.name));
    besides.functions.push(quote! {
        fn #name() -> loopwright::query::Filter { #filter }
    });
    Some(name)
}

/// How the targets are kept within their owner; nothing when they would be shown and are hidden.
fn embedding(
    relation: &RelationDef,
    field: &str,
    draft: &Draft,
    target: &Draft,
    besides: &mut Besides,
) -> Option<Vec<TokenStream>> {
    let def = draft.def;
    let property = &def.properties[def.property_index(relation.foreign_key)?];
    if property.hidden || property.protected {
        besides.remarks.push(format!(
            "the relation `{}` of `{}` is to be written, with its hidden property `{}`",
            relation.name, def.name, property.name
        ));
        return None;
    }
    let mut words = Vec::new();
    let (name, column) = (property.name, property.column);
    if name != format!("_{}", relation.name) {
        words.push(quote!(property = #name));
    }
    if draft.stored && column != field {
        words.push(quote!(column = #column));
    }
    match (&property.default, relation.kind) {
        (Some(DefaultDef::Object(json)), _) => match instance::instance(json, target) {
            Some(instance) => {
                let ident = &target.ident;
                let function = format!("{}_{}_default", def.name, relation.name);
                let function = besides.names.field(&function);
                besides.functions.push(quote! {
                    fn #function() -> EmbedsOne<#ident> { EmbedsOne::from(#instance) }
                });
                words.push(quote!(default = #function));
            }
            None => besides.remarks.push(format!(
                "the default of the relation `{}` of `{}` is to be written",
                relation.name, def.name
            )),
        },
        (None, RelationKind::EmbedsMany) => words.push(quote!(omit_default)),
        _ => {}
    }
    let embedding = relation.embedding;
    for (said, word) in [
        (!embedding.validated, quote!(validate = false)),
        (embedding.force_id, quote!(force_id)),
        (embedding.persistent, quote!(persistent)),
    ] {
        words.extend(said.then_some(word));
    }
    Some(words)
}

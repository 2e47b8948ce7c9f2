//! The field of a relation.

use std::collections::BTreeMap;

use quote::{format_ident, quote};
use syn::Ident;
use syn::ext::IdentExt;

use super::{attribute, docs};
use crate::discovery::name::{self, FieldNames};
use crate::discovery::outline::Field;
use crate::model::{ModelDef, RelationDef, RelationKind};

/// The field of a relation; nothing for one that leads to a model which is not there.
pub(super) fn relation(
    relation: &RelationDef,
    owner: &Ident,
    own_fields: &[Ident],
    def: &ModelDef,
    names: &mut FieldNames,
    keys: &BTreeMap<&str, (Ident, Vec<Ident>)>,
) -> Option<Field> {
    let field = |model: &ModelDef, fields: &[Ident], name: &str| {
        fields.get(model.property_index(name)?).cloned()
    };
    let other = relation.target();
    let (target, their_fields) = match other {
        Some(other) => {
            let (target, fields) = keys.get(other.name)?;
            (quote!(#target), fields.as_slice())
        }
        None => (quote!(AnyModel), &[][..]),
    };
    let other = other.unwrap_or(def);
    let join = relation.join(def);
    let name = names.relation([
        relation.name.to_owned(),
        format!("{}_relation", relation.name),
    ]);
    let plain = name.unraw().to_string();
    let by_owner = format!("{}_id", name::snake(&owner.to_string()));
    let (kind, ty, by_default) = match relation.kind {
        RelationKind::BelongsTo => (
            quote!(belongs_to),
            quote!(BelongsTo<#target>),
            format!("{plain}_id"),
        ),
        RelationKind::HasOne => (quote!(has_one), quote!(HasOne<#target>), by_owner),
        RelationKind::HasMany => (quote!(has_many), quote!(HasMany<#target>), by_owner),
        // Definitions have none yet.
        RelationKind::ReferencesMany | RelationKind::EmbedsOne | RelationKind::EmbedsMany => {
            return None;
        }
    };
    let mut words = vec![kind];
    // Where the key is.
    let (holder, holder_fields) = match (relation.kind, join) {
        (RelationKind::BelongsTo, _) => (def, own_fields),
        (_, Some(join)) => (join, keys.get(join.name)?.1.as_slice()),
        (_, None) => (other, their_fields),
    };
    if let Some(join) = join {
        let (model, _) = keys.get(join.name)?;
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
    words.extend((!relation.includable).then(|| quote!(disable_include)));
    Some(Field {
        name,
        docs: docs(relation.docs),
        attributes: attribute(&quote!(relation), &words),
        ty,
    })
}

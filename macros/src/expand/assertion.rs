//! What only the compiler can judge, since it takes types or a second model.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::acl::{expand_acl_assertions, expand_disabled_assertions};
use super::at;
use super::index::expand_index_assertions;
use super::relation::expand_join;
use super::rule::guarding_property;
use crate::attr::{DefaultValue, Kind, Principal};
use crate::model::Model;

/// Each assertion stands on the token that is to blame:
///
/// ```text
/// const _: () = __lw::check::id(&__LW_DEF);
/// const _: () = __lw::check::default(&__LW_DEF.properties[4]);
/// const _: () = __lw::check::rule(&__LW_DEF.properties[4], 0);
/// const _: () = __lw::check::guard(&__LW_DEF.properties[5]);
/// const _: () = __lw::check::version(__LW_DEF.properties, 6);
/// const _: () = {
///     __lw::check::mere_mixin(&__LW_MIXINS[0]);
///     __lw::check::mixin(&__LW_DEF, &__LW_MIXINS[0], __LW_PLACES[0]);
/// };
/// const _: () = {
///     __lw::check::relation_kind(&__LW_DEF, 0, <HasMany<Review> as __lw::RelationField>::KIND);
///     __lw::check::relation(&__LW_DEF, 0, <HasMany<Review> as __lw::RelationField>::TARGET_DEF);
///     __lw::check::through(&__LW_DEF, 0, <HasMany<Review> as __lw::RelationField>::TARGET_DEF, <Reader as __lw::Model>::DEF);
///     __lw::check::copied(&__LW_DEF, 0, <HasMany<Review> as __lw::RelationField>::TARGET_DEF, 0);
///     __lw::check::on_delete(&__LW_DEF, 0, <HasMany<Review> as __lw::RelationField>::TARGET_DEF);
/// };
/// const _: () = __lw::check::indexed(&__LW_DEF.properties[2]);
/// const _: () = __lw::check::acl_method(&__LW_DEF, "findById");
/// const _: () = __lw::check::owner(&__LW_DEF, &[<BelongsTo<Customer> as __lw::RelationField>::TARGET_DEF]);
/// ```
pub(super) fn expand_assertions(model: &Model, ids: &[usize]) -> TokenStream {
    let id_type = ids
        .first()
        .map_or(model.span(), |id| model.properties[*id].ty.span());
    let id_type = at(id_type);
    let id = quote_spanned!(id_type=> const _: () = __lw::check::id(&__LW_DEF););
    let mixed = model.mixed.iter().enumerate().map(|(index, part)| {
        let kind = (!part.base).then(|| quote_spanned!(at(part.span)=> __lw::check::mere_mixin(&__LW_MIXINS[#index]);));
        let clash = quote_spanned!(at(part.ty.span())=> __lw::check::mixin(&__LW_DEF, &__LW_MIXINS[#index], __LW_PLACES[#index]););
        // In this order: the id of a model clashes, too, and the first panic is the only one.
        quote!(const _: () = { #kind #clash };)
    });
    let relations = model
        .relations
        .iter()
        .enumerate()
        .filter(|(_, relation)| relation.judged);
    let relations = relations.map(|(index, relation)| {
        let ty = &relation.ty;
        let field = quote_spanned!(at(ty.span())=> <#ty as __lw::RelationField>);
        let kind = quote_spanned!(at(ty.span())=> __lw::check::relation_kind(&__LW_DEF, #index, #field::KIND););
        let keys = [Some(&relation.key), relation.primary_key.as_ref(), relation.discriminator.as_ref()];
        let given = keys.into_iter().flatten().find_map(|key| key.given);
        let key = at(given.unwrap_or(ty.span()));
        let key = quote_spanned!(key=> __lw::check::relation(&__LW_DEF, #index, #field::TARGET_DEF););
        let on_delete = relation.on_delete.map(|on_delete| {
            quote_spanned!(at(on_delete.span)=> __lw::check::on_delete(&__LW_DEF, #index, #field::TARGET_DEF);)
        });
        // In this order: a wrong kind makes the key wrong, too, and the first panic is the only one.
        let through = relation.through.as_ref().and_then(|through| through.model.as_ref().map(|model| (through, model)));
        let through = through.map(|(through, model)| {
            let join = expand_join(model);
            let key = relation.key.given.or(through.key.given).unwrap_or(model.span());
            quote_spanned!(at(key)=> __lw::check::through(&__LW_DEF, #index, #field::TARGET_DEF, #join);)
        });
        let copies = relation.properties.iter().enumerate().map(|(pair, copy)| {
            quote_spanned!(at(copy.span)=> __lw::check::copied(&__LW_DEF, #index, #field::TARGET_DEF, #pair);)
        });
        quote!(const _: () = { #kind #key #through #on_delete #(#copies)* };)
    });
    let properties = expand_property_assertions(model);
    let methods = expand_acl_assertions(&model.acls);
    let disabled = expand_disabled_assertions(&model.disabled);
    let owners = expand_owner_assertions(model);
    quote!(#id #properties #(#mixed)* #(#relations)* #methods #disabled #owners)
}

/// Somebody must be the owner that rules and policies speak of. Of what the model extends, its own assertions have said it.
fn expand_owner_assertions(model: &Model) -> TokenStream {
    let rules = model.properties.iter().flat_map(|property| &property.acls);
    let rules = rules.chain(&model.acls).map(|acl| (&acl.principal, acl.to));
    let policies = model.policies.iter();
    let policies = policies.map(|policy| (&policy.principal, policy.to));
    let owners = rules
        .chain(policies)
        .filter(|(principal, _)| **principal == Principal::Owner);
    let targets = model
        .relations
        .iter()
        .filter(|relation| relation.judged && relation.kind == Kind::BelongsTo);
    let targets: Vec<_> = targets
        .map(|relation| {
            let ty = &relation.ty;
            quote!(<#ty as __lw::RelationField>::TARGET_DEF)
        })
        .collect();
    owners
        .filter(|_| model.base().is_none())
        .map(|(_, span)| {
            quote_spanned!(at(span)=> const _: () = __lw::check::owner(&__LW_DEF, &[#(#targets),*]);)
        })
        .collect()
}

/// Those about properties and indexes, which a mixin has too.
pub(super) fn expand_property_assertions(model: &Model) -> TokenStream {
    let defaults = model.properties.iter().enumerate().filter_map(|(index, property)| {
        let default = property.default.as_ref()?;
        // A path's type is judged by its use, and a list of keys with its relation.
        let known = !matches!(
            default.value,
            DefaultValue::Function(_) | DefaultValue::Value(_) | DefaultValue::EmptyList
        );
        known.then(|| quote_spanned!(at(default.span)=> const _: () = __lw::check::default(&__LW_DEF.properties[#index]);))
    });
    let rules = model.properties.iter().enumerate().flat_map(|(index, property)| {
        property.rules.iter().enumerate().map(move |(rule, attr)| {
            quote_spanned!(at(attr.span)=> const _: () = __lw::check::rule(&__LW_DEF.properties[#index], #rule);)
        })
    });
    let rules_of_all = model.properties.iter().flat_map(|property| &property.rules);
    let guards = rules_of_all.flat_map(|rule| [&rule.options.condition, &rule.options.exception]);
    let guards = guards.flatten().filter_map(|path| {
        let index = guarding_property(path, model)?;
        Some(quote_spanned!(at(path.span())=> const _: () = __lw::check::guard(&__LW_DEF.properties[#index]);))
    });
    let versions = model.properties.iter().enumerate().filter_map(|(index, property)| {
        property.version?;
        Some(quote_spanned!(at(property.ty.span())=> const _: () = __lw::check::version(__LW_DEF.properties, #index);))
    });
    let indexes = expand_index_assertions(model);
    quote!(#(#versions)* #(#defaults)* #(#rules)* #(#guards)* #(#indexes)*)
}

//! The description of a model.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Ident, LitStr};

use super::acl::{expand_acl_error_status, expand_acls, expand_disabled};
use super::at;
use super::index::expand_indexes;
use super::policy::expand_policies;
use super::property::expand_property;
use super::relation::expand_relation;
use super::rule::expand_rules;
use crate::attr::{PrincipalValue, StrictValue};
use crate::model::{Model, plain};

/// ```text
/// static __LW_DEF: __lw::ModelDef =
///     __lw::ModelDef::new("CoffeeShop", "CoffeeShops", "coffee_shop", &[<i64 as __lw::Property>::PROPERTY.named("id", "id").id()])
///         .docs("A coffee shop.")
///         .indexes(&[__lw::CompositeIndexDef::new(...)])
///         .relations(&[__lw::RelationDef::new(...)])
///         .acls(&[__lw::AclDef::allow(__lw::PrincipalDef::Everyone)])
///         .methods(CoffeeShop::__LW_METHODS);
/// ```
pub(super) fn expand_definition(model: &Model) -> TokenStream {
    let (name, path, table) = (&model.name.text, &model.path.text, &model.table.text);
    let ident = &model.ident;
    let properties = model.properties.iter().map(|property| {
        let rules = expand_rules(property, model);
        let property = expand_property(property);
        quote!(#property #rules)
    });
    let docs = expand_docs(&model.docs);
    let private = (!model.public).then(|| quote!(.private()));
    let strict = model.strict.as_ref().map(|strict| {
        let value = match strict.value {
            StrictValue::Throw => quote!(__lw::Strict::Throw),
            StrictValue::Validate => quote!(__lw::Strict::Validate),
        };
        // On the value, since this is where the compiler finds that the model keeps what it would refuse.
        quote_spanned!(at(strict.span)=> .strict(#value))
    });
    let force_id = model.force_id.map(|_| quote!(.force_id()));
    let strict_delete = model.strict_delete.then(|| quote!(.strict_delete()));
    let tables = expand_names("tables", &model.tables);
    let replace_on_put = model.replace_on_put.then(|| quote!(.replace_on_put()));
    let disabled = expand_disabled(&model.disabled);
    let indexes = expand_indexes(model);
    let relations = (!model.relations.is_empty()).then(|| {
        let relations = model.relations.iter().map(expand_relation);
        quote!(.relations(&[#(#relations),*]))
    });
    let acls = expand_acls(&model.acls);
    let policies = expand_policies(&model.policies);
    let principal = model.principal.map(|principal| {
        let kind = match principal.value {
            PrincipalValue::User => quote!(User),
            PrincipalValue::App => quote!(App),
        };
        quote!(.principal(__lw::PrincipalKind::#kind))
    });
    let acl_error_status = expand_acl_error_status(model.acl_error_status.as_ref());
    let validation = expand_validation(model);
    let said = quote! {
        #docs #tables #private #strict #force_id #strict_delete #replace_on_put #disabled #indexes #relations #acls #policies #principal #acl_error_status #validation
        .methods(#ident::__LW_METHODS)
    };
    if model.mixed.is_empty() {
        return quote! {
            static __LW_DEF: __lw::ModelDef =
                __lw::ModelDef::new(#name, #path, #table, &[#(#properties),*]) #said;
        };
    }
    let mixed = expand_mixed(model);
    quote! {
        const __LW_OWN: __lw::ModelDef =
            __lw::ModelDef::unmixed(#name, #path, #table, &[#(#properties),*]) #said;
        #mixed
    }
}

/// ```text
/// const __LW_MIXINS: &[__lw::MixinDef; 1] = &[<Timestamps as __lw::Mixin>::MIXIN];
/// const __LW_PLACES: [__lw::Place; 1] = __lw::mixin::places(&__LW_OWN, __LW_MIXINS);
/// static __LW_DEF: __lw::ModelDef = __lw::mixed!(__LW_OWN, __LW_MIXINS);
/// ```
fn expand_mixed(model: &Model) -> TokenStream {
    let count = model.mixed.len();
    let mixins = model.mixed.iter().map(|part| {
        let ty = &part.ty;
        quote_spanned!(at(ty.span())=> <#ty as __lw::Mixin>::MIXIN)
    });
    quote! {
        const __LW_MIXINS: &[__lw::MixinDef; #count] = &[#(#mixins),*];
        const __LW_PLACES: [__lw::Place; #count] = __lw::mixin::places(&__LW_OWN, __LW_MIXINS);
        static __LW_DEF: __lw::ModelDef = __lw::mixed!(__LW_OWN, __LW_MIXINS);
    }
}

/// ```text
/// const __LW_DEF: __lw::MixinDef = __lw::MixinDef::new("Timestamps", &[...]).indexes(&[...]).methods(Timestamps::__LW_METHODS);
/// ```
pub(super) fn expand_mixin_definition(mixin: &Model) -> TokenStream {
    let (ident, name) = (&mixin.ident, plain(&mixin.ident));
    let properties = mixin.properties.iter().map(|property| {
        let rules = expand_rules(property, mixin);
        let property = expand_property(property);
        quote!(#property #rules)
    });
    let indexes = expand_indexes(mixin);
    quote! {
        const __LW_DEF: __lw::MixinDef =
            __lw::MixinDef::new(#name, &[#(#properties),*]) #indexes .methods(#ident::__LW_METHODS);
    }
}

/// ```text
/// .without_automatic_validation().validate_upsert(__lw::UpsertValidation::Refuse)
/// ```
fn expand_validation(model: &Model) -> TokenStream {
    let automatic = (!model.automatic_validation).then(|| quote!(.without_automatic_validation()));
    let upsert = model.validate_upsert.map(|validated| {
        let validation = if validated {
            quote!(Refuse)
        } else {
            quote!(Skip)
        };
        quote!(.validate_upsert(__lw::UpsertValidation::#validation))
    });
    quote!(#automatic #upsert)
}

/// `.columns(&[("mysql", "madeAt")])`, if there are any.
pub(super) fn expand_names(builder: &str, names: &[(Ident, LitStr)]) -> Option<TokenStream> {
    let builder = format_ident!("{builder}");
    let pairs = names.iter().map(|(store, name)| {
        let store = plain(store);
        quote!((#store, #name))
    });
    (!names.is_empty()).then(|| quote!(.#builder(&[#(#pairs),*])))
}

/// `.docs("...")`, if there is something to say.
pub(super) fn expand_docs(docs: &str) -> Option<TokenStream> {
    (!docs.is_empty()).then(|| quote!(.docs(#docs)))
}

//! The description of a relation.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::Path;
use syn::spanned::Spanned;

use super::at;
use super::definition::expand_docs;
use crate::attr::{Kind, OnDelete};
use crate::model::{Relation, Through};

/// ```text
/// __lw::RelationDef::new(__lw::RelationKind::HasMany, "reviews", <HasMany<Review> as __lw::RelationField>::TARGET, "coffee_shop_id")
/// ```
pub(super) fn expand_relation(relation: &Relation) -> TokenStream {
    let kind = match relation.kind {
        Kind::BelongsTo => quote!(BelongsTo),
        Kind::HasMany | Kind::HasAndBelongsToMany => quote!(HasMany),
        Kind::HasOne => quote!(HasOne),
        Kind::ReferencesMany => quote!(ReferencesMany),
        Kind::EmbedsOne => quote!(EmbedsOne),
        Kind::EmbedsMany => quote!(EmbedsMany),
    };
    let (name, ty, key) = (&relation.name.text, &relation.ty, &relation.key.field);
    // On the type, since this is where the compiler finds that it is no relation, or leads to no model.
    let target = quote_spanned!(at(ty.span())=> <#ty as __lw::RelationField>::TARGET);
    let docs = expand_docs(&relation.docs);
    let constraint = relation.constraint.then(|| quote!(.constraint()));
    let on_delete = relation.on_delete.map(|on_delete| {
        let action = match on_delete.action {
            OnDelete::Restrict => quote!(Restrict),
            OnDelete::Cascade => quote!(Cascade),
            OnDelete::SetNull => quote!(SetNull),
        };
        quote!(.on_delete(__lw::OnDelete::#action))
    });
    let primary_key = relation.primary_key.as_ref().map(|key| {
        let field = &key.field;
        quote!(.primary_key(#field))
    });
    let discriminator = relation.discriminator.as_ref().map(|key| &key.field);
    let new = match discriminator {
        Some(discriminator) if relation.leads_to_any() => {
            quote!(__lw::RelationDef::to_any(#name, #key, #discriminator))
        }
        discriminator => {
            let polymorphic = discriminator.map(|field| quote!(.polymorphic(#field)));
            quote!(__lw::RelationDef::new(__lw::RelationKind::#kind, #name, #target, #key) #polymorphic)
        }
    };
    let through = relation.through.as_ref().map(expand_through);
    let options = expand_options(relation);
    quote!(#new #docs #primary_key #through #options #constraint #on_delete)
}

/// ```text
/// .through(__lw::Through::new(|| <Appointment as __lw::Model>::DEF, "patient_id"))
/// ```
fn expand_through(through: &Through) -> TokenStream {
    let key = &through.key.field;
    let through_model = match &through.model {
        Some(model) => {
            let def = expand_join(model);
            quote!(__lw::Through::new(|| #def, #key))
        }
        None => quote!(__lw::Through::made()),
    };
    let inverse = through.inverse.then(|| quote!(.inverse()));
    quote!(.through(#through_model #inverse))
}

/// The description of the model between the two, on its own tokens: this is where the compiler finds that it is none.
pub(super) fn expand_join(model: &Path) -> TokenStream {
    quote_spanned!(at(model.span())=> <#model as __lw::Model>::DEF)
}

/// ```text
/// .path("texts").properties(&[("name", "owner_name")]).disable_include().nest_remoting()
/// .scope(__lw::ScopeDef::new("orders", |__lw_place| __lw::put_scope(__lw_place, recent())))
/// ```
fn expand_options(relation: &Relation) -> TokenStream {
    let path = relation.path.as_ref().map(|path| {
        let path = &path.text;
        quote!(.path(#path))
    });
    let properties = relation.properties.iter().map(|copy| {
        let (from, to) = (&copy.from, &copy.to);
        quote!((#from, #to))
    });
    let properties =
        (!relation.properties.is_empty()).then(|| quote!(.properties(&[#(#properties),*])));
    let prepend = relation.prepend.then(|| quote!(.prepend()));
    let embedding = relation.embedding.as_ref().map(|embedding| {
        let validation = (!embedding.validated).then(|| quote!(.without_validation()));
        let force_id = embedding.force_id.then(|| quote!(.force_id()));
        let persistent = embedding.persistent.then(|| quote!(.persistent()));
        quote!(#validation #force_id #persistent)
    });
    let disabled = relation.disable_include.then(|| quote!(.disable_include()));
    let nested = relation.nest_remoting.then(|| quote!(.nest_remoting()));
    let scope = relation.scope.as_ref().map(|function| {
        let name = &relation.name.text;
        let filter = quote_spanned!(at(function.span())=> #function());
        quote!(.scope(__lw::ScopeDef::new(#name, |__lw_place| __lw::put_scope(__lw_place, #filter))))
    });
    quote!(#path #properties #prepend #embedding #disabled #nested #scope)
}

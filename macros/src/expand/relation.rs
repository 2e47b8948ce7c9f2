//! The description of a relation.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::at;
use super::definition::expand_docs;
use crate::attr::{Kind, OnDelete};
use crate::model::Relation;

/// ```text
/// __lw::RelationDef::new(__lw::RelationKind::HasMany, "reviews", <HasMany<Review> as __lw::RelationField>::TARGET, "coffee_shop_id")
/// ```
pub(super) fn expand_relation(relation: &Relation) -> TokenStream {
    let kind = match relation.kind {
        Kind::BelongsTo => quote!(BelongsTo),
        Kind::HasMany => quote!(HasMany),
        Kind::HasOne => quote!(HasOne),
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
    quote!(__lw::RelationDef::new(__lw::RelationKind::#kind, #name, #target, #key) #docs #constraint #on_delete)
}

//! The handles by which queries name properties and relations.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Ident;

use crate::model::{Model, handle_name, plain};

/// ```text
/// impl CoffeeShop {
///     /// The shop's name.
///     pub const NAME: __lw::Column<Self, String> = __lw::Column::new(1);
///     /// The relation `reviews`.
///     pub const REVIEWS: __lw::Relation<Self, HasMany<Review>> = __lw::Relation::new(0);
/// }
/// ```
pub(super) fn expand_handles(model: &Model) -> TokenStream {
    let ident = &model.ident;
    let columns = model
        .properties
        .iter()
        .enumerate()
        .filter(|(_, property)| !property.embedded)
        .map(|(index, property)| {
            let (vis, ty, handle) = (&property.vis, &property.ty, handle_name(&property.ident));
            let docs = docs(&property.docs, "property", &property.ident);
            quote! {
                #[doc = #docs]
                #vis const #handle: __lw::Column<Self, #ty> = __lw::Column::new(#index);
            }
        });
    let relations = model.relations.iter().enumerate().map(|(index, relation)| {
        let (vis, ty, handle) = (&relation.vis, &relation.ty, handle_name(&relation.ident));
        let docs = docs(&relation.docs, "relation", &relation.ident);
        quote! {
            #[doc = #docs]
            #vis const #handle: __lw::Relation<Self, #ty> = __lw::Relation::new(#index);
        }
    });
    let mixed = model.mixed.iter().enumerate().map(|(index, part)| {
        let (vis, ty, handle) = (&part.vis, &part.ty, handle_name(&part.ident));
        let docs = docs(&part.docs, "part", &part.ident);
        quote! {
            #[doc = #docs]
            #vis const #handle: __lw::Mixed<Self, #ty> = __lw::Mixed::new(__LW_PLACES[#index]);
        }
    });
    // A program need not query by every property.
    quote! {
        #[automatically_derived]
        #[allow(dead_code)]
        impl #ident {
            #(#columns)*
            #(#relations)*
            #(#mixed)*
        }
    }
}

/// The field's own documentation; a crate may insist that everything public has some.
fn docs(docs: &str, what: &str, field: &Ident) -> String {
    if docs.is_empty() {
        format!("The {what} `{}`.", plain(field))
    } else {
        docs.to_owned()
    }
}

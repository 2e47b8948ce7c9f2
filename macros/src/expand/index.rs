//! The description of an index over several properties.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::at;
use crate::model::{Index, IndexKey, Model, plain};

/// ```text
/// .indexes(&[__lw::CompositeIndexDef::new(__lw::IndexDef::Unique, &[__lw::IndexKey::ascending(2)]).name("by_city")])
/// ```
pub(super) fn expand_indexes(model: &Model) -> Option<TokenStream> {
    let index = |index: &Index| {
        let kind = if index.unique {
            quote!(Unique)
        } else {
            quote!(Plain)
        };
        let keys = index.keys.iter().map(|key| {
            let position = position(model, key);
            if key.descending {
                quote!(__lw::IndexKey::descending(#position))
            } else {
                quote!(__lw::IndexKey::ascending(#position))
            }
        });
        let name = index.name.as_ref().map(|name| {
            let name = &name.text;
            quote!(.name(#name))
        });
        quote!(__lw::CompositeIndexDef::new(__lw::IndexDef::#kind, &[#(#keys),*]) #name)
    };
    let indexes = model.indexes.iter().map(index);
    (!model.indexes.is_empty()).then(|| quote!(.indexes(&[#(#indexes),*])))
}

/// ```text
/// const _: () = __lw::check::indexed(&__LW_DEF.properties[2]);
/// ```
pub(super) fn expand_index_assertions(model: &Model) -> impl Iterator<Item = TokenStream> {
    let keys = model.indexes.iter().flat_map(|index| &index.keys);
    keys.map(|key| {
        let position = position(model, key);
        quote_spanned!(at(key.span)=> const _: () = __lw::check::indexed(&__LW_DEF.properties[#position]);)
    })
}

/// The position of the property among those of the model. The check has left no key without one.
fn position(model: &Model, key: &IndexKey) -> Option<usize> {
    let mut properties = model.properties.iter();
    properties.position(|property| plain(&property.ident) == key.field)
}

//! From a record to the struct and back.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::at;
use super::property::expand_field_type;
use crate::model::Model;

/// ```text
/// impl __lw::Model for CoffeeShop {
///     type Id = i64;
///     const DEF: &'static __lw::ModelDef = &__LW_DEF;
///     fn id(&self) -> Self::Id { ::core::clone::Clone::clone(&self.id) }
///     fn from_record(record: &mut __lw::Record) -> __lw::Result<Self, __lw::PropertyError> {
///         __lw::Ok(Self {
///             id: <i64 as __lw::Property>::take_from(record, 0)?,
///             owner: <BelongsTo<Customer> as __lw::RelationField>::take_from(record, 0)?,
///         })
///     }
///     fn into_record(self) -> __lw::Record {
///         ...
///         <i64 as __lw::Property>::put_into(&mut record, 0, self.id);
///         ...
///     }
///     fn put_related(&mut self, record: &mut __lw::Record, place: __lw::Place) -> __lw::Result<(), __lw::Error> {
///         <BelongsTo<Customer> as __lw::RelationField>::move_into(&mut self.owner, record, place.relations + 0)?;
///         __lw::Ok(())
///     }
/// }
/// ```
pub(super) fn expand_conversion(model: &Model, ids: &[usize]) -> TokenStream {
    let ident = &model.ident;
    let ids = ids.iter().map(|id| {
        let (ident, ty) = (&model.properties[*id].ident, &model.properties[*id].ty);
        (
            quote!(#ty),
            // On the type, as the bound of the id: without `Clone` that is said once.
            quote_spanned!(at(ty.span())=> <#ty as ::core::clone::Clone>::clone(&self.#ident)),
        )
    });
    let (id_types, id_values): (Vec<_>, Vec<_>) = ids.unzip();
    // One is no tuple.
    let (id_ty, id_value) = match (id_types.as_slice(), id_values.as_slice()) {
        ([ty], [value]) => (ty.clone(), value.clone()),
        ([], []) => extended_id(model),
        (types, values) => (quote!((#(#types),*)), quote!((#(#values),*))),
    };
    let take = model
        .properties
        .iter()
        .enumerate()
        .map(|(index, property)| {
            let (field, ty) = (&property.ident, &property.ty);
            let field_type = expand_field_type(property);
            let take = quote_spanned!(at(ty.span())=> #field_type::take_from(record, #index)?);
            quote!(#field: #take)
        });
    // What is kept within the model is one of its properties.
    let related = || {
        model
            .relations
            .iter()
            .enumerate()
            .filter(|(_, relation)| relation.embedding.is_none())
    };
    let take_related = related().map(|(index, relation)| {
        let (field, ty) = (&relation.ident, &relation.ty);
        let take = quote_spanned!(at(ty.span())=> <#ty as __lw::RelationField>::take_from(record, #index)?);
        quote!(#field: #take)
    });
    let take_mixed = model.mixed.iter().enumerate().map(|(index, part)| {
        let (field, ty) = (&part.ident, &part.ty);
        let take = quote_spanned!(at(ty.span())=> <#ty as __lw::Mixin>::from_part(record, __LW_PLACES[#index])?);
        quote!(#field: #take)
    });
    let put_mixed = model.mixed.iter().enumerate().map(|(index, part)| {
        let (field, ty) = (&part.ident, &part.ty);
        quote_spanned!(at(ty.span())=> <#ty as __lw::Mixin>::into_part(self.#field, &mut record, __LW_PLACES[#index]);)
    });
    let put = model
        .properties
        .iter()
        .enumerate()
        .map(|(index, property)| {
            let (field, ty) = (&property.ident, &property.ty);
            let field_type = expand_field_type(property);
            quote_spanned!(at(ty.span())=> #field_type::put_into(&mut record, #index, self.#field);)
        });
    let put_related = expand_put_related(model);
    quote! {
        #[automatically_derived]
        impl __lw::Model for #ident {
            type Id = #id_ty;
            const DEF: &'static __lw::ModelDef = &__LW_DEF;
            fn id(&self) -> Self::Id {
                #id_value
            }
            fn from_record(record: &mut __lw::Record) -> __lw::Result<Self, __lw::PropertyError> {
                __lw::Ok(Self { #(#take,)* #(#take_related,)* #(#take_mixed,)* })
            }
            fn into_record(self) -> __lw::Record {
                let mut record = __lw::Record::new(&__LW_DEF);
                #(#put)*
                #(#put_mixed)*
                record
            }
            #put_related
        }
    }
}

/// The method that moves what relation fields hold, unless there are none: neither here nor in the model that is extended.
fn expand_put_related(model: &Model) -> Option<TokenStream> {
    // What is kept within the model is one of its properties.
    let own = model.relations.iter().enumerate();
    let own = own.filter(|(_, relation)| relation.embedding.is_none());
    let own = own.map(|(index, relation)| {
        let (field, ty) = (&relation.ident, &relation.ty);
        quote_spanned!(at(ty.span())=> <#ty as __lw::RelationField>::move_into(&mut self.#field, record, place.relations + #index)?;)
    });
    let mixed = model.mixed.iter().enumerate().filter(|(_, part)| part.base);
    let extended = mixed.map(|(index, part)| {
        let (field, ty) = (&part.ident, &part.ty);
        quote_spanned!(at(ty.span())=> <#ty as __lw::Mixin>::put_part_related(&mut self.#field, record, place.then(__LW_PLACES[#index]))?;)
    });
    let put: Vec<_> = own.chain(extended).collect();
    (!put.is_empty()).then(|| {
        quote! {
            fn put_related(&mut self, record: &mut __lw::Record, place: __lw::Place) -> __lw::Result<(), __lw::Error> {
                #(#put)*
                __lw::Ok(())
            }
        }
    })
}

/// The type and the value of an id that is that of the model that is extended.
fn extended_id(model: &Model) -> (TokenStream, TokenStream) {
    let Some(base) = model.base() else {
        return (quote!(()), quote!(()));
    };
    let (field, ty) = (&base.ident, &base.ty);
    let span = at(ty.span());
    let id = quote_spanned!(span=> <#ty as __lw::Model>::Id);
    (
        id,
        quote_spanned!(span=> <#ty as __lw::Model>::id(&self.#field)),
    )
}

/// ```text
/// impl __lw::Mixin for Timestamps {
///     const MIXIN: __lw::MixinDef = __LW_DEF;
///     fn from_part(record: &mut __lw::Record, place: __lw::Place) -> __lw::Result<Self, __lw::PropertyError> {
///         __lw::Ok(Self { created: <DateTime<Utc> as __lw::Property>::take_from(record, place.properties + 0)? })
///     }
///     fn into_part(self, record: &mut __lw::Record, place: __lw::Place) {
///         <DateTime<Utc> as __lw::Property>::put_into(record, place.properties + 0, self.created);
///     }
/// }
/// ```
pub(super) fn expand_mixin_conversion(mixin: &Model) -> TokenStream {
    let ident = &mixin.ident;
    let properties = || mixin.properties.iter().enumerate();
    let take = properties().map(|(index, property)| {
        let (field, ty) = (&property.ident, &property.ty);
        let take = quote_spanned!(at(ty.span())=> <#ty as __lw::Property>::take_from(record, place.properties + #index)?);
        quote!(#field: #take)
    });
    let put = properties().map(|(index, property)| {
        let (field, ty) = (&property.ident, &property.ty);
        quote_spanned!(at(ty.span())=> <#ty as __lw::Property>::put_into(record, place.properties + #index, self.#field);)
    });
    quote! {
        #[automatically_derived]
        impl __lw::Mixin for #ident {
            const MIXIN: __lw::MixinDef = __LW_DEF;
            fn from_part(record: &mut __lw::Record, place: __lw::Place) -> __lw::Result<Self, __lw::PropertyError> {
                __lw::Ok(Self { #(#take),* })
            }
            fn into_part(self, record: &mut __lw::Record, place: __lw::Place) {
                #(#put)*
            }
        }
    }
}

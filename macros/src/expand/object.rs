//! Nested structs.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::at;
use super::definition::expand_docs;
use super::property::expand_property;
use crate::attr::DefaultValue;
use crate::model::{Property, PropertyType, plain};

/// ```text
/// static __LW_DEF: __lw::ObjectDef =
///     __lw::ObjectDef::new("Address", &[<String as __lw::Property>::PROPERTY.named("street", "street")]);
/// impl __lw::Property for Address {
///     const TYPE: __lw::PropertyType = __lw::PropertyType::Object(&__LW_DEF);
///     const NAME: &'static str = "Address";
///     fn into_value(self) -> __lw::Value { ... <String as __lw::Property>::put_into(&mut record, 0, self.street); ... }
///     fn from_value(value: __lw::Value) -> __lw::Option<Self> {
///         let mut record = __LW_DEF.record_of(value)?;
///         __lw::Some(Self { street: <String as __lw::Property>::take_from(&mut record, 0).ok()? })
///     }
/// }
/// ```
pub(super) fn expand_object(property_type: &PropertyType, properties: &[Property]) -> TokenStream {
    let ident = &property_type.ident;
    let name = plain(ident);
    let docs = expand_docs(&property_type.docs);
    let members = properties.iter().map(expand_property);
    let take = properties.iter().enumerate().map(|(index, property)| {
        let (field, ty) = (&property.ident, &property.ty);
        let take = quote_spanned!(at(ty.span())=> <#ty as __lw::Property>::take_from(&mut record, #index).ok()?);
        quote!(#field: #take)
    });
    let put = properties.iter().enumerate().map(|(index, property)| {
        let (field, ty) = (&property.ident, &property.ty);
        quote_spanned!(at(ty.span())=> <#ty as __lw::Property>::put_into(&mut record, #index, self.#field);)
    });
    let defaults = properties.iter().enumerate().filter_map(|(index, property)| {
        let default = property.default.as_ref()?;
        let known = !matches!(default.value, DefaultValue::Function(_));
        known.then(|| quote_spanned!(at(default.span)=> const _: () = __lw::check::default(&__LW_DEF.properties[#index]);))
    });
    quote! {
        static __LW_DEF: __lw::ObjectDef = __lw::ObjectDef::new(#name, &[#(#members),*]) #docs;
        #[automatically_derived]
        impl __lw::Property for #ident {
            const TYPE: __lw::PropertyType = __lw::PropertyType::Object(&__LW_DEF);
            const NAME: &'static str = #name;
            fn into_value(self) -> __lw::Value {
                let mut record = __LW_DEF.empty_record();
                #(#put)*
                __LW_DEF.value(&record)
            }
            fn from_value(value: __lw::Value) -> __lw::Option<Self> {
                let mut record = __LW_DEF.record_of(value)?;
                __lw::Some(Self { #(#take,)* })
            }
        }
        #(#defaults)*
    }
}

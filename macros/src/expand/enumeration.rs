//! Enums of texts.

use proc_macro2::TokenStream;
use quote::quote;

use crate::model::{PropertyType, Variant, plain};

/// ```text
/// impl __lw::Property for Colour {
///     const TYPE: __lw::PropertyType = __lw::PropertyType::Enum(&["Red", "Green"]);
///     const NAME: &'static str = "Colour";
///     fn into_value(self) -> __lw::Value {
///         __lw::variant_value(match self { Self::Red => "Red", Self::Green => "Green" })
///     }
///     fn from_value(value: __lw::Value) -> __lw::Option<Self> {
///         match __lw::variant_name(&value) { "Red" => __lw::Some(Self::Red), ..., _ => __lw::None }
///     }
/// }
/// ```
pub(super) fn expand_enumeration(
    property_type: &PropertyType,
    variants: &[Variant],
) -> TokenStream {
    let ident = &property_type.ident;
    let type_name = plain(ident);
    let idents: Vec<_> = variants.iter().map(|variant| &variant.ident).collect();
    let names: Vec<_> = variants.iter().map(|variant| &variant.name.text).collect();
    quote! {
        #[automatically_derived]
        impl __lw::Property for #ident {
            const TYPE: __lw::PropertyType = __lw::PropertyType::Enum(&[#(#names),*]);
            const NAME: &'static str = #type_name;
            fn into_value(self) -> __lw::Value {
                __lw::variant_value(match self { #(Self::#idents => #names,)* })
            }
            fn from_value(value: __lw::Value) -> __lw::Option<Self> {
                match __lw::variant_name(&value) {
                    #(#names => __lw::Some(Self::#idents),)*
                    _ => __lw::None,
                }
            }
        }
    }
}

//! Newtypes.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::Type;
use syn::spanned::Spanned;

use super::at;
use crate::model::{PropertyType, plain};

/// Stored as the inner type, with a name of its own: a key of another newtype does not fit.
///
/// ```text
/// impl __lw::Property for CustomerId {
///     const TYPE: __lw::PropertyType = <i64 as __lw::Property>::TYPE;
///     const NAME: &'static str = "CustomerId";
///     const NULLABLE: bool = <i64 as __lw::Property>::NULLABLE;
///     const NULLABLE_ITEMS: bool = <i64 as __lw::Property>::NULLABLE_ITEMS;
///     fn into_value(self) -> __lw::Value { <i64 as __lw::Property>::into_value(self.0) }
///     fn from_value(value: __lw::Value) -> __lw::Option<Self> { __lw::Some(Self(<i64 as __lw::Property>::from_value(value)?)) }
/// }
/// ```
pub(super) fn expand_newtype(property_type: &PropertyType, inner: &Type) -> TokenStream {
    let ident = &property_type.ident;
    let name = plain(ident);
    let inner = quote_spanned!(at(inner.span())=> <#inner as __lw::Property>);
    quote! {
        #[automatically_derived]
        impl __lw::Property for #ident {
            const TYPE: __lw::PropertyType = #inner::TYPE;
            const NAME: &'static str = #name;
            const NULLABLE: bool = #inner::NULLABLE;
            const NULLABLE_ITEMS: bool = #inner::NULLABLE_ITEMS;
            fn into_value(self) -> __lw::Value {
                #inner::into_value(self.0)
            }
            fn from_value(value: __lw::Value) -> __lw::Option<Self> {
                __lw::Some(Self(#inner::from_value(value)?))
            }
        }
    }
}

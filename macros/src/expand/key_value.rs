//! Key-value models.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::acl::{expand_acl_assertions, expand_acl_error_status, expand_acls};
use super::at;
use super::definition::expand_docs;
use crate::model::KeyValue;

/// ```text
/// static __LW_DEF: __lw::ModelDef =
///     __lw::ModelDef::key_value("Page", "Pages", &[__lw::PropertyDef::KEY, <String as __lw::Property>::PROPERTY.named("value", "value")])
///         .docs("Pages by their address.")
///         .acls(&[__lw::AclDef::allow(__lw::PrincipalDef::Everyone)]);
/// impl __lw::Described for Page { const DEF: &'static __lw::ModelDef = &__LW_DEF; }
/// impl __lw::KeyValueModel for Page {
///     fn from_value(value: __lw::Value) -> __lw::Option<Self> { __lw::Some(Self(<String as __lw::Property>::from_value(value)?)) }
///     fn into_value(self) -> __lw::Value { <String as __lw::Property>::into_value(self.0) }
/// }
/// ```
pub(super) fn expand_key_value(model: &KeyValue) -> TokenStream {
    let (ident, name, path) = (&model.ident, &model.name.text, &model.path.text);
    let ty = &model.value;
    let value = quote_spanned!(at(ty.span())=> <#ty as __lw::Property>);
    // On the type, since this is where the compiler finds that it is no property.
    let property = quote_spanned!(at(ty.span())=> #value::PROPERTY.named("value", "value"));
    let docs = expand_docs(&model.docs);
    let private = (!model.public).then(|| quote!(.private()));
    let acls = expand_acls(&model.acls);
    let acl_error_status = expand_acl_error_status(model.acl_error_status.as_ref());
    let assertions = expand_acl_assertions(&model.acls);
    quote! {
        static __LW_DEF: __lw::ModelDef =
            __lw::ModelDef::key_value(#name, #path, &[__lw::PropertyDef::KEY, #property]) #docs #private #acls #acl_error_status;
        #[automatically_derived]
        impl __lw::Described for #ident {
            const DEF: &'static __lw::ModelDef = &__LW_DEF;
        }
        #[automatically_derived]
        impl __lw::KeyValueModel for #ident {
            fn from_value(value: __lw::Value) -> __lw::Option<Self> {
                __lw::Some(Self(#value::from_value(value)?))
            }
            fn into_value(self) -> __lw::Value {
                #value::into_value(self.0)
            }
        }
        #assertions
    }
}

//! The fourth pass: from what was meant to Rust. It only composes, and can't fail.
//!
//! Everything is emitted into `const _: () = { ... }`, names the runtime only as `__lw`, and starts its own names with
//! `__lw_`: nothing can clash with what the user has in scope, be it a type called `Option` or no prelude at all.
//!
//! **Architecture Invariant:** what is emitted is data and conversions. Logic that would look the same for every model
//! belongs into the runtime, where it is compiled once.

mod acl;
mod assertion;
mod conversion;
mod definition;
mod enumeration;
mod handle;
mod index;
mod key_value;
mod literal;
mod newtype;
mod object;
mod policy;
mod property;
mod relation;
mod rule;
mod stand_in;

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{Ident, Path};

pub(crate) use literal::expand_literal;
pub(crate) use stand_in::{key_value_stand_in, mixin_stand_in, model_stand_in, property_stand_in};

use crate::check::{CheckedKeyValue, CheckedMixin, CheckedModel, CheckedPropertyType};
use crate::model::Shape;

/// ```text
/// #[allow(deprecated)]
/// const _: () = {
///     use ::loopwright::__private as __lw;
///     static __LW_DEF: __lw::ModelDef = ...;
///     impl __lw::Model for CoffeeShop { ... }
///     impl CoffeeShop { pub const NAME: __lw::Column<Self, String> = ...; }
///     const _: () = __lw::check::...;
/// };
/// ```
pub(crate) fn model(checked: &CheckedModel) -> TokenStream {
    let CheckedModel { model, ids } = checked;
    let definition = definition::expand_definition(model);
    let conversion = conversion::expand_conversion(model, ids);
    let handles = handle::expand_handles(model);
    let assertions = assertion::expand_assertions(model, ids);
    let methods = no_methods();
    scope(
        &model.krate,
        &quote!(#methods #definition #conversion #handles #assertions),
    )
}

/// ```text
/// #[allow(deprecated)]
/// const _: () = {
///     use ::loopwright::__private as __lw;
///     const __LW_DEF: __lw::MixinDef = ...;
///     impl __lw::Mixin for Timestamps { ... }
///     impl Timestamps { pub const CREATED: __lw::Column<Self, DateTime<Utc>> = ...; }
///     const _: () = __lw::check::...;
/// };
/// ```
pub(crate) fn mixin(checked: &CheckedMixin) -> TokenStream {
    let mixin = &checked.0;
    let methods = no_methods();
    let definition = definition::expand_mixin_definition(mixin);
    let conversion = conversion::expand_mixin_conversion(mixin);
    let handles = handle::expand_handles(mixin);
    let assertions = assertion::expand_property_assertions(mixin);
    scope(
        &mixin.krate,
        &quote!(#methods #definition #conversion #handles #assertions),
    )
}

/// Of no use where the struct has an impl block with `#[methods]`: that one's constant goes before the trait's.
fn no_methods() -> TokenStream {
    quote!(
        #[allow(unused_imports)]
        use __lw::NoMethods as _;
    )
}

/// ```text
/// #[allow(deprecated)]
/// const _: () = {
///     use ::loopwright::__private as __lw;
///     static __LW_DEF: __lw::ModelDef = ...;
///     impl __lw::KeyValueModel for Page { ... }
/// };
/// ```
pub(crate) fn key_value(checked: &CheckedKeyValue) -> TokenStream {
    scope(&checked.0.krate, &key_value::expand_key_value(&checked.0))
}

/// ```text
/// #[allow(deprecated)]
/// const _: () = {
///     use ::loopwright::__private as __lw;
///     impl __lw::Property for Colour { ... }
/// };
/// ```
pub(crate) fn property_type(checked: &CheckedPropertyType) -> TokenStream {
    let property_type = &checked.0;
    let implementation = match &property_type.shape {
        Shape::Enum(variants) => enumeration::expand_enumeration(property_type, variants),
        Shape::Newtype(inner) => newtype::expand_newtype(property_type, inner),
        Shape::Object(properties) => object::expand_object(property_type, properties),
    };
    let remotable = expand_remotable(&property_type.ident);
    scope(&property_type.krate, &quote!(#implementation #remotable))
}

/// What a property is, remote methods take and answer.
///
/// ```text
/// impl __lw::Remotable for Colour {
///     const TYPE: __lw::RemoteType = __lw::property_type::<Self>();
///     fn from_remote(value: __lw::RemoteValue) -> __lw::Result<Self, __lw::Error> {
///         __lw::property_from_remote(value)
///     }
///     fn into_remote(self) -> __lw::RemoteValue {
///         __lw::property_into_remote(self)
///     }
/// }
/// ```
fn expand_remotable(ident: &Ident) -> TokenStream {
    quote! {
        #[automatically_derived]
        impl __lw::Remotable for #ident {
            const TYPE: __lw::RemoteType = __lw::property_type::<Self>();
            fn from_remote(value: __lw::RemoteValue) -> __lw::Result<Self, __lw::Error> {
                __lw::property_from_remote(value)
            }
            fn into_remote(self) -> __lw::RemoteValue {
                __lw::property_into_remote(self)
            }
        }
    }
}

fn scope(krate: &Path, items: &TokenStream) -> TokenStream {
    // A deprecated field is still stored.
    quote! {
        #[allow(deprecated)]
        const _: () = {
            use #krate::__private as __lw;
            #items
        };
    }
}

/// The place of `span` for messages, with the names of the expansion.
///
/// A token from a `macro_rules!` macro would otherwise carry that macro's names: `record` would not be found.
pub(crate) fn at(span: Span) -> Span {
    span.resolved_at(Span::call_site())
}

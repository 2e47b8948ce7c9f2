//! Implementations in form only, for items that can't be what they are annotated as.

use proc_macro2::TokenStream;
use quote::quote;

use super::scope;
use crate::model::{StandIn, plain};

/// The compiler stops at the mistake that has been reported, and finds nothing else to say about uses of the item.
pub(crate) fn model_stand_in(stand_in: &StandIn) -> TokenStream {
    let ident = &stand_in.ident;
    let name = plain(ident);
    let (impl_generics, ty_generics, where_clause) = stand_in.generics.split_for_impl();
    let bounds = where_clause.map(|clause| &clause.predicates);
    scope(
        &stand_in.krate,
        &quote! {
            static __LW_DEF: __lw::ModelDef = __lw::ModelDef::new(
                #name,
                #name,
                #name,
                &[<::core::primitive::i64 as __lw::Property>::PROPERTY.named("id", "id").id()],
            );
            #[automatically_derived]
            impl #impl_generics __lw::Model for #ident #ty_generics
            where
                Self: ::core::marker::Send + ::core::marker::Sync + 'static,
                #bounds
            {
                type Id = ::core::primitive::i64;
                const DEF: &'static __lw::ModelDef = &__LW_DEF;
                fn id(&self) -> Self::Id {
                    ::core::unreachable!()
                }
                fn from_record(_: &mut __lw::Record) -> __lw::Result<Self, __lw::PropertyError> {
                    ::core::unreachable!()
                }
                fn into_record(self) -> __lw::Record {
                    ::core::unreachable!()
                }
            }
        },
    )
}

/// As [`model_stand_in`], for mixins.
pub(crate) fn mixin_stand_in(stand_in: &StandIn) -> TokenStream {
    let ident = &stand_in.ident;
    let name = plain(ident);
    let (impl_generics, ty_generics, where_clause) = stand_in.generics.split_for_impl();
    let bounds = where_clause.map(|clause| &clause.predicates);
    scope(
        &stand_in.krate,
        &quote! {
            #[automatically_derived]
            impl #impl_generics __lw::Mixin for #ident #ty_generics
            where
                Self: ::core::marker::Send + ::core::marker::Sync + 'static,
                #bounds
            {
                const MIXIN: __lw::MixinDef = __lw::MixinDef::new(#name, &[]);
                fn from_part(_: &mut __lw::Record, _: __lw::Place) -> __lw::Result<Self, __lw::PropertyError> {
                    ::core::unreachable!()
                }
                fn into_part(self, _: &mut __lw::Record, _: __lw::Place) {
                    ::core::unreachable!()
                }
            }
        },
    )
}

/// As [`model_stand_in`], for key-value models.
pub(crate) fn key_value_stand_in(stand_in: &StandIn) -> TokenStream {
    let ident = &stand_in.ident;
    let name = plain(ident);
    let (impl_generics, ty_generics, where_clause) = stand_in.generics.split_for_impl();
    let bounds = where_clause.map(|clause| &clause.predicates);
    let bounds = quote! {
        where
            Self: ::core::marker::Send + ::core::marker::Sync + 'static,
            #bounds
    };
    scope(
        &stand_in.krate,
        &quote! {
            static __LW_DEF: __lw::ModelDef = __lw::ModelDef::key_value(
                #name,
                #name,
                &[__lw::PropertyDef::KEY, <::core::primitive::bool as __lw::Property>::PROPERTY.named("value", "value")],
            );
            #[automatically_derived]
            impl #impl_generics __lw::Described for #ident #ty_generics #bounds {
                const DEF: &'static __lw::ModelDef = &__LW_DEF;
            }
            #[automatically_derived]
            impl #impl_generics __lw::KeyValueModel for #ident #ty_generics #bounds {
                fn from_value(_: __lw::Value) -> __lw::Option<Self> {
                    ::core::unreachable!()
                }
                fn into_value(self) -> __lw::Value {
                    ::core::unreachable!()
                }
            }
        },
    )
}

/// As [`model_stand_in`], for property types.
pub(crate) fn property_stand_in(stand_in: &StandIn) -> TokenStream {
    let ident = &stand_in.ident;
    let name = plain(ident);
    let (impl_generics, ty_generics, where_clause) = stand_in.generics.split_for_impl();
    let bounds = where_clause.map(|clause| &clause.predicates);
    scope(
        &stand_in.krate,
        &quote! {
            #[automatically_derived]
            impl #impl_generics __lw::Property for #ident #ty_generics
            where
                Self: ::core::marker::Send + ::core::marker::Sync + 'static,
                #bounds
            {
                const TYPE: __lw::PropertyType = __lw::PropertyType::Json;
                const NAME: &'static str = #name;
                fn into_value(self) -> __lw::Value {
                    ::core::unreachable!()
                }
                fn from_value(_: __lw::Value) -> __lw::Option<Self> {
                    ::core::unreachable!()
                }
            }
        },
    )
}

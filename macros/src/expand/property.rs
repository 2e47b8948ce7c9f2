//! The description of a property.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::Type;
use syn::spanned::Spanned;

use super::acl::expand_acls;
use super::at;
use super::definition::{expand_docs, expand_names};
use super::literal::expand_literal;
use crate::attr::{DefaultAttr, DefaultValue};
use crate::model::{Property, plain};

/// ```text
/// <String as __lw::Property>::PROPERTY.named("ownerName", "owner_name").docs("Who owns it.").index(__lw::IndexDef::Plain)
/// ```
pub(super) fn expand_property(property: &Property) -> TokenStream {
    let ty = &property.ty;
    let name = &property.name.text;
    let field = plain(&property.ident);
    // On the type, since this is where the compiler finds that it is no property.
    let field_type = expand_field_type(property);
    let named = quote_spanned!(at(ty.span())=> #field_type::PROPERTY.named(#name, #field));
    let docs = expand_docs(&property.docs);
    let column = property.column.as_ref().map(|column| {
        let column = &column.text;
        quote!(.column(#column))
    });
    let column_type = property
        .column_type
        .as_ref()
        .map(|ty| quote!(.column_type(#ty)));
    let id = property.id.map(|_| match property.id_part {
        true => quote!(.id_part()),
        false => quote!(.id()),
    });
    let generated = property.generated.map(|_| quote!(.generated()));
    let default = property
        .default
        .as_ref()
        .map(|default| expand_default(default, ty));
    let index = match (
        property.index,
        property.unique || property.is_always_unique(),
    ) {
        (_, true) => Some(quote!(.index(__lw::IndexDef::Unique))),
        (true, false) => Some(quote!(.index(__lw::IndexDef::Plain))),
        (false, false) => None,
    };
    let columns = expand_names("columns", &property.columns);
    let hidden = property.hidden.then(|| quote!(.hidden()));
    let protected = property.protected.map(|_| quote!(.protected()));
    let read_only = property.read_only.map(|_| quote!(.read_only()));
    let acls = expand_acls(&property.acls);
    let version = property.version.map(|version| match version.required {
        true => quote!(.version(__lw::VersionDef::Required)),
        false => quote!(.version(__lw::VersionDef::Offered)),
    });
    quote! {
        #named #docs #column #columns #column_type #id #generated #default #index
            #hidden #protected #read_only #version #acls
    }
}

/// `<String as __lw::Property>`, or `<EmbedsOne<Address> as __lw::RelationField>` of what is a relation too.
pub(super) fn expand_field_type(property: &Property) -> TokenStream {
    let ty = &property.ty;
    match property.embedded {
        true => quote_spanned!(at(ty.span())=> <#ty as __lw::RelationField>),
        false => quote_spanned!(at(ty.span())=> <#ty as __lw::Property>),
    }
}

/// ```text
/// .default(__lw::DefaultDef::Literal(__lw::Literal::Integer(0)))
/// .default(__lw::DefaultDef::Function(|| __lw::default_value::<String, _>(path::to::function())))
/// ```
fn expand_default(default: &DefaultAttr, ty: &Type) -> TokenStream {
    let value = match &default.value {
        DefaultValue::Now => quote!(__lw::DefaultDef::Now),
        DefaultValue::Uuid => quote!(__lw::DefaultDef::Uuid),
        DefaultValue::Guid => quote!(__lw::DefaultDef::Guid),
        DefaultValue::ShortId => quote!(__lw::DefaultDef::ShortId),
        DefaultValue::EmptyList => quote!(__lw::DefaultDef::EmptyList),
        DefaultValue::Literal(literal) => {
            let literal = expand_literal(literal);
            quote!(__lw::DefaultDef::Literal(#literal))
        }
        DefaultValue::Function(path) => {
            // On the path, since this is where the compiler finds that the function returns another type.
            let call = quote_spanned!(at(default.span)=> __lw::default_value::<#ty, _>(#path()));
            quote!(__lw::DefaultDef::Function(|| #call))
        }
        DefaultValue::Value(path) => {
            let value = quote_spanned!(at(default.span)=> __lw::default_value::<#ty, _>(#path));
            quote!(__lw::DefaultDef::Function(|| #value))
        }
    };
    quote!(.default(#value))
}

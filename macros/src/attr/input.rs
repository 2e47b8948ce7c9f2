//! The annotated item: its shape, its parts, and what the attributes say about each.

use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{
    Data, DeriveInput, Field, Fields, FieldsNamed, Generics, Ident, LitStr, Token, Type, Variant,
};

use super::model::{FieldAttr, ModelAttr, field, model};
use super::property::{MemberAttr, PropertyAttr, member, property, variant};
use crate::error::Errors;

/// A struct with `#[derive(Model)]`.
pub(crate) struct ModelInput<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) generics: &'a Generics,
    pub(crate) attr: ModelAttr,
    /// Nothing, when the item can't be a model at all.
    pub(crate) fields: Option<Vec<(&'a Field, FieldAttr)>>,
}

impl<'a> ModelInput<'a> {
    /// Reads `input`, as far as it can be understood.
    pub(crate) fn read(input: &'a DeriveInput, errors: &mut Errors) -> Self {
        let attr = model(&input.attrs, errors);
        ModelInput::with("model", attr, input, errors)
    }

    /// As [`read`](Self::read), of a struct with `#[derive(Mixin)]`.
    pub(crate) fn read_mixin(input: &'a DeriveInput, errors: &mut Errors) -> Self {
        let mut attr = model(&input.attrs, errors);
        let text = |text: &Option<LitStr>| text.as_ref().map(LitStr::span);
        let flag = |flag: &Option<syn::LitBool>| flag.as_ref().map(syn::LitBool::span);
        let of_models = [
            ("name", text(&attr.name)),
            ("path", text(&attr.path)),
            (
                "table",
                text(&attr.table).or(attr.tables.first().map(|(store, _)| store.span())),
            ),
            ("public", flag(&attr.public)),
            ("strict", attr.strict.as_ref().map(|strict| strict.span)),
            ("force_id", attr.force_id),
            ("strict_delete", attr.strict_delete),
            ("replace_on_put", attr.replace_on_put),
            ("disable", attr.disabled.first().map(syn::Ident::span)),
            ("automatic_validation", flag(&attr.automatic_validation)),
            ("validate_upsert", flag(&attr.validate_upsert)),
            ("principal", attr.principal.map(|principal| principal.span)),
            (
                "acl_error_status",
                attr.acl_error_status.as_ref().map(syn::LitInt::span),
            ),
        ];
        for (word, span) in of_models {
            if let Some(span) = span {
                errors.push(
                    span,
                    format!("`{word}` describes a model; say it of those that take in the mixin"),
                );
            }
        }
        for attribute in &input.attrs {
            let path = attribute.path();
            if path.is_ident("acl") || path.is_ident("policy") {
                let name = path.to_token_stream();
                errors.push_spanned(
                    path,
                    format!(
                        "`#[{name}(...)]` describes a model; say it of those that take in the mixin"
                    ),
                );
            }
        }
        attr.acls.clear();
        attr.policies.clear();
        ModelInput::with("mixin", attr, input, errors)
    }

    fn with(what: &str, attr: ModelAttr, input: &'a DeriveInput, errors: &mut Errors) -> Self {
        let concrete = is_concrete(&input.generics, what, errors);
        let named = match &input.data {
            Data::Struct(data) => match &data.fields {
                Fields::Named(named) if !named.named.is_empty() => Some(named),
                Fields::Unnamed(fields) => {
                    errors.push_spanned(fields, format!("the fields of a {what} have names; write `struct Name {{ id: i64, ... }}`"));
                    None
                }
                Fields::Named(_) | Fields::Unit => {
                    errors.push(
                        input.ident.span(),
                        format!("a {what} has fields; write `struct Name {{ id: i64, ... }}`"),
                    );
                    None
                }
            },
            Data::Enum(data) => {
                errors.push_spanned(
                    data.enum_token,
                    format!("a {what} is a struct; for an enum as the type of a property write `#[derive(Property)]`"),
                );
                None
            }
            Data::Union(data) => {
                errors.push_spanned(
                    data.union_token,
                    format!("a {what} is a struct; write `struct` instead of `union`"),
                );
                None
            }
        };
        let fields = named
            .filter(|_| concrete)
            .map(|named| each(named, field, errors));
        ModelInput {
            ident: &input.ident,
            generics: &input.generics,
            attr,
            fields,
        }
    }
}

/// A struct with `#[derive(KeyValueModel)]`.
pub(crate) struct KeyValueInput<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) generics: &'a Generics,
    pub(crate) attr: ModelAttr,
    /// The type of the value. Nothing, when the item can't be a key-value model at all.
    pub(crate) value: Option<&'a Type>,
}

impl<'a> KeyValueInput<'a> {
    /// Reads `input`, as far as it can be understood.
    pub(crate) fn read(input: &'a DeriveInput, errors: &mut Errors) -> Self {
        let attr = model(&input.attrs, errors);
        if let Some(table) = &attr.table {
            errors.push(
                table.span(),
                "a key-value model has no table; for other keys in the store give it another name with `name = \"...\"`",
            );
        }
        let of_records = [
            ("strict", attr.strict.as_ref().map(|strict| strict.span)),
            ("force_id", attr.force_id),
            ("strict_delete", attr.strict_delete),
            ("replace_on_put", attr.replace_on_put),
            ("principal", attr.principal.map(|principal| principal.span)),
        ];
        for (word, span) in of_records {
            if let Some(span) = span {
                errors.push(
                    span,
                    format!("a key-value model keeps values and no records; remove `{word}`"),
                );
            }
        }
        let mut policies = input.attrs.iter();
        if let Some(policy) = policies.find(|attribute| attribute.path().is_ident("policy")) {
            errors.push_spanned(
                policy.path(),
                "a key-value model keeps values and no records; remove `#[policy(...)]`",
            );
        }
        let concrete = is_concrete(&input.generics, "key-value model", errors);
        let value = value(input, errors).filter(|_| concrete);
        KeyValueInput {
            ident: &input.ident,
            generics: &input.generics,
            attr,
            value: value.map(|field| &field.ty),
        }
    }
}

fn value<'a>(input: &'a DeriveInput, errors: &mut Errors) -> Option<&'a Field> {
    match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Unnamed(fields) if fields.unnamed.len() == 1 => {
                let field = fields.unnamed.first()?;
                for attribute in &field.attrs {
                    if let Some(name @ ("model" | "relation" | "validate")) =
                        attribute.path().get_ident().map(Ident::to_string).as_deref()
                    {
                        errors.push_spanned(
                            attribute.path(),
                            format!("`#[{name}(...)]` describes a field of a model that is kept in records; remove it, or say it of the value's own type"),
                        );
                    }
                }
                return Some(field);
            }
            Fields::Unit => errors.push(
                input.ident.span(),
                format!("a key-value model holds one value; write `struct {}(String);` or the like", input.ident),
            ),
            Fields::Unnamed(fields) => errors.push_spanned(
                fields,
                "a key-value model holds one value; write one type, which may be a struct with `#[derive(Property)]`",
            ),
            Fields::Named(fields) => errors.push_spanned(
                fields,
                format!("a key-value model wraps one value; give these fields to a struct with `#[derive(Property)]`, and write `struct {}(ThatStruct);`", input.ident),
            ),
        },
        Data::Enum(data) => errors.push_spanned(
            data.enum_token,
            format!("a key-value model is a struct around its value; derive `Property` for the enum, and write `struct {}(ThatEnum);`", input.ident),
        ),
        Data::Union(data) => errors.push_spanned(
            data.union_token,
            "a key-value model is a struct around its value; write `struct` instead of `union`",
        ),
    }
    None
}

/// A type with `#[derive(Property)]`.
pub(crate) struct PropertyInput<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) generics: &'a Generics,
    pub(crate) attr: PropertyAttr,
    /// Nothing, when the item can't be a property type at all.
    pub(crate) shape: Option<ShapeInput<'a>>,
}

/// The three shapes of a property type.
pub(crate) enum ShapeInput<'a> {
    /// `enum Colour { Red, Green }`, each variant with the name that an attribute gives it.
    Enum(Vec<(&'a Variant, Option<LitStr>)>),
    /// `struct CustomerId(i64);`
    Newtype(&'a Type),
    /// `struct Address { street: String }`
    Object(Vec<(&'a Field, MemberAttr)>),
}

impl<'a> PropertyInput<'a> {
    /// Reads `input`, as far as it can be understood.
    pub(crate) fn read(input: &'a DeriveInput, errors: &mut Errors) -> Self {
        let attr = property(&input.attrs, errors);
        let concrete = is_concrete(&input.generics, "property type", errors);
        let shape = shape(input, errors).filter(|_| concrete);
        PropertyInput {
            ident: &input.ident,
            generics: &input.generics,
            attr,
            shape,
        }
    }
}

fn shape<'a>(input: &'a DeriveInput, errors: &mut Errors) -> Option<ShapeInput<'a>> {
    match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(named) if !named.named.is_empty() => {
                return Some(ShapeInput::Object(each(named, member, errors)));
            }
            Fields::Unnamed(fields) if fields.unnamed.len() > 1 => {
                errors.push_spanned(
                    fields,
                    "several fields need names; write `struct Name { first: ..., second: ... }`",
                );
                return None;
            }
            fields => {
                if let Some(field) = fields.iter().next() {
                    return Some(ShapeInput::Newtype(&field.ty));
                }
            }
        },
        Data::Enum(data) if !data.variants.is_empty() => return variants(&data.variants, errors),
        Data::Enum(_) => {}
        Data::Union(data) => {
            errors.push_spanned(
                data.union_token,
                "a union can't be a property; write a `struct` or an `enum`",
            );
            return None;
        }
    }
    errors.push(
        input.ident.span(),
        format!(
            "`{}` holds nothing; a property type is an enum with variants, or a struct with fields",
            input.ident
        ),
    );
    None
}

fn each<'a, A>(
    named: &'a FieldsNamed,
    read: fn(&[syn::Attribute], &mut Errors) -> A,
    errors: &mut Errors,
) -> Vec<(&'a Field, A)> {
    named
        .named
        .iter()
        .map(|field| (field, read(&field.attrs, errors)))
        .collect()
}

fn variants<'a>(
    variants: &'a Punctuated<Variant, Token![,]>,
    errors: &mut Errors,
) -> Option<ShapeInput<'a>> {
    let mut plain = true;
    let mut read = Vec::new();
    for item in variants {
        if !matches!(item.fields, Fields::Unit) {
            plain = false;
            errors.push(
                item.fields.span(),
                format!("`{}` has data, which an enum of texts can't keep; drop the data, or use `serde_json::Value`", item.ident),
            );
        }
        read.push((item, variant(&item.attrs, errors)));
    }
    plain.then_some(ShapeInput::Enum(read))
}

/// A description is one constant, so what it describes can't have parameters.
fn is_concrete(generics: &Generics, what: &str, errors: &mut Errors) -> bool {
    let concrete = generics.params.is_empty();
    if !concrete {
        errors.push_spanned(
            &generics.params,
            format!(
                "a {what} has no parameters; write a struct without them for each concrete type"
            ),
        );
    }
    concrete
}

//! An instance, as the expression that makes it.

use proc_macro2::{Literal, TokenStream};
use quote::quote;
use serde_json::Value as Json;

use super::Draft;
use crate::model::{DefaultDef, ObjectDef, Place, PropertyDef, PropertyType, Record, Value};

/// The expression for an instance of `model` with the members of `json`; nothing for what is not written so.
pub(super) fn instance(json: &Json, model: &Draft) -> Option<TokenStream> {
    let def = model.def;
    if !def.relations.is_empty() {
        return None;
    }
    let record = ObjectDef::of_model(def).record(json.clone()).ok()?;
    let properties = def.properties.iter().enumerate().zip(&model.fields);
    let members = properties.map(|((index, property), field)| {
        let given = json.get(property.name).is_some();
        let value = member(property, given, &record, index)?;
        let field = field.as_ref()?;
        Some(quote!(#field: #value))
    });
    let members: Vec<_> = members.collect::<Option<_>>()?;
    let ident = &model.ident;
    Some(quote!(#ident { #(#members),* }))
}

fn member(
    property: &PropertyDef,
    given: bool,
    record: &Record,
    index: usize,
) -> Option<TokenStream> {
    let constant = matches!(property.default, None | Some(DefaultDef::Literal(_)));
    if property.place != Place::START || !given && !constant {
        return None;
    }
    let json = matches!(property.ty, PropertyType::Json);
    let value = match record.value(index) {
        Value::Null if json => return Some(quote!(loopwright::model::Json::Null)),
        Value::Null if property.nullable => return Some(quote!(None)),
        // What can't be blank is refused, if it is; an id is to be made.
        Value::Null => match property.ty {
            PropertyType::String => quote!(String::new()),
            PropertyType::Integer { .. } if property.id => quote!(0),
            _ => return None,
        },
        Value::Boolean(flag) => quote!(#flag),
        Value::Integer(number) => {
            let number = Literal::i64_unsuffixed(*number);
            quote!(#number)
        }
        Value::Float(number) => {
            let number = Literal::f64_unsuffixed(*number);
            quote!(#number)
        }
        Value::String(text) => quote!(#text.into()),
        _ => return None,
    };
    let optional = property.nullable && !json;
    Some(if optional {
        quote!(Some(#value))
    } else {
        value
    })
}

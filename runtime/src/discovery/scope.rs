//! From a filter to the Rust that makes it.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt;

use crate::model::Value;
use crate::query::{Comparison, Condition, Direction, Fields, Filter};

/// How Rust names a model, its properties and its relations.
pub(super) struct Names<'a> {
    /// Its type: `Self` within its own `impl`.
    pub model: &'a Ident,
    /// The fields of the properties, in their order; nothing for those of a model that is extended.
    pub fields: &'a [Option<Ident>],
    /// The fields of the relations, in their order.
    pub relations: &'a [Ident],
}

/// The expression that makes `filter` of a model with these names; nothing for what is not written so.
pub(super) fn filter(filter: &Filter, names: &Names<'_>) -> Option<TokenStream> {
    if filter.near.is_some() || filter.fields != Fields::All {
        return None;
    }
    let condition = condition(&filter.condition, names)?;
    let mut members = Vec::new();
    if !filter.include.is_empty() {
        let model = names.model;
        let includes = filter.include.iter().map(|include| {
            let relation = handle(names.relations.get(include.relation)?);
            let whole = include.scope == Filter::ALL && include.limit_each.is_none();
            whole.then(|| quote!(#model::#relation.into()))
        });
        let includes: Vec<_> = includes.collect::<Option<_>>()?;
        members.push(quote!(include: vec![#(#includes),*]));
    }
    if !filter.order.is_empty() {
        let model = names.model;
        let keys = filter.order.iter().map(|order| {
            let handle = handle(names.fields.get(order.property)?.as_ref()?);
            let direction = match order.direction {
                Direction::Ascending => quote!(asc),
                Direction::Descending => quote!(desc),
            };
            order
                .path
                .is_none()
                .then(|| quote!(#model::#handle.#direction()))
        });
        let keys: Vec<_> = keys.collect::<Option<_>>()?;
        members.push(quote!(order: vec![#(#keys),*]));
    }
    if let Some(limit) = filter.limit {
        let limit = proc_macro2::Literal::u64_unsuffixed(limit);
        members.push(quote!(limit: Some(#limit)));
    }
    if filter.skip > 0 {
        let skip = proc_macro2::Literal::u64_unsuffixed(filter.skip);
        members.push(quote!(skip: #skip));
    }
    let all = quote!(loopwright::query::Filter::matching(#condition));
    Some(if members.is_empty() {
        all
    } else {
        quote!(loopwright::query::Filter { #(#members,)* ..#all })
    })
}

fn condition(condition: &Condition, names: &Names<'_>) -> Option<TokenStream> {
    let model = names.model;
    match condition {
        Condition::And(list) => joined(list, &format_ident!("and"), names)
            .unwrap_or_else(|| Some(quote!(loopwright::query::Condition::ALL))),
        Condition::Or(list) => joined(list, &format_ident!("or"), names)?,
        Condition::Compare {
            property,
            comparison,
        } => {
            let handle = handle(names.fields.get(*property)?.as_ref()?);
            let (method, operand) = match comparison {
                Comparison::Equal(Value::Null) => return Some(quote!(#model::#handle.is_null())),
                Comparison::NotEqual(Value::Null) => {
                    return Some(quote!(#model::#handle.is_not_null()));
                }
                Comparison::Equal(value) => ("eq", value),
                Comparison::NotEqual(value) => ("ne", value),
                Comparison::Greater(value) => ("gt", value),
                Comparison::GreaterOrEqual(value) => ("gte", value),
                Comparison::Less(value) => ("lt", value),
                Comparison::LessOrEqual(value) => ("lte", value),
                _ => return None,
            };
            let method = format_ident!("{method}");
            let operand = self::operand(operand)?;
            Some(quote!(#model::#handle.#method(#operand)))
        }
        _ => None,
    }
}

/// Nothing for an empty list.
fn joined(list: &[Condition], joint: &Ident, names: &Names<'_>) -> Option<Option<TokenStream>> {
    let conditions: Option<Vec<_>> = list.iter().map(|one| condition(one, names)).collect();
    let Some(conditions) = conditions else {
        return Some(None);
    };
    let joined = conditions
        .into_iter()
        .reduce(|left, right| quote!(#left.#joint(#right)))?;
    Some(Some(joined))
}

fn operand(value: &Value) -> Option<TokenStream> {
    Some(match value {
        Value::Boolean(flag) => quote!(#flag),
        Value::Integer(number) => {
            let number = proc_macro2::Literal::i64_suffixed(*number);
            quote!(#number)
        }
        Value::Float(number) => {
            let number = proc_macro2::Literal::f64_suffixed(*number);
            quote!(#number)
        }
        Value::String(text) => quote!(#text),
        _ => return None,
    })
}

/// The constant by which queries name a field.
fn handle(field: &Ident) -> Ident {
    format_ident!("{}", field.unraw().to_string().to_uppercase())
}

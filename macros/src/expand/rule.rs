//! Validation rules.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::literal::{expand_float, expand_literal};
use crate::attr::{Bound, Rule, RuleAttr};

/// ```text
/// .rules(&[__lw::Rule::Length { min: __lw::Some(2), max: __lw::Some(80), is: __lw::None }])
/// ```
pub(super) fn expand_rules(rules: &[RuleAttr]) -> TokenStream {
    let rules = rules.iter().map(|rule| expand_rule(&rule.rule));
    quote!(.rules(&[#(#rules),*]))
}

fn expand_rule(rule: &Rule) -> TokenStream {
    match rule {
        Rule::Presence => quote!(__lw::Rule::Presence),
        Rule::Absence => quote!(__lw::Rule::Absence),
        Rule::Length { min, max, is } => {
            let [min, max, is] = [min, max, is].map(|bound| {
                expand_bound(*bound, |number| {
                    let number = Literal::usize_unsuffixed(number);
                    quote!(#number)
                })
            });
            quote!(__lw::Rule::Length { min: #min, max: #max, is: #is })
        }
        Rule::Range { min, max } => {
            let [min, max] = [min, max].map(|bound| expand_bound(*bound, expand_float));
            quote!(__lw::Rule::Range { min: #min, max: #max })
        }
        Rule::Inclusion(list) => {
            let list = list.iter().map(expand_literal);
            quote!(__lw::Rule::Inclusion(&[#(#list),*]))
        }
        Rule::Exclusion(list) => {
            let list = list.iter().map(expand_literal);
            quote!(__lw::Rule::Exclusion(&[#(#list),*]))
        }
        Rule::Format(pattern) => quote!(__lw::Rule::Format(#pattern)),
    }
}

fn expand_bound<T>(bound: Option<Bound<T>>, expand: impl Fn(T) -> TokenStream) -> TokenStream {
    match bound {
        Some(bound) => {
            let value = expand(bound.value);
            quote!(__lw::Some(#value))
        }
        None => quote!(__lw::None),
    }
}

//! Validation rules.

use proc_macro2::{Literal, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Ident, Path};

use super::at;
use super::literal::{expand_float, expand_literal};
use crate::attr::{Bound, Format, Rule, RuleAttr};
use crate::model::{Model, Property, plain};

/// ```text
/// .rules(&[
///     __lw::RuleDef::new(__lw::Rule::Length { min: __lw::Some(2), max: __lw::Some(80), is: __lw::None })
///         .code("name")
///         .messages(&[("min", "is no name")])
///         .only_if(__lw::Guard::Property(3))
///         .unless(__lw::Guard::Function(|__lw_record, __lw_place| __lw::guard::<Self>(__lw_record, __lw_place, is_draft)))
///         .refuse_null()
///         .allow_blank(),
/// ])
/// ```
pub(super) fn expand_rules(property: &Property, model: &Model) -> Option<TokenStream> {
    let rules = property.rules.iter().map(|rule| expand_rule(rule, model));
    (!property.rules.is_empty()).then(|| quote!(.rules(&[#(#rules),*])))
}

fn expand_rule(RuleAttr { rule, options, .. }: &RuleAttr, model: &Model) -> TokenStream {
    let rule = expand_kind(rule, model);
    let code = options.code.as_ref().map(|code| quote!(.code(#code)));
    let messages = (!options.messages.is_empty()).then(|| {
        let messages = options.messages.iter();
        let messages = messages.map(|(kind, message)| quote!((#kind, #message)));
        quote!(.messages(&[#(#messages),*]))
    });
    let guard = |path: &Path| expand_guard(path, model);
    let only_if = options
        .condition
        .as_ref()
        .map(guard)
        .map(|guard| quote!(.only_if(#guard)));
    let unless = options
        .exception
        .as_ref()
        .map(guard)
        .map(|guard| quote!(.unless(#guard)));
    let allow_null = options.allow_null.as_ref().is_none_or(|flag| flag.value);
    let refuse_null = (!allow_null).then(|| quote!(.refuse_null()));
    let allow_blank = options.allow_blank.map(|_| quote!(.allow_blank()));
    quote!(__lw::RuleDef::new(#rule) #code #messages #only_if #unless #refuse_null #allow_blank)
}

/// The property that `path` names, if it names one and no function.
pub(super) fn guarding_property(path: &Path, model: &Model) -> Option<usize> {
    position(path.get_ident()?, model)
}

fn position(field: &Ident, model: &Model) -> Option<usize> {
    let mut properties = model.properties.iter();
    properties.position(|property| plain(&property.ident) == plain(field))
}

fn expand_guard(path: &Path, model: &Model) -> TokenStream {
    if let Some(property) = guarding_property(path, model) {
        return quote!(__lw::Guard::Property(#property));
    }
    let mut function = path.clone();
    // Outside of the struct's `impl` there is no `Self`.
    if let Some(first) = function
        .segments
        .first_mut()
        .filter(|first| first.ident == "Self")
    {
        first.ident = Ident::new(&model.ident.to_string(), first.ident.span());
    }
    let ident = &model.ident;
    // On the path, since this is where the compiler finds that the function is another one.
    let ask =
        quote_spanned!(at(path.span())=> __lw::guard::<#ident>(__lw_record, __lw_place, #function));
    quote!(__lw::Guard::Function(|__lw_record, __lw_place| #ask))
}

fn expand_kind(rule: &Rule, model: &Model) -> TokenStream {
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
        Rule::Numericality { integer } => quote!(__lw::Rule::Numericality { integer: #integer }),
        Rule::Inclusion(list) => {
            let list = list.iter().map(expand_literal);
            quote!(__lw::Rule::Inclusion(&[#(#list),*]))
        }
        Rule::Exclusion(list) => {
            let list = list.iter().map(expand_literal);
            quote!(__lw::Rule::Exclusion(&[#(#list),*]))
        }
        Rule::Format(Format::Pattern(pattern)) => {
            quote!(__lw::Rule::Format(__lw::Format::Pattern(#pattern)))
        }
        Rule::Format(Format::Email) => quote!(__lw::Rule::Format(__lw::Format::Email)),
        Rule::Format(Format::Url) => quote!(__lw::Rule::Format(__lw::Format::Url)),
        Rule::Uniqueness { scoped_to } => {
            let scoped_to = scoped_to.iter().filter_map(|field| position(field, model));
            quote!(__lw::Rule::Uniqueness { scoped_to: &[#(#scoped_to),*] })
        }
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

//! Validation rules that nothing, or everything, could satisfy.

use proc_macro2::Span;
use syn::Ident;

use crate::attr::{Bound, Format, Rule, RuleAttr};
use crate::error::{Errors, instead};
use crate::model::{Index, Model, plain};

/// Drops the rules that are refused:
///
/// ```text
/// #[validate(length(min = 80, max = 2))]
/// #[validate(range())]
/// #[validate(format("[a-z"))]
/// #[validate(uniqueness(scoped_to(tenannt)))]
/// ```
pub(super) fn rules(model: &mut Model, errors: &mut Errors) {
    let fields = model
        .properties
        .iter()
        .map(|property| plain(&property.ident));
    let fields: Vec<_> = fields.collect();
    for (property, own) in model.properties.iter_mut().zip(&fields) {
        property
            .rules
            .retain(|rule| judge(rule, own, &fields, errors));
        for rule in &property.rules {
            if let Some(index) = index(rule, &property.ident)
                && !model.indexes.iter().any(|known| known.keeps(&index))
            {
                model.indexes.push(index);
            }
        }
    }
}

/// The index that keeps a rule of uniqueness within a scope, if one can.
fn index(
    RuleAttr {
        rule,
        options,
        span,
    }: &RuleAttr,
    property: &Ident,
) -> Option<Index> {
    match rule {
        Rule::Uniqueness { scoped_to } if !scoped_to.is_empty() && options.is_unconditional() => {
            let fields = scoped_to.iter().chain(std::iter::once(property));
            Some(Index::unique(fields, *span))
        }
        _ => None,
    }
}

fn judge(
    RuleAttr { rule, span, .. }: &RuleAttr,
    own: &String,
    fields: &[String],
    errors: &mut Errors,
) -> bool {
    match rule {
        Rule::Presence
        | Rule::Absence
        | Rule::Numericality { .. }
        | Rule::Inclusion(_)
        | Rule::Exclusion(_)
        | Rule::Format(Format::Email | Format::Url) => true,
        Rule::Length { min, max, is } => {
            if let (Some(is), Some(_)) = (is, min.or(*max)) {
                errors.push(
                    is.span,
                    "`is` fixes the length; remove `min` and `max`, or `is`",
                );
                return false;
            }
            (is.is_some() || bounded(*span, "length(min = 2)", *min, *max, errors))
                && ordered(*min, *max, errors)
        }
        Rule::Range { min, max } => {
            bounded(*span, "range(min = 1)", *min, *max, errors) && ordered(*min, *max, errors)
        }
        Rule::Format(Format::Pattern(pattern)) => match regex_syntax::parse(&pattern.value()) {
            Ok(_) => true,
            Err(error) => {
                errors.push(
                    pattern.span(),
                    format!("the pattern is not a regular expression: {}; escape special characters with `\\`", reason(&error)),
                );
                false
            }
        },
        Rule::Uniqueness { scoped_to } => scoped_to
            .iter()
            .all(|field| in_scope(field, own, fields, errors)),
    }
}

/// Is `field` another property, which values can be unique together with?
fn in_scope(field: &Ident, own: &String, fields: &[String], errors: &mut Errors) -> bool {
    let name = plain(field);
    let message = if name == *own {
        format!(
            "`{name}` is the property itself; name those that others may have in common with it"
        )
    } else if fields.contains(&name) {
        return true;
    } else {
        let known: Vec<_> = fields
            .iter()
            .filter(|field| *field != own)
            .map(String::as_str)
            .collect();
        format!("there is no property `{name}`{}", instead(&name, &known))
    };
    errors.push(field.span(), message);
    false
}

fn bounded<T>(
    span: Span,
    example: &str,
    min: Option<Bound<T>>,
    max: Option<Bound<T>>,
    errors: &mut Errors,
) -> bool {
    let bounded = min.is_some() || max.is_some();
    if !bounded {
        errors.push(
            span,
            format!("the rule has no bound; write one, such as `{example}`"),
        );
    }
    bounded
}

fn ordered<T: PartialOrd + Copy + std::fmt::Display>(
    min: Option<Bound<T>>,
    max: Option<Bound<T>>,
    errors: &mut Errors,
) -> bool {
    match (min, max) {
        (Some(min), Some(max)) if min.value > max.value => {
            errors.push(
                min.span,
                format!(
                    "`min` is greater than `max`, so no value fits; write `min = {}, max = {}`",
                    max.value, min.value
                ),
            );
            false
        }
        _ => true,
    }
}

/// The parser's own reason, without the drawing around it.
fn reason(error: &regex_syntax::Error) -> String {
    match error {
        regex_syntax::Error::Parse(error) => error.kind().to_string(),
        regex_syntax::Error::Translate(error) => error.kind().to_string(),
        other => other.to_string(),
    }
}

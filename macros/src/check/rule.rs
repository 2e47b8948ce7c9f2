//! Validation rules that nothing, or everything, could satisfy.

use proc_macro2::Span;

use crate::attr::{Bound, Rule, RuleAttr};
use crate::error::Errors;
use crate::model::Property;

/// Drops the rules that are refused:
///
/// ```text
/// #[validate(length(min = 80, max = 2))]
/// #[validate(range())]
/// #[validate(format("[a-z"))]
/// ```
pub(super) fn rules(property: &mut Property, errors: &mut Errors) {
    property.rules.retain(|rule| judge(rule, errors));
}

fn judge(RuleAttr { rule, span }: &RuleAttr, errors: &mut Errors) -> bool {
    match rule {
        Rule::Presence | Rule::Absence | Rule::Inclusion(_) | Rule::Exclusion(_) => true,
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
        Rule::Format(pattern) => match regex_syntax::parse(&pattern.value()) {
            Ok(_) => true,
            Err(error) => {
                errors.push(
                    pattern.span(),
                    format!("the pattern is not a regular expression: {}; escape special characters with `\\`", reason(&error)),
                );
                false
            }
        },
    }
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

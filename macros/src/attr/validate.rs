//! `#[validate(...)]` on a field.

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{Attribute, Expr, ExprLit, Lit, LitStr};

use super::argument::{Argument, arguments};
use super::literal::Literal;
use crate::error::Errors;

/// One rule for a property's value.
pub(crate) struct RuleAttr {
    pub(crate) rule: Rule,
    /// The rule's word.
    pub(crate) span: Span,
}

/// The kinds of rules.
pub(crate) enum Rule {
    Presence,
    Absence,
    Length {
        min: Option<Bound<usize>>,
        max: Option<Bound<usize>>,
        is: Option<Bound<usize>>,
    },
    Range {
        min: Option<Bound<f64>>,
        max: Option<Bound<f64>>,
    },
    Inclusion(Vec<Literal>),
    Exclusion(Vec<Literal>),
    Format(LitStr),
}

/// A number in a rule.
#[derive(Clone, Copy)]
pub(crate) struct Bound<T> {
    pub(crate) value: T,
    pub(crate) span: Span,
}

const WORDS: [&str; 7] = [
    "presence",
    "absence",
    "length",
    "range",
    "inclusion",
    "exclusion",
    "format",
];

/// `#[validate(presence, length(min = 2, max = 80), format("^[a-z]+$"))]`
pub(super) fn validate(attribute: &Attribute, rules: &mut Vec<RuleAttr>, errors: &mut Errors) {
    let arguments = arguments(attribute, errors);
    if arguments.is_empty() {
        errors.push_spanned(
            attribute.path(),
            "no rule is given; write one, such as `#[validate(length(max = 80))]`",
        );
    }
    for argument in arguments {
        let before = errors.count();
        let rule = match argument.word().as_str() {
            "presence" => {
                argument.flag(errors);
                Some(Rule::Presence)
            }
            "absence" => {
                argument.flag(errors);
                Some(Rule::Absence)
            }
            "length" => length(&argument, errors),
            "range" => range(&argument, errors),
            "inclusion" => literals(&argument, errors).map(Rule::Inclusion),
            "exclusion" => literals(&argument, errors).map(Rule::Exclusion),
            "format" => format(&argument, errors).map(Rule::Format),
            _ => {
                argument.unknown("#[validate(...)]", &WORDS, errors);
                None
            }
        };
        // What is left of a rule that was not understood would only be wrong in other ways.
        let clear = errors.count() == before;
        rules.extend(rule.filter(|_| clear).map(|rule| RuleAttr {
            rule,
            span: argument.key.span(),
        }));
    }
}

fn length(argument: &Argument, errors: &mut Errors) -> Option<Rule> {
    let (mut min, mut max, mut is) = (None, None, None);
    for argument in argument
        .list("min = 2, max = 80", errors)?
        .arguments(errors)
    {
        match argument.word().as_str() {
            "min" => argument.fill(&mut min, count(&argument, errors), errors),
            "max" => argument.fill(&mut max, count(&argument, errors), errors),
            "is" => argument.fill(&mut is, count(&argument, errors), errors),
            _ => argument.unknown("length(...)", &["min", "max", "is"], errors),
        }
    }
    Some(Rule::Length { min, max, is })
}

fn range(argument: &Argument, errors: &mut Errors) -> Option<Rule> {
    let (mut min, mut max) = (None, None);
    for argument in argument.list("min = 1, max = 5", errors)?.arguments(errors) {
        match argument.word().as_str() {
            "min" => argument.fill(&mut min, number(&argument, errors), errors),
            "max" => argument.fill(&mut max, number(&argument, errors), errors),
            _ => argument.unknown("range(...)", &["min", "max"], errors),
        }
    }
    Some(Rule::Range { min, max })
}

fn count(argument: &Argument, errors: &mut Errors) -> Option<Bound<usize>> {
    let expr = argument.expr("2", errors)?;
    match expr {
        Expr::Lit(ExprLit {
            lit: Lit::Int(number),
            ..
        }) => Some(Bound {
            value: errors.keep(number.base10_parse())?,
            span: number.span(),
        }),
        _ => {
            errors.push_spanned(
                expr,
                "a length is counted in characters or items; write a number such as `2`",
            );
            None
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "bounds are floats")]
fn number(argument: &Argument, errors: &mut Errors) -> Option<Bound<f64>> {
    let expr = argument.expr("1", errors)?;
    let value = match Literal::read(expr) {
        Some(literal) => match errors.keep(literal)? {
            Literal::Integer(number) => Some(number as f64),
            Literal::Float(number) => Some(number),
            _ => None,
        },
        None => None,
    };
    if value.is_none() {
        errors.push_spanned(expr, "a bound is a number; write one such as `1` or `-0.5`");
    }
    value.map(|value| Bound {
        value,
        span: expr.span(),
    })
}

fn literals(argument: &Argument, errors: &mut Errors) -> Option<Vec<Literal>> {
    let mut literals = Vec::new();
    for expr in argument.list("\"a\", \"b\"", errors)?.values(errors) {
        match Literal::read(&expr) {
            Some(literal) => literals.extend(errors.keep(literal)),
            None => errors.push_spanned(
                expr,
                "an item is a constant; write text in quotes, a number, `true` or `false`",
            ),
        }
    }
    Some(literals)
}

fn format(argument: &Argument, errors: &mut Errors) -> Option<LitStr> {
    let values = argument.list("\"^[a-z]+$\"", errors)?.values(errors);
    match values.as_slice() {
        [
            Expr::Lit(ExprLit {
                lit: Lit::Str(pattern),
                ..
            }),
        ] => Some(pattern.clone()),
        [] => None,
        [_, second, ..] => {
            errors.push_spanned(
                second,
                "`format` has one pattern; write another `format(...)` for this one",
            );
            None
        }
        [other] => {
            errors.push_spanned(
                other,
                "a pattern is a regular expression in quotes; write `format(\"^[a-z]+$\")`",
            );
            None
        }
    }
}

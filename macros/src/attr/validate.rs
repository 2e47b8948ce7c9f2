//! `#[validate(...)]` on a field.

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{Attribute, Expr, ExprLit, Ident, Lit, LitBool, LitStr, Path};

use super::argument::{Argument, arguments};
use super::literal::Literal;
use crate::error::{Errors, instead, nearest};

/// One rule for a property's value.
pub(crate) struct RuleAttr {
    pub(crate) rule: Rule,
    pub(crate) options: RuleOptions,
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
    Numericality {
        integer: bool,
    },
    Inclusion(Vec<Literal>),
    Exclusion(Vec<Literal>),
    Format(Format),
    Uniqueness {
        scoped_to: Vec<Ident>,
    },
}

/// The form of text.
pub(crate) enum Format {
    Pattern(LitStr),
    Email,
    Url,
}

/// What the rules of one attribute have in common.
#[derive(Clone, Default)]
pub(crate) struct RuleOptions {
    pub(crate) code: Option<LitStr>,
    /// The messages, each with the kind of failure that it is for; that without a kind has `""`.
    pub(crate) messages: Vec<(String, LitStr)>,
    pub(crate) condition: Option<Path>,
    pub(crate) exception: Option<Path>,
    pub(crate) allow_null: Option<LitBool>,
    pub(crate) allow_blank: Option<Span>,
}

/// A number in a rule.
#[derive(Clone, Copy)]
pub(crate) struct Bound<T> {
    pub(crate) value: T,
    pub(crate) span: Span,
}

const WORDS: [&str; 15] = [
    "presence",
    "absence",
    "length",
    "range",
    "numericality",
    "inclusion",
    "exclusion",
    "format",
    "uniqueness",
    "message",
    "code",
    "if",
    "unless",
    "allow_null",
    "allow_blank",
];

/// `#[validate(presence, length(min = 2, max = 80), format("^[a-z]+$"), unless = draft)]`
pub(super) fn validate(attribute: &Attribute, rules: &mut Vec<RuleAttr>, errors: &mut Errors) {
    let at_first = errors.count();
    let mut found = Vec::new();
    let mut options = RuleOptions::default();
    let mut kinds = Vec::new();
    for argument in arguments(attribute, errors) {
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
            "numericality" => numericality(&argument, errors),
            "inclusion" => literals(&argument, errors).map(Rule::Inclusion),
            "exclusion" => literals(&argument, errors).map(Rule::Exclusion),
            "format" => format(&argument, errors).map(Rule::Format),
            "uniqueness" => uniqueness(&argument, errors),
            _ => {
                option(&argument, &mut options, &mut kinds, errors);
                None
            }
        };
        // What is left of a rule that was not understood would only be wrong in other ways.
        let clear = errors.count() == before;
        found.extend(
            rule.filter(|_| clear)
                .map(|rule| (rule, argument.key.span())),
        );
    }
    if errors.count() > at_first {
        kinds.clear();
    } else if found.is_empty() {
        errors.push_spanned(
            attribute.path(),
            "no rule is given; write one, such as `#[validate(length(max = 80))]`",
        );
        return;
    }
    for (kind, span) in kinds {
        unknown_kind(&kind, span, &found, errors);
    }
    rules.extend(found.into_iter().map(|(rule, span)| RuleAttr {
        rule,
        options: options.clone(),
        span,
    }));
}

/// `message = "..."`, `message(min = "...")`, `code = "..."`, `if = draft`, `unless = Self::is_draft`, `allow_null = false`,
/// `allow_blank`
fn option(
    argument: &Argument,
    options: &mut RuleOptions,
    kinds: &mut Vec<(String, Span)>,
    errors: &mut Errors,
) {
    match argument.word().as_str() {
        "message" if argument.is_list() => {
            let list = argument.list("min = \"...\"", errors);
            for argument in list.map(|list| list.arguments(errors)).unwrap_or_default() {
                let kind = argument.word();
                kinds.push((kind.clone(), argument.key.span()));
                options
                    .messages
                    .extend(argument.text(errors).map(|text| (kind, text)));
            }
        }
        "message" => {
            kinds.push((String::new(), argument.key.span()));
            options
                .messages
                .extend(argument.text(errors).map(|text| (String::new(), text)));
        }
        "code" => argument.fill(&mut options.code, argument.text(errors), errors),
        "if" => argument.fill(
            &mut options.condition,
            argument.path("::some::path", errors),
            errors,
        ),
        "unless" => argument.fill(
            &mut options.exception,
            argument.path("::some::path", errors),
            errors,
        ),
        "allow_null" => argument.fill(&mut options.allow_null, argument.boolean(errors), errors),
        "allow_blank" => {
            argument.fill(
                &mut options.allow_blank,
                Some(argument.flag(errors)),
                errors,
            );
        }
        _ => argument.unknown("#[validate(...)]", &WORDS, errors),
    }
}

/// Reports a message for a kind of failure that none of the rules has.
fn unknown_kind(kind: &str, span: Span, rules: &[(Rule, Span)], errors: &mut Errors) {
    let known: Vec<_> = rules
        .iter()
        .flat_map(|(rule, _)| rule.kinds())
        .copied()
        .collect();
    if known.contains(&kind) {
        return;
    }
    let named: Vec<_> = known
        .iter()
        .copied()
        .filter(|kind| !kind.is_empty())
        .collect();
    let message = match (kind, named.first()) {
        ("", Some(first)) => format!(
            "this rule fails in several ways, each with a message of its own; write `message({first} = \"...\")`"
        ),
        (_, None) => "this rule fails in one way only; write `message = \"...\"`".to_owned(),
        (kind, Some(_)) => format!(
            "no rule fails with the kind `{kind}`{}",
            instead(kind, &named)
        ),
    };
    errors.push(span, message);
}

impl RuleOptions {
    /// Is the rule asked whatever the instance is like?
    pub(crate) fn is_unconditional(&self) -> bool {
        self.condition.is_none() && self.exception.is_none()
    }
}

impl Rule {
    /// The kinds of failure that it has.
    fn kinds(&self) -> &'static [&'static str] {
        match self {
            Rule::Presence | Rule::Absence | Rule::Uniqueness { .. } => &[""],
            Rule::Length { .. } => &["min", "max", "is", "blank", "null"],
            Rule::Range { .. } => &["min", "max", "null"],
            Rule::Numericality { .. } => &["number", "int", "null"],
            Rule::Inclusion(_) | Rule::Exclusion(_) | Rule::Format(_) => &["", "blank", "null"],
        }
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

/// `numericality`, `numericality(int)`
fn numericality(argument: &Argument, errors: &mut Errors) -> Option<Rule> {
    let mut integer = false;
    if !argument.is_alone() {
        for argument in argument.list("int", errors)?.arguments(errors) {
            match argument.word().as_str() {
                "int" => {
                    argument.flag(errors);
                    integer = true;
                }
                _ => argument.unknown("numericality(...)", &["int"], errors),
            }
        }
    }
    Some(Rule::Numericality { integer })
}

/// `uniqueness`, `uniqueness(scoped_to(tenant_id))`
fn uniqueness(argument: &Argument, errors: &mut Errors) -> Option<Rule> {
    let mut scoped_to = Vec::new();
    if !argument.is_alone() {
        for argument in argument
            .list("scoped_to(tenant_id)", errors)?
            .arguments(errors)
        {
            match argument.word().as_str() {
                "scoped_to" => {
                    for field in argument.list("tenant_id", errors)?.arguments(errors) {
                        field.flag(errors);
                        scoped_to.push(field.key);
                    }
                }
                _ => argument.unknown("uniqueness(...)", &["scoped_to"], errors),
            }
        }
    }
    Some(Rule::Uniqueness { scoped_to })
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

/// `format("^[a-z]+$")`, `format(email)`
fn format(argument: &Argument, errors: &mut Errors) -> Option<Format> {
    const KNOWN: [&str; 2] = ["email", "url"];
    let values = argument.list("\"^[a-z]+$\"", errors)?.values(errors);
    match values.as_slice() {
        [
            Expr::Lit(ExprLit {
                lit: Lit::Str(pattern),
                ..
            }),
        ] => Some(Format::Pattern(pattern.clone())),
        [] => None,
        [_, second, ..] => {
            errors.push_spanned(
                second,
                "`format` has one pattern; write another `format(...)` for this one",
            );
            None
        }
        [Expr::Path(path)] if path.path.get_ident().is_some() => {
            let word = path
                .path
                .get_ident()
                .map(Ident::to_string)
                .unwrap_or_default();
            match word.as_str() {
                "email" => Some(Format::Email),
                "url" => Some(Format::Url),
                word => {
                    let instead = match nearest(word, &KNOWN) {
                        Some(known) => format!("did you mean `{known}`?"),
                        None => "write `email`, `url`, or a regular expression in quotes such as `\"^[a-z]+$\"`".to_owned(),
                    };
                    errors.push_spanned(path, format!("unknown format `{word}`; {instead}"));
                    None
                }
            }
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

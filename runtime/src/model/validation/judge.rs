//! Does a record follow the rules?

use serde_json::Value as Json;

use super::super::coercion::out_of_range;
use super::super::{CoercionError, ModelDef, PropertyDef, PropertyType, Record, Strict, Value};
use super::{Format, Rule, RuleDef, Violation};

/// Everything that is wrong with `record` as a whole instance of `def`, as far as that can be told without other records.
/// `patterns` finds the compiled expression of a [`Format::Pattern`].
pub(crate) fn violations(
    def: &ModelDef,
    record: &Record,
    patterns: &dyn Fn(&str, &str) -> bool,
) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (index, property) in def.properties.iter().enumerate() {
        let judgement = Judgement {
            property,
            value: record.get(index),
            record,
            patterns,
        };
        judgement.violations(&mut violations);
    }
    if def.strict == Strict::Validate {
        violations.extend(record.undeclared().into_iter().flatten().map(undeclared));
    }
    violations
}

fn undeclared((name, json): (&String, &Json)) -> Violation {
    let message = "is not defined in the model";
    let value = Value::Json(Box::new(json.clone()));
    Violation::new(name.clone(), "unknown-property", message, Some(&value))
}

/// Properties that aren't `Option`s and yet have no value: what no entrance lets through, not even one that skips
/// validation.
pub(crate) fn missing(def: &ModelDef, record: &Record) -> Vec<Violation> {
    let properties = def.properties.iter().enumerate();
    let values = properties.map(|(index, property)| (property, record.get(index)));
    let missing = values.filter(|(property, value)| is_missing(property, *value));
    missing
        .map(|(property, value)| presence(property, value))
        .collect()
}

/// Those of [`missing`] that `changes` would take a value from.
pub(crate) fn taken_away(def: &ModelDef, changes: &Record) -> Vec<Violation> {
    let properties = def.properties.iter().enumerate();
    let values = properties.filter_map(|(index, property)| Some((property, changes.get(index)?)));
    let missing = values.filter(|(property, value)| is_missing(property, Some(value)));
    missing
        .map(|(property, value)| presence(property, Some(value)))
        .collect()
}

/// The rules of `def` that no other record has the same value, each with the property's position, as far as they are
/// asked about `record`. Blank values are nobody's.
pub(crate) fn uniqueness<'a>(
    def: &'static ModelDef,
    record: &'a Record,
) -> impl Iterator<Item = (usize, &'static RuleDef, &'static [usize])> + 'a {
    let properties = def.properties.iter().enumerate();
    let rules = properties.flat_map(|(index, property)| {
        let rules = property.rules.iter();
        rules.map(move |rule| (index, rule))
    });
    rules.filter_map(|(index, rule)| match rule.rule {
        Rule::Uniqueness { scoped_to }
            if !record.value(index).is_blank()
                && rule.applies(record, def.properties[index].place) =>
        {
            Some((index, rule, scoped_to))
        }
        _ => None,
    })
}

/// The failure of a rule that no other record has the same value.
pub(crate) fn taken(
    property: &'static PropertyDef,
    rule: &RuleDef,
    value: Option<&Value>,
) -> Violation {
    let message = rule.message("").unwrap_or("is not unique");
    Violation::new(property.name, code(rule, ""), message, value)
}

fn is_missing(property: &PropertyDef, value: Option<&Value>) -> bool {
    let may_lack = property.nullable || (property.id && property.generated);
    !may_lack && value.is_none_or(Value::is_null)
}

/// A value is missing; in the words of the property's own rule, if it has one.
fn presence(property: &PropertyDef, value: Option<&Value>) -> Violation {
    let mut rules = property.rules.iter();
    let rule = rules.find(|rule| rule.rule == Rule::Presence);
    let message = rule.and_then(|rule| rule.message(""));
    let code = rule.map_or("presence".to_owned(), |rule| code(rule, ""));
    Violation::new(
        property.name,
        code,
        message.unwrap_or("can't be blank"),
        value,
    )
}

fn code(rule: &RuleDef, kind: &str) -> String {
    let base = rule.code.unwrap_or_else(|| rule.rule.code());
    if kind.is_empty() {
        base.to_owned()
    } else {
        format!("{base}.{kind}")
    }
}

/// One property of a record before its rules.
struct Judgement<'a> {
    property: &'a PropertyDef,
    value: Option<&'a Value>,
    record: &'a Record,
    patterns: &'a dyn Fn(&str, &str) -> bool,
}

impl Judgement<'_> {
    fn violations(&self, violations: &mut Vec<Violation>) {
        let &Judgement {
            property, value, ..
        } = self;
        if is_missing(property, value) {
            violations.push(presence(property, value));
            return;
        }
        if let (PropertyType::Integer { min, max }, Some(Value::Decimal(_))) = (property.ty, value)
            && let CoercionError::Invalid { code, message } = out_of_range(min, max)
        {
            violations.push(Violation::new(property.name, code, message, value));
            return;
        }
        for rule in property.rules {
            let failure = self
                .failure(rule)
                .filter(|_| rule.applies(self.record, property.place));
            violations.extend(failure.map(|(kind, message)| {
                let message = rule.message(kind).map_or(message, str::to_owned);
                Violation::new(property.name, code(rule, kind), message, value)
            }));
        }
    }

    /// The kind of failure, and what it usually says.
    fn failure(&self, rule: &RuleDef) -> Option<(&'static str, String)> {
        let blank = self.value.is_none_or(Value::is_blank);
        match (&rule.rule, self.value.filter(|value| !value.is_null())) {
            (Rule::Presence, _) => blank.then(|| ("", "can't be blank".into())),
            (Rule::Absence, _) => (!blank).then(|| ("", "can't be set".into())),
            // Asked of the data source.
            (Rule::Uniqueness { .. }, _) => None,
            (_, None) => (!rule.allow_null).then(|| ("null", "is null".into())),
            (_, Some(_)) if blank => (!rule.allow_blank).then(|| ("blank", "is blank".into())),
            (rule, Some(value)) => self.broken(rule, value),
        }
    }

    /// The failure of a value that is not blank.
    fn broken(&self, rule: &Rule, value: &Value) -> Option<(&'static str, String)> {
        match rule {
            Rule::Presence | Rule::Absence | Rule::Uniqueness { .. } => None,
            Rule::Length { min, max, is } => {
                let length = length(value)?;
                if min.is_some_and(|min| length < min) {
                    Some(("min", "too short".into()))
                } else if max.is_some_and(|max| length > max) {
                    Some(("max", "too long".into()))
                } else {
                    is.is_some_and(|is| length != is)
                        .then(|| ("is", "length is wrong".into()))
                }
            }
            Rule::Range { min, max } => {
                let number = number(value)?;
                match (min, max) {
                    (Some(min), _) if number < *min => {
                        Some(("min", format!("must be at least {min}")))
                    }
                    (_, Some(max)) if number > *max => {
                        Some(("max", format!("must be at most {max}")))
                    }
                    _ => None,
                }
            }
            Rule::Numericality { integer } => match number(value) {
                None => Some(("number", "is not a number".into())),
                Some(number) if *integer && number.fract() != 0.0 => {
                    Some(("int", "is not an integer".into()))
                }
                Some(_) => None,
            },
            Rule::Inclusion(list) => (!list.iter().any(|literal| literal.equals(value)))
                .then(|| ("", "is not included in the list".into())),
            Rule::Exclusion(list) => list
                .iter()
                .any(|literal| literal.equals(value))
                .then(|| ("", "is reserved".into())),
            Rule::Format(format) => {
                let fits = matches!(value, Value::String(text) if self.has_format(*format, text));
                (!fits).then(|| ("", "is invalid".into()))
            }
        }
    }

    fn has_format(&self, format: Format, text: &str) -> bool {
        match format {
            Format::Pattern(pattern) => (self.patterns)(pattern, text),
            Format::Email | Format::Url => format.is_known_of(text),
        }
    }
}

fn length(value: &Value) -> Option<usize> {
    match value {
        // JavaScript counts UTF-16 units; people count characters, and so do OpenAPI's `minLength` and `maxLength`.
        Value::String(text) => Some(text.chars().count()),
        Value::Array(items) => Some(items.len()),
        Value::Bytes(bytes) => Some(bytes.len()),
        _ => None,
    }
}

#[expect(clippy::cast_precision_loss, reason = "bounds are floats")]
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Integer(number) => Some(*number as f64),
        Value::Float(number) => Some(*number),
        Value::Decimal(number) => number.to_string().parse().ok(),
        Value::Json(json) => json.as_f64(),
        _ => None,
    }
}

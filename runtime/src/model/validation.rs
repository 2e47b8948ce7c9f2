//! Validation rules as data, their check, and LoopBack's 422 (contract *models.md* §9).

use std::borrow::Cow;

use serde_json::{Value as Json, json};

use super::{CoercionError, ModelDef, PropertyDef, PropertyType, Record, Strict, Value};
use crate::Error;

/// A rule for one property's value.
///
/// Null values are judged by the property's type alone: an `Option` may be null whatever its rules say.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rule {
    /// Not blank: neither null nor `""` nor `[]`.
    Presence,
    /// Blank.
    Absence,
    /// The number of characters or items.
    Length {
        /// At least this many.
        min: Option<usize>,
        /// At most this many.
        max: Option<usize>,
        /// Exactly this many.
        is: Option<usize>,
    },
    /// A number between two bounds, both included.
    Range {
        /// At least this.
        min: Option<f64>,
        /// At most this.
        max: Option<f64>,
    },
    /// One of these values.
    Inclusion(&'static [Literal]),
    /// None of these values.
    Exclusion(&'static [Literal]),
    /// Text that a regular expression finds a match in.
    Format(&'static str),
}

/// A constant inside a description.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Literal {
    /// `true` or `false`
    Boolean(bool),
    /// An integer.
    Integer(i64),
    /// A number.
    Float(f64),
    /// Text.
    String(&'static str),
}

/// One broken rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Violation {
    /// The property's name in JSON.
    pub property: Cow<'static, str>,
    /// The rule's stable code, such as `length.min`.
    pub code: String,
    /// What is wrong, to follow the property's name.
    pub message: String,
    /// The offending value as the message shows it.
    pub shown: String,
}

impl Literal {
    /// The constant as JSON.
    pub fn to_json(self) -> Json {
        match self {
            Literal::Boolean(flag) => flag.into(),
            Literal::Integer(number) => number.into(),
            Literal::Float(number) => number.into(),
            Literal::String(text) => text.into(),
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "compared with a float")]
    fn equals(self, value: &Value) -> bool {
        match (self, value) {
            (Literal::Boolean(literal), Value::Boolean(flag)) => literal == *flag,
            (Literal::Integer(literal), Value::Integer(number)) => literal == *number,
            (Literal::Integer(literal), Value::Float(number)) => literal as f64 == *number,
            (Literal::Float(literal), Value::Float(number)) => literal == *number,
            (Literal::String(literal), value) => literal == value.to_text(),
            (literal, Value::Decimal(number)) => {
                literal.to_json().to_string().parse() == Ok(*number)
            }
            _ => false,
        }
    }
}

impl Violation {
    /// A violation of `property`, whose value was `value`.
    pub fn new(
        property: impl Into<Cow<'static, str>>,
        code: impl Into<String>,
        message: impl Into<String>,
        value: Option<&Value>,
    ) -> Self {
        let shown = value.map_or_else(|| "undefined".to_owned(), show);
        Violation {
            property: property.into(),
            code: code.into(),
            message: message.into(),
            shown,
        }
    }
}

/// Everything that is wrong with `record` as a whole instance of `def`. `patterns` finds the compiled expression of a
/// [`Rule::Format`].
pub(crate) fn violations(
    def: &ModelDef,
    record: &Record,
    patterns: &dyn Fn(&str, &str) -> bool,
) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (index, property) in def.properties.iter().enumerate() {
        violations_of(property, record.get(index), patterns, &mut violations);
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
    let missing = def
        .properties
        .iter()
        .enumerate()
        .filter(|(index, property)| is_missing(property, record.get(*index)));
    missing
        .map(|(index, property)| presence(property, record.get(index)))
        .collect()
}

fn is_missing(property: &PropertyDef, value: Option<&Value>) -> bool {
    let may_lack = property.nullable || (property.id && property.generated);
    !may_lack && value.is_none_or(Value::is_null)
}

fn presence(property: &PropertyDef, value: Option<&Value>) -> Violation {
    Violation::new(property.name, "presence", "can't be blank", value)
}

fn violations_of(
    property: &PropertyDef,
    value: Option<&Value>,
    patterns: &dyn Fn(&str, &str) -> bool,
    violations: &mut Vec<Violation>,
) {
    if is_missing(property, value) {
        violations.push(presence(property, value));
        return;
    }
    let mut violate = |code: &str, message: String| {
        violations.push(Violation::new(property.name, code, message, value));
    };
    if let (PropertyType::Integer { min, max }, Some(Value::Decimal(_))) = (property.ty, value)
        && let CoercionError::Invalid { code, message } = super::coercion::out_of_range(min, max)
    {
        violate(code, message);
        return;
    }
    let blank = value.is_none_or(Value::is_blank);
    for rule in property.rules {
        match rule {
            Rule::Presence if blank => violate("presence", "can't be blank".into()),
            Rule::Absence if !blank => violate("absence", "can't be set".into()),
            Rule::Presence | Rule::Absence => {}
            rule => {
                let Some(value) = value.filter(|value| !value.is_null()) else {
                    continue;
                };
                if blank {
                    violate(&format!("{}.blank", rule.code()), "is blank".into());
                } else if let Some((kind, message)) = rule.broken(value, patterns) {
                    let code = if kind.is_empty() {
                        rule.code().to_owned()
                    } else {
                        format!("{}.{kind}", rule.code())
                    };
                    violate(&code, message);
                }
            }
        }
    }
}

impl Rule {
    fn code(&self) -> &'static str {
        match self {
            Rule::Presence => "presence",
            Rule::Absence => "absence",
            Rule::Length { .. } => "length",
            Rule::Range { .. } => "range",
            Rule::Inclusion(_) => "inclusion",
            Rule::Exclusion(_) => "exclusion",
            Rule::Format(_) => "format",
        }
    }

    /// The kind and message of the failure, if `value` (which is not blank) breaks the rule.
    fn broken(
        &self,
        value: &Value,
        patterns: &dyn Fn(&str, &str) -> bool,
    ) -> Option<(&'static str, String)> {
        match self {
            Rule::Presence | Rule::Absence => None,
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
            Rule::Inclusion(list) => (!list.iter().any(|literal| literal.equals(value)))
                .then(|| ("", "is not included in the list".into())),
            Rule::Exclusion(list) => list
                .iter()
                .any(|literal| literal.equals(value))
                .then(|| ("", "is reserved".into())),
            Rule::Format(pattern) => {
                let matches = matches!(value, Value::String(text) if patterns(pattern, text));
                (!matches).then(|| ("", "is invalid".into()))
            }
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
        _ => None,
    }
}

/// LoopBack's validation error: 422, every broken rule in it.
pub(crate) fn validation_error(def: &ModelDef, violations: &[Violation]) -> Error {
    let mut codes = serde_json::Map::new();
    let mut messages = serde_json::Map::new();
    for violation in violations {
        let push = |map: &mut serde_json::Map<String, Json>, entry: &str| {
            if let Json::Array(list) = map.entry(&*violation.property).or_insert_with(|| json!([]))
            {
                list.push(entry.into());
            }
        };
        push(&mut codes, &violation.code);
        push(&mut messages, &violation.message);
    }
    let list: Vec<_> = violations
        .iter()
        .map(|violation| {
            format!(
                "`{}` {} (value: {})",
                violation.property, violation.message, violation.shown
            )
        })
        .collect();
    Error::new(
        422,
        format!(
            "The `{}` instance is not valid. Details: {}.",
            def.name,
            list.join("; ")
        ),
    )
    .with_name("ValidationError")
    .with_details(json!({"context": def.name, "codes": codes, "messages": messages}))
}

/// The value inside a message: text quoted and cut in the middle beyond 32 characters.
fn show(value: &Value) -> String {
    match value {
        Value::String(text) => {
            let characters: Vec<char> = text.chars().collect();
            let cut: String = match characters.len() {
                0..=32 => text.clone(),
                length => characters[..25]
                    .iter()
                    .chain(&['.'; 3])
                    .chain(&characters[length - 3..])
                    .collect(),
            };
            Json::String(cut).to_string()
        }
        Value::Array(_) | Value::Json(_) | Value::Bytes(_) => {
            let text = value.to_json().to_string();
            let characters: Vec<char> = text.chars().collect();
            match characters.len() {
                0..=32 => text,
                length => {
                    let tail = characters
                        .iter()
                        .rev()
                        .take(3)
                        .take_while(|c| matches!(c, ']' | '}' | ' '))
                        .count();
                    let head = &characters[..28 - tail];
                    head.iter()
                        .chain(&['.'; 3])
                        .chain(&characters[length - tail..])
                        .collect()
                }
            }
        }
        other => other.to_text(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static NAME: [PropertyDef; 2] = [
        PropertyDef::of::<i64>("id", "id").id().generated(),
        PropertyDef::of::<String>("name", "name").rules(&[Rule::Length {
            min: Some(2),
            max: Some(40),
            is: None,
        }]),
    ];
    static LEN: ModelDef = ModelDef::new("Len", "Lens", "len", &NAME);

    fn message(name: Value) -> String {
        let mut record = Record::new(&LEN);
        record.set(1, name);
        let violations = violations(&LEN, &record, &|_, _| true);
        validation_error(&LEN, &violations).message().to_owned()
    }

    #[test]
    fn the_message_is_loopbacks() {
        assert_eq!(
            message(Value::String("x".into())),
            "The `Len` instance is not valid. Details: `name` too short (value: \"x\")."
        );
        assert_eq!(
            message(Value::String(String::new())),
            "The `Len` instance is not valid. Details: `name` is blank (value: \"\")."
        );
        assert_eq!(
            message(Value::Null),
            "The `Len` instance is not valid. Details: `name` can't be blank (value: null)."
        );
    }

    #[test]
    fn long_text_is_cut_in_the_middle() {
        let letters = "abcdefghijklmnopqrstuvwxyz".repeat(2);
        assert_eq!(
            show(&Value::String(letters)),
            "\"abcdefghijklmnopqrstuvwxy...xyz\""
        );
    }
}

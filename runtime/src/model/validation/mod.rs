//! Validation rules as data, their check, and LoopBack's 422 (contract *models.md* §9).

mod format;
mod judge;
mod rule;

use std::borrow::Cow;

use serde_json::{Value as Json, json};

pub(crate) use judge::{missing, taken, taken_away, uniqueness, violations};
#[doc(hidden)]
pub use rule::guard;
pub use rule::{Format, Guard, Literal, Rule, RuleDef};

use super::{ModelDef, Value};
use crate::Error;

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
                violation.property,
                violation.message,
                shown(def, violation)
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

/// The offending value, unless it may be a secret: a hidden one is shown only when it is blank.
fn shown<'v>(def: &ModelDef, violation: &'v Violation) -> &'v str {
    let index = def.property_index(&violation.property);
    let hidden = index.is_some_and(|index| def.properties[index].hidden);
    match violation.shown.as_str() {
        blank @ ("undefined" | "null" | "\"\"" | "[]") => blank,
        _ if hidden => "hidden",
        shown => shown,
    }
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
    use super::super::{PropertyDef, Record};
    use super::*;

    static NAME: [PropertyDef; 2] = [
        PropertyDef::of::<i64>("id", "id").id().generated(),
        PropertyDef::of::<String>("name", "name").rules(&[RuleDef::new(Rule::Length {
            min: Some(2),
            max: Some(40),
            is: None,
        })]),
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

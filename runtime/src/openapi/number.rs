//! Numbers: their bounds, and what else is taken for one.

use serde_json::Value as Json;
use utoipa::Number;
use utoipa::openapi::schema::{KnownFormat, Object, ObjectBuilder, Schema, SchemaFormat, Type};

use super::property::take;
use crate::model::{PropertyDef, PropertyType, Rule};

/// How many values are listed one by one in a pattern.
const LISTED: i128 = 32;

/// An integer between two bounds. Bounds that every client's 32 or 64 bits have anyway are said in requests alone.
pub(super) fn integer(min: i64, max: i64, request: bool) -> Schema {
    let small = min >= i32::MIN.into() && max <= i32::MAX.into();
    let (format, widest) = match small {
        true => (KnownFormat::Int32, (i32::MIN.into(), i32::MAX.into())),
        false => (KnownFormat::Int64, (i64::MIN, i64::MAX)),
    };
    let object = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(format)));
    let said = |value: i64, widest: i64| (request || value != widest).then(|| bound(value));
    object
        .minimum(said(min, widest.0))
        .maximum(said(max, widest.1))
        .into()
}

pub(super) fn bound(value: i64) -> Number {
    match isize::try_from(value) {
        Ok(value) => Number::Int(value),
        #[expect(
            clippy::cast_precision_loss,
            reason = "32-bit computers have nothing better"
        )]
        Err(_) => Number::Float(value as f64),
    }
}

/// The years 1 to 9999 as milliseconds since 1970. Fractions are dropped, so the bounds are the next whole numbers
/// outside.
pub(super) fn instant_bounds() -> (Number, Number) {
    (bound(-62_135_596_800_001), bound(253_402_300_800_000))
}

/// Narrows a number's bounds to those of a rule.
pub(super) fn range(
    property: &PropertyDef,
    min: Option<f64>,
    max: Option<f64>,
    object: &mut Object,
) {
    match property.ty {
        PropertyType::Integer { .. } => {
            let (min, max) = integer_bounds(property);
            object.minimum = Some(bound(min));
            object.maximum = Some(bound(max));
        }
        PropertyType::Float => {
            object.minimum = min.map(Number::Float).or(object.minimum.take());
            object.maximum = max.map(Number::Float).or(object.maximum.take());
        }
        // A text has no bounds; the description names them.
        _ => {}
    }
}

/// The integers that type and rules let through.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a cast from float stops at the bounds of `i64`"
)]
pub(super) fn integer_bounds(property: &PropertyDef) -> (i64, i64) {
    let PropertyType::Integer { min, max } = property.ty else {
        return (i64::MIN, i64::MAX);
    };
    property
        .binding_rules()
        .fold((min, max), |(min, max), rule| match rule {
            Rule::Range {
                min: least,
                max: most,
            } => (
                least.map_or(min, |least| min.max(least.ceil() as i64)),
                most.map_or(max, |most| max.min(most.floor() as i64)),
            ),
            _ => (min, max),
        })
}

/// Adds what coercion takes for a number: its text, and flags for 0 and 1. Returns the alternatives that need a schema
/// of their own.
pub(super) fn coerced(property: &PropertyDef, object: &mut Object) -> Vec<Schema> {
    // A list of values leaves nothing to convert.
    if object.enum_values.is_some() {
        return Vec::new();
    }
    match property.ty {
        PropertyType::Integer { .. } => {
            let (min, max) = integer_bounds(property);
            if let Some(pattern) = texts(min, max) {
                take(object, Type::String);
                object.pattern = Some(pattern);
            }
            match [(min..=max).contains(&0), (min..=max).contains(&1)] {
                [true, true] => take(object, Type::Boolean),
                [false, false] => {}
                [_, one] => return vec![flag(one)],
            }
        }
        PropertyType::Float if object.minimum.is_none() && object.maximum.is_none() => {
            take(object, Type::String);
            take(object, Type::Boolean);
            object.pattern = Some(r"^(-?[0-9]{1,15}(\.[0-9]{1,15})?)?$".into());
        }
        PropertyType::Decimal => {
            take(object, Type::Number);
            object.pattern = Some(r"^-?[0-9]{1,18}(\.[0-9]{1,9})?$".into());
            // The widest decimal has 28 digits.
            object.minimum = Some(Number::Float(-7.9e27));
            object.maximum = Some(Number::Float(7.9e27));
        }
        _ => {}
    }
    Vec::new()
}

fn flag(value: bool) -> Schema {
    ObjectBuilder::new()
        .schema_type(Type::Boolean)
        .enum_values(Some([Json::Bool(value)]))
        .into()
}

/// A pattern for the texts of the integers between two bounds, if a readable one says it: a list of few, or a number of
/// digits. An empty text is 0.
fn texts(min: i64, max: i64) -> Option<String> {
    let empty = if (min..=max).contains(&0) { "?" } else { "" };
    if i128::from(max) - i128::from(min) < LISTED {
        let list: Vec<_> = (min..=max).map(|value| value.to_string()).collect();
        return (!list.is_empty()).then(|| format!("^({}){empty}$", list.join("|")));
    }
    if empty.is_empty() {
        return None;
    }
    let digits = |bound: i64| {
        (1..=18)
            .take_while(|digits| 10_i64.pow(*digits) - 1 <= bound)
            .last()
    };
    let positive = digits(max)?;
    let sign = match digits(min.saturating_neg()) {
        Some(negative) if negative >= positive => "-?",
        _ => "",
    };
    Some(format!("^({sign}[0-9]{{1,{positive}}}){empty}$"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_integers() {
        assert_eq!(texts(1, 5).as_deref(), Some("^(1|2|3|4|5)$"));
        assert_eq!(texts(0, 255).as_deref(), Some("^([0-9]{1,2})?$"));
        assert_eq!(
            texts(i64::MIN, i64::MAX).as_deref(),
            Some("^(-?[0-9]{1,18})?$")
        );
        assert_eq!(texts(1, 1000), None);
    }
}

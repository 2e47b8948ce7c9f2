//! Do values fit their properties? For data sources that have no column types to find out.

use chrono::Datelike;

use crate::model::{
    ModelDef, PropertyDef, PropertyType, Record, Value, Violation, kept_undeclared, missing,
    validation_error,
};
use crate::{Error, Result};

/// Refuses a new record that lacks a value, or has one that doesn't fit its property.
///
/// # Errors
/// 422 with every such value.
pub fn check_new(model: &ModelDef, record: &Record) -> Result<()> {
    let mut violations = missing(model, record);
    let id = model.id();
    let counted = id.generated && matches!(id.ty, PropertyType::Integer { .. });
    if record.value(model.id_index()).is_null() && !counted && id.generated {
        violations.push(blank(id, None));
    }
    unfit(model, record, &mut violations);
    judge(model, &violations)
}

/// Refuses changes that take a value away from a property that can't be without, or set one that doesn't fit.
///
/// # Errors
/// 422 with every such value.
pub fn check_changes(model: &ModelDef, changes: &Record) -> Result<()> {
    let mut violations = Vec::new();
    for (property, value) in model.properties.iter().zip(changes.values()) {
        if (!property.nullable || property.id) && value.as_ref().is_some_and(Value::is_null) {
            violations.push(blank(property, value.as_ref()));
        }
    }
    unfit(model, changes, &mut violations);
    judge(model, &violations)
}

/// The error for a unique value that another record has, or for values that are unique together.
///
/// Its envelope names the property as `property`, several as the list `properties`.
pub fn duplicate_entry(model: &ModelDef, properties: &[&PropertyDef]) -> Error {
    let names: Vec<_> = properties.iter().map(|property| property.name).collect();
    let message = format!("Duplicate entry for {}", listed(model, &names));
    let error = Error::new(409, message).with_code("DUPLICATE_ENTRY");
    match names.as_slice() {
        [name] => error.with_property("property", *name),
        _ => error.with_property("properties", names),
    }
}

/// The error for a record of `model` that can't be deleted, since others refer to it.
pub(crate) fn still_referenced(model: &ModelDef) -> Error {
    let message = format!(
        "other instances refer to this `{}`; delete those first",
        model.name
    );
    Error::new(409, message).with_code(FOREIGN_KEY)
}

/// The code of an error about a foreign key.
pub(crate) const FOREIGN_KEY: &str = "FOREIGN_KEY_VIOLATION";

/// `Shop.name`, or `Shop.city, Shop.name`.
fn listed(model: &ModelDef, names: &[&str]) -> String {
    let name = |name: &&str| format!("{}.{name}", model.name);
    names.iter().map(name).collect::<Vec<_>>().join(", ")
}

/// The error for an index that can't be, since its properties' values are not unique.
pub(crate) fn holds_duplicates(model: &ModelDef, properties: &[&PropertyDef]) -> Error {
    let names: Vec<_> = properties.iter().map(|property| property.name).collect();
    Error::internal(format!(
        "{} is to be unique, but the table `{}` holds a value twice; remove the duplicates first",
        listed(model, &names),
        model.table
    ))
}

/// The error for something stored that is no value of its property.
#[cfg(any(
    feature = "sqlite",
    feature = "postgres",
    feature = "mysql",
    feature = "mongodb"
))]
pub(crate) fn undecodable(
    model: &ModelDef,
    property: &PropertyDef,
    error: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> Error {
    let message = format!(
        "the database holds something in `{}.{}` that isn't {}, which `{}.{}` needs; change what is stored or the \
         property's type",
        model.table,
        property.column,
        property.ty.expectation(),
        model.name,
        property.name,
    );
    Error::internal(message)
        .with_code("SCHEMA_MISMATCH")
        .with_source(error)
}

fn blank(property: &PropertyDef, value: Option<&Value>) -> Violation {
    Violation::new(property.name, "presence", "can't be blank", value)
}

fn unfit(model: &ModelDef, record: &Record, violations: &mut Vec<Violation>) {
    for (property, value) in model.properties.iter().zip(record.values()) {
        if let Some(value) = value
            && let Err((code, message)) = fit(&property.ty, value)
        {
            violations.push(Violation::new(property.name, code, message, Some(value)));
        }
    }
    let changed = record.undeclared().into_iter().flatten();
    for (name, _) in kept_undeclared(model, record).chain(changed) {
        if !is_free(model, name) {
            let message = "is no name for an undeclared property: it begins with `$`, has a dot in it, or is that of a column";
            violations.push(Violation::new(
                name.clone(),
                "unknown-property",
                message,
                None,
            ));
        }
    }
}

/// May an undeclared property have this name? It stands beside the columns.
fn is_free(model: &ModelDef, name: &str) -> bool {
    let mut declared = model.properties.iter().filter(|property| !property.extra);
    !name.starts_with('$')
        && !name.contains(['.', '\0'])
        && name != "_id"
        && declared.all(|property| property.column != name)
}

fn judge(model: &ModelDef, violations: &[Violation]) -> Result<()> {
    if violations.is_empty() {
        Ok(())
    } else {
        Err(validation_error(model, violations))
    }
}

/// Null fits every type: whether there must be a value is another question.
fn fit(ty: &PropertyType, value: &Value) -> Result<(), (&'static str, String)> {
    let in_calendar = |year: i32| {
        // Outside these years texts no longer sort by time.
        if (1..=9999).contains(&year) {
            Ok(())
        } else {
            Err(("range", "is not between the years 1 and 9999".to_owned()))
        }
    };
    match (ty, value) {
        (_, Value::Null)
        | (PropertyType::Json | PropertyType::Object(_), _)
        | (PropertyType::Boolean, Value::Boolean(_))
        | (PropertyType::Decimal, Value::Decimal(_))
        | (PropertyType::String | PropertyType::Enum(_), Value::String(_))
        | (PropertyType::Uuid, Value::Uuid(_))
        | (PropertyType::ObjectId, Value::ObjectId(_))
        | (PropertyType::Bytes, Value::Bytes(_))
        | (PropertyType::GeoPoint, Value::GeoPoint(_)) => Ok(()),
        (PropertyType::Integer { min, max }, Value::Integer(number))
            if (min..=max).contains(&number) =>
        {
            Ok(())
        }
        (PropertyType::Integer { min, max }, Value::Integer(_) | Value::Decimal(_)) => Err((
            "numericality.range",
            format!("is not between {min} and {max}"),
        )),
        (PropertyType::Float, Value::Float(number)) if number.is_finite() => Ok(()),
        // JSON has no word for it.
        (PropertyType::Float, Value::Float(_)) => {
            Err(("numericality.number", "is not a number".to_owned()))
        }
        (PropertyType::DateTime, Value::DateTime(instant)) => in_calendar(instant.year()),
        (PropertyType::Date, Value::Date(day)) => in_calendar(day.year()),
        (PropertyType::Array(item), Value::Array(items)) => {
            items.iter().try_for_each(|value| fit(item, value))
        }
        (ty, _) => Err(("type", format!("is not {}", ty.expectation()))),
    }
}

//! Conditions on what is stored as JSON, as [`Condition`](crate::query::Condition) says.
//!
//! Where the description says what is there, a comparison in JSON is one of columns, and a list is searched item by item.
//! JSON of any shape is searched for what may be there. Whatever is beyond that is left to be looked at row by row.
//!
//! Orders go by scalars alone, as [`Order`](crate::query::Order) says.

use sea_orm::sea_query::{Expr, ExprTrait};

use super::condition::{Column, Where, always, never, operand};
use super::json::JsonExpr;
use crate::model::{PropertyType, Value};
use crate::query::{Comparison, Path, Step};

/// How many steps into JSON of any shape are taken: each doubles the statement.
const MOST_STEPS: usize = 3;

/// How many values a list is compared with: each is there once for every place where one may be.
const MOST_VALUES: usize = 100;

/// `comparison` with what the path finds in `json`, which holds a value of the type `ty`.
pub(super) fn expression(
    json: &JsonExpr,
    ty: PropertyType,
    path: &[Step],
    comparison: &Comparison,
) -> Where {
    typed(json, ty, path, comparison, 0).map_or_else(Where::undecided, Where::exactly)
}

/// What puts rows into the order of what the path finds in `json`, which holds a value of the type `ty`: null first in
/// each of them. Nothing when the database has no words for a step.
pub(super) fn order(json: &JsonExpr, ty: PropertyType, path: &Path) -> Option<Vec<Expr>> {
    let mut steps = path.steps().iter();
    let json = steps.try_fold(json.clone(), |json, step| json.at(step))?;
    let scalars: &[PropertyType] = match path.leads_to(ty).map(scalar_type) {
        Some(PropertyType::Boolean) => &[PropertyType::Boolean],
        Some(PropertyType::Integer { .. } | PropertyType::Float) => &[PropertyType::Float],
        Some(PropertyType::Decimal) => &[PropertyType::Decimal],
        Some(PropertyType::String) => &[PropertyType::String],
        // The kind that comes last is the first key: it tells its values from those of all other kinds.
        _ => &[
            PropertyType::Boolean,
            PropertyType::String,
            PropertyType::Float,
        ],
    };
    let keys = scalars.iter().map(|ty| {
        let scalar = json.scalar(*ty)?;
        Some(operand(json.backend(), *ty, scalar))
    });
    keys.collect()
}

/// The type that a scalar has in JSON.
const fn scalar_type(ty: PropertyType) -> PropertyType {
    match ty {
        PropertyType::Enum(_)
        | PropertyType::DateTime
        | PropertyType::Date
        | PropertyType::Uuid
        | PropertyType::ObjectId => PropertyType::String,
        other => other,
    }
}

/// Nothing where SQL can't decide.
fn typed(
    json: &JsonExpr,
    ty: PropertyType,
    path: &[Step],
    comparison: &Comparison,
    level: usize,
) -> Option<Expr> {
    let into = |ty: PropertyType, step: &Step, rest: &[Step]| {
        typed(&json.at(step)?, ty, rest, comparison, level)
    };
    match (ty, path) {
        (PropertyType::Json, path) => anything(json, path, &Scalars::of(comparison)?, level),
        (PropertyType::Array(item), [step @ Step::Index(_), rest @ ..]) => into(*item, step, rest),
        (PropertyType::Array(item), path) => list(json, *item, path, comparison, level),
        (PropertyType::Object(def), [step, rest @ ..]) => {
            let name = step.to_string();
            let known = def.properties.iter().find(|known| known.name == name)?;
            into(known.ty, step, rest)
        }
        (PropertyType::GeoPoint, [step]) => into(PropertyType::Float, step, &[]),
        (PropertyType::Object(_) | PropertyType::GeoPoint, _) => match comparison {
            Comparison::Equal(Value::Null) => Some(json.is_null()),
            Comparison::NotEqual(Value::Null) => Some(json.is_null().not()),
            _ => None,
        },
        (ty, []) => scalar(json, ty, comparison),
        (_, _) => None,
    }
}

/// The rule for lists: one of the items, or of what the path finds in one of them.
fn list(
    json: &JsonExpr,
    item: PropertyType,
    path: &[Step],
    comparison: &Comparison,
    level: usize,
) -> Option<Expr> {
    let mut whole = false;
    comparison.for_each_value(&mut |value| {
        whole |= match value {
            Value::Array(_) => true,
            Value::Json(json) => json.is_array(),
            _ => false,
        };
    });
    if whole {
        return None;
    }
    let mut found = json.any(level, |json| {
        typed(&json, item, path, comparison, level + 1)
    })?;
    if comparison.is_negative() {
        found = found.or(json.is_empty_list());
    }
    // Instead of a list there may be none.
    if comparison.holds(&Value::Null) {
        found = found.or(json.is_null());
    }
    Some(found)
}

fn scalar(json: &JsonExpr, ty: PropertyType, comparison: &Comparison) -> Option<Expr> {
    let pattern = matches!(comparison, Comparison::Like { .. } | Comparison::Regexp(_));
    let ty = match scalar_type(ty) {
        // It is text that compares as a number.
        PropertyType::Decimal if pattern => PropertyType::String,
        other => other,
    };
    if pattern && !matches!(ty, PropertyType::String) {
        // Patterns look at text alone.
        return Some(if comparison.is_negative() {
            always()
        } else {
            never()
        });
    }
    let column = Column {
        backend: json.backend(),
        name: "",
        ty,
        own_type: None,
        expr: json.scalar(ty)?,
    };
    let comparison = comparison.map_values(&|value| match value {
        Value::DateTime(_) | Value::Date(_) | Value::Uuid(_) | Value::ObjectId(_) => {
            Value::String(value.to_text())
        }
        other => other.clone(),
    });
    // What does not fit is looked at.
    let compared = column.compare(&comparison).ok()?;
    compared.exact.then_some(compared.expr)
}

/// JSON of any shape: there may be a list wherever a member is asked for, and at the end.
fn anything(json: &JsonExpr, path: &[Step], scalars: &Scalars, level: usize) -> Option<Expr> {
    if path.len() > MOST_STEPS {
        return None;
    }
    let compare = |json: &JsonExpr| scalar(json, scalars.ty, &scalars.comparison);
    match path {
        [] => {
            let whole = compare(json)?;
            let item = json.any(level, |item| compare(&item))?;
            Some(whole.or(item))
        }
        [step @ Step::Index(_), rest @ ..] => anything(&json.at(step)?, rest, scalars, level),
        [step, rest @ ..] => {
            let member = anything(&json.at(step)?, rest, scalars, level)?;
            let members = json.any(level, |item| {
                anything(&item.at(step)?, rest, scalars, level + 1)
            })?;
            Some(member.or(members))
        }
    }
}

/// A comparison that finds scalars of one type and nothing else. What is not there is not found by it.
struct Scalars {
    ty: PropertyType,
    comparison: Comparison,
}

impl Scalars {
    fn of(comparison: &Comparison) -> Option<Self> {
        let many = matches!(comparison, Comparison::In(list) if list.len() > MOST_VALUES);
        if comparison.is_negative() || many {
            return None;
        }
        let comparison = comparison.map_values(&plain);
        let mut ty = match comparison {
            Comparison::Like { .. } | Comparison::Regexp(_) => Some(PropertyType::String),
            _ => None,
        };
        let mut several = false;
        comparison.for_each_value(&mut |value| {
            let own = match value {
                Value::Boolean(_) => PropertyType::Boolean,
                Value::Float(_) => PropertyType::Float,
                Value::Decimal(_) => PropertyType::Decimal,
                Value::String(_) => PropertyType::String,
                _ => PropertyType::Json,
            };
            several |=
                ty.is_some_and(|ty| std::mem::discriminant(&ty) != std::mem::discriminant(&own));
            ty = Some(own);
        });
        match ty {
            None | Some(PropertyType::Json) => None,
            Some(_) if several => None,
            Some(ty) => Some(Scalars { ty, comparison }),
        }
    }
}

/// The value as JSON has it.
fn plain(value: &Value) -> Value {
    /// Up to here every integer is a float.
    const EXACT: i64 = 1 << 53;

    match value {
        #[expect(clippy::cast_precision_loss, reason = "it is looked at first")]
        Value::Integer(number) if (-EXACT..=EXACT).contains(number) => Value::Float(*number as f64),
        Value::DateTime(_) | Value::Date(_) | Value::Uuid(_) => Value::String(value.to_text()),
        Value::Json(json) => match &**json {
            serde_json::Value::Bool(flag) => Value::Boolean(*flag),
            serde_json::Value::String(text) => Value::String(text.clone()),
            serde_json::Value::Number(number) => match (number.as_i64(), number.as_f64()) {
                (Some(number), _) => plain(&Value::Integer(number)),
                (None, Some(number)) => Value::Float(number),
                (None, None) => value.clone(),
            },
            _ => value.clone(),
        },
        other => other.clone(),
    }
}

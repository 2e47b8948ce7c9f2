//! Conditions as the server's own, as far as it has them.
//!
//! Values are operands of `$eq` and its kin, never read as operators. What the server would decide in another way than
//! [`Condition`] promises, it decides too generously: the [`Selection`] says so, and the rest is decided here, record by
//! record.

use mongodb::bson::{Bson, Document, doc};

use super::pattern;
use super::place::{Place, Reach};
use crate::model::{ModelDef, Value};
use crate::query::{Comparison, Condition, Filter};
use crate::{Error, Result};

/// What the server is asked for.
pub(super) struct Selection {
    pub filter: Document,
    /// Does it find nothing but what is wanted?
    pub exact: bool,
}

impl Selection {
    fn exactly(filter: Document) -> Self {
        Selection {
            filter,
            exact: true,
        }
    }

    fn among(filter: Document) -> Self {
        Selection {
            filter,
            exact: false,
        }
    }

    /// What the server can't decide at all.
    fn everything() -> Self {
        Selection::among(Document::new())
    }

    fn nothing() -> Self {
        Selection::exactly(doc! { "_id": { "$in": [] } })
    }
}

/// What `condition` finds in the collection of `model`.
pub(super) fn select(model: &ModelDef, condition: &Condition) -> Result<Selection> {
    let all = |list: &[Condition]| -> Result<(Vec<Document>, bool)> {
        let (mut filters, mut exact) = (Vec::with_capacity(list.len()), true);
        for condition in list {
            let selection = select(model, condition)?;
            exact &= selection.exact;
            filters.push(selection.filter);
        }
        Ok((filters, exact))
    };
    Ok(match condition {
        Condition::And(list) if list.is_empty() => Selection::exactly(Document::new()),
        Condition::Or(list) if list.is_empty() => Selection::nothing(),
        Condition::And(list) => {
            let (filters, exact) = all(list)?;
            let filter = doc! { "$and": filters };
            Selection { filter, exact }
        }
        Condition::Or(list) => {
            let (filters, exact) = all(list)?;
            let filter = doc! { "$or": filters };
            Selection { filter, exact }
        }
        Condition::Not(condition) => {
            let selection = select(model, condition)?;
            if selection.exact {
                Selection::exactly(doc! { "$nor": [selection.filter] })
            } else {
                Selection::everything()
            }
        }
        Condition::Compare {
            property,
            comparison,
        } => match model.properties.get(*property) {
            Some(property) => compare(&Place::of(property), comparison),
            None => return Err(unknown(model, *property)),
        },
        Condition::Member {
            property,
            path,
            comparison,
        } => match model.properties.get(*property) {
            Some(property) => Place::within(property, path)
                .map_or_else(Selection::everything, |place| compare(&place, comparison)),
            None => return Err(unknown(model, *property)),
        },
    })
}

/// What `query` finds, before [`Filter::arrange`] and without its order.
pub(super) fn select_for(model: &ModelDef, query: &Filter) -> Result<Selection> {
    let mut selection = select(model, &query.condition)?;
    if let Some(near) = &query.near
        && let Some(property) = model.properties.get(near.property)
    {
        let around = super::near::around(property, near);
        selection.filter = doc! { "$and": [selection.filter, around] };
    }
    Ok(selection)
}

fn unknown(model: &ModelDef, property: usize) -> Error {
    Error::internal(format!(
        "a condition names property {property} of `{}`, which has fewer",
        model.name
    ))
}

/// Does the server find and write what `condition` says at once?
pub(super) fn is_atomic(model: &ModelDef, condition: &Condition) -> Result<bool> {
    Ok(names_one(model, condition) && select(model, condition)?.exact)
}

/// Does the condition find one document at most, by its id?
pub(super) fn names_one(model: &ModelDef, condition: &Condition) -> bool {
    model
        .ids()
        .all(|property| condition.demanded(property).is_some())
}

fn compare(place: &Place, comparison: &Comparison) -> Selection {
    use Comparison::{
        Between, Equal, Greater, GreaterOrEqual, In, Less, LessOrEqual, Like, NotEqual, NotIn,
        Regexp,
    };

    match comparison {
        Equal(Value::Null) if place.is_property => return Selection::exactly(is_null(place)),
        NotEqual(Value::Null) if place.is_property => {
            return Selection::exactly(doc! { "$nor": [is_null(place)] });
        }
        Greater(Value::Null)
        | GreaterOrEqual(Value::Null)
        | Less(Value::Null)
        | LessOrEqual(Value::Null)
        | Between(Value::Null, _)
        | Between(_, Value::Null) => return Selection::nothing(),
        _ => {}
    }
    if comparison.is_negative() && place.reach != Reach::One {
        return Selection::everything();
    }
    let operators = match comparison {
        Equal(value) => operator(place, "$eq", value),
        NotEqual(value) => operator(place, "$ne", value),
        Greater(value) => operator(place, "$gt", value),
        GreaterOrEqual(value) => operator(place, "$gte", value),
        Less(value) => operator(place, "$lt", value),
        LessOrEqual(value) => operator(place, "$lte", value),
        Between(low, high) => between(place, low, high),
        In(list) => list_operator(place, "$in", list),
        NotIn(list) => list_operator(place, "$nin", list),
        Like {
            pattern,
            ignore_case,
            negated,
        } => place.is_text().then(|| {
            let options = if *ignore_case { "is" } else { "s" };
            let mut fits = doc! { "$regex": pattern::expression(pattern), "$options": options };
            if *negated {
                return doc! { "$not": fits };
            }
            // Says again that it is text: an index over a unique property holds nothing else.
            fits.insert("$gte", "");
            fits
        }),
        Regexp(regexp) => {
            // The server's expressions are of another dialect, and take as long as somebody wants them to.
            let beginning = place.is_text().then(|| pattern::least(regexp)).flatten();
            return beginning.map_or_else(Selection::everything, |(expression, options)| {
                let fits = doc! { "$regex": expression, "$options": options };
                Selection::among(doc! { &place.key: fits })
            });
        }
    };
    match operators {
        None => Selection::everything(),
        Some(operators) => Selection {
            filter: doc! { &place.key: operators },
            exact: place.reach != Reach::Many,
        },
    }
}

fn operator(place: &Place, operator: &str, value: &Value) -> Option<Document> {
    Some(doc! { operator: place.operand(value)? })
}

fn list_operator(place: &Place, operator: &str, values: &[Value]) -> Option<Document> {
    let operands: Option<Vec<Bson>> = values.iter().map(|value| place.operand(value)).collect();
    Some(doc! { operator: operands? })
}

fn between(place: &Place, low: &Value, high: &Value) -> Option<Document> {
    let bounds = doc! { "$gte": place.operand(low)?, "$lte": place.operand(high)? };
    Some(match place.reach {
        // Without it, one item may be above the one bound and another below the other.
        Reach::Items => doc! { "$elemMatch": bounds },
        Reach::One | Reach::Many => bounds,
    })
}

/// Null or absent.
fn is_null(place: &Place) -> Document {
    if place.reach == Reach::One {
        doc! { &place.key: { "$eq": Bson::Null } }
    } else {
        // A list with null among its items has a value.
        doc! { &place.key: { "$eq": Bson::Null, "$not": { "$type": "array" } } }
    }
}

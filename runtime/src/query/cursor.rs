//! Pages that stay where they are while rows come and go: a page begins beyond a row, not after a number of rows.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use serde_json::Value as Json;

use super::{Comparison, Condition, Direction, Fields, Filter, Order};
use crate::model::{ModelDef, Record, Value};
use crate::{Error, Result};

/// A row's place in an order: the values by which the rows are ordered. To clients it is a text without meaning.
///
/// It holds nothing secret and grants nothing: whoever makes one up gets what a condition over the same properties finds.
#[derive(Debug, Clone, PartialEq)]
pub struct Cursor(Vec<Value>);

/// Which page of what a filter finds.
#[derive(Debug, Clone, PartialEq)]
pub enum Window {
    /// The rows that come after the one at the cursor; without one, the first rows.
    After(Option<Cursor>),
    /// The rows that come before the one at the cursor; without one, the last rows.
    Before(Option<Cursor>),
}

/// A part of what a filter finds, and where the parts before and after it begin.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    /// The rows, in the filter's order.
    pub items: Vec<T>,
    /// What is [`Before`](Window::Before) this page, if there is something.
    pub previous: Option<Cursor>,
    /// What is [`After`](Window::After) this page, if there is something.
    pub next: Option<Cursor>,
}

impl Cursor {
    /// The cursor that a client has sent back, for this filter's order.
    ///
    /// # Errors
    /// 400 when it is none, or one of another order.
    pub fn parse(def: &ModelDef, filter: &Filter, text: &str) -> Result<Self> {
        let order = total_order(def, filter)?;
        let invalid = || {
            let message = format!(
                "The cursor \"{text}\" is not valid: send one from a Link header, with the order that it came with"
            );
            bad_request(message)
        };
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| invalid())?;
        let keys: Vec<Json> = serde_json::from_slice(&bytes).map_err(|_| invalid())?;
        if keys.len() != order.len() {
            return Err(invalid());
        }
        let keys = keys.into_iter().zip(&order).map(|(key, order)| {
            let ty = &def.properties[order.property].ty;
            ty.from_json(key).map_err(|_| invalid())
        });
        keys.collect::<Result<_>>().map(Cursor)
    }

    /// The text for a client.
    pub fn to_text(&self) -> String {
        let keys = self.0.iter().map(|key| match key {
            // Its JSON ends at milliseconds; two rows of one millisecond have two places.
            Value::DateTime(instant) => instant.to_rfc3339().into(),
            other => other.to_json(),
        });
        let keys: Vec<Json> = keys.collect();
        BASE64_URL_SAFE_NO_PAD.encode(Json::from(keys).to_string())
    }

    fn of(order: &[Order], record: &Record) -> Self {
        let keys = order.iter().map(|key| record.value(key.property).clone());
        Cursor(keys.collect())
    }

    /// What comes after the row in this order.
    fn beyond(&self, order: &[Order]) -> Condition {
        let keys = || order.iter().zip(&self.0);
        let alternatives = keys().enumerate().map(|(place, (key, value))| {
            let equal = keys().take(place);
            let equal = equal.map(|(key, value)| Condition::equal(key.property, value.clone()));
            let later = later(key, value);
            equal.fold(later, |all, one| one.and(all))
        });
        Condition::Or(alternatives.collect())
    }
}

/// What comes after `value` by this key alone: null first when it ascends, and last when it descends.
fn later(key: &Order, value: &Value) -> Condition {
    let compare = |comparison| Condition::compare(key.property, comparison);
    match (key.direction, value) {
        (Direction::Ascending, Value::Null) => compare(Comparison::NotEqual(Value::Null)),
        (Direction::Ascending, value) => compare(Comparison::Greater(value.clone())),
        (Direction::Descending, Value::Null) => Condition::NONE,
        (Direction::Descending, value) => Condition::Or(vec![
            compare(Comparison::Less(value.clone())),
            Condition::equal(key.property, Value::Null),
        ]),
    }
}

/// The filter's order with the id, by which no two rows are equal.
fn total_order(def: &ModelDef, filter: &Filter) -> Result<Vec<Order>> {
    if filter.near.is_some() {
        return Err(bad_request(
            "A list by distance has no cursors; leave \"near\" or \"after\" and \"before\" out",
        ));
    }
    let mut order = filter.order.clone();
    if let Some(key) = order
        .iter()
        .find(|key| key.path.is_some() || def.properties[key.property].ty.is_structured())
    {
        let name = def.properties[key.property].name;
        return Err(bad_request(format!(
            "A list by what is within \"{name}\" has no cursors; order by another property"
        )));
    }
    for property in def.ids() {
        if order.iter().all(|key| key.property != property) {
            order.push(Order {
                property,
                path: None,
                direction: Direction::Ascending,
            });
        }
    }
    Ok(order)
}

/// A window over one filter, as the data source is asked for it.
pub(crate) struct Looked {
    window: Window,
    order: Vec<Order>,
    limit: Option<u64>,
    /// The keys that the caller has not asked for.
    lacking: Vec<usize>,
    /// One row more than the page has, so that it is known whether it is the last one.
    pub filter: Filter,
}

impl Window {
    /// # Errors
    /// 400 for a filter that has no cursors.
    pub(crate) fn look(self, def: &ModelDef, filter: &Filter) -> Result<Looked> {
        if filter.skip > 0 {
            return Err(bad_request(
                "A page begins at a cursor or after a number of rows; leave \"skip\" or \"after\" and \"before\" out",
            ));
        }
        let order = total_order(def, filter)?;
        let mut asked = filter.clone();
        asked.order.clone_from(&order);
        if let Window::Before(_) = self {
            for key in &mut asked.order {
                key.direction = key.direction.reversed();
            }
        }
        if let Window::After(Some(cursor)) | Window::Before(Some(cursor)) = &self {
            asked.condition = asked.condition.and(cursor.beyond(&asked.order));
        }
        asked.limit = filter.limit.map(|limit| limit.saturating_add(1));
        let keys = order.iter().map(|key| key.property);
        let lacking: Vec<_> = keys.filter(|key| !filter.fields.contains(*key)).collect();
        if let Fields::Only(fields) = &mut asked.fields {
            fields.extend(&lacking);
        }
        Ok(Looked {
            window: self,
            order,
            limit: filter.limit,
            lacking,
            filter: asked,
        })
    }
}

impl Looked {
    /// The page that the records of [`filter`](Self::filter) make.
    pub(crate) fn page(&self, mut records: Vec<Record>) -> Page<Record> {
        let limit = self.limit.and_then(|limit| usize::try_from(limit).ok());
        let more = limit.is_some_and(|limit| records.len() > limit);
        records.truncate(limit.unwrap_or(usize::MAX));
        let backward = matches!(self.window, Window::Before(_));
        if backward {
            records.reverse();
        }
        // Where one came from, there is something: the row at the cursor itself.
        let (before, after) = match &self.window {
            Window::After(from) => (from.is_some(), more),
            Window::Before(from) => (more, from.is_some()),
        };
        let cursor = |record: Option<&Record>| record.map(|record| Cursor::of(&self.order, record));
        let previous = cursor(records.first()).filter(|_| before);
        let next = cursor(records.last()).filter(|_| after);
        Page {
            items: records,
            previous,
            next,
        }
    }

    /// Takes out of `record` what the caller has not asked for.
    pub(crate) fn strip(&self, record: &mut Record) {
        self.lacking
            .iter()
            .for_each(|key| drop(record.remove(*key)));
    }
}

fn bad_request(message: impl Into<String>) -> Error {
    Error::new(400, message).with_code("INVALID_CURSOR")
}

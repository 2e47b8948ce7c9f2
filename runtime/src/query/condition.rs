//! Which rows: LoopBack's `where` (contract *querying.md* §2).

use serde_json::{Map, Value as Json, json};

use super::{Path, Regexp};
use crate::model::{ModelDef, Record, Value};

/// Which rows a query is about. Positions are those of the model's properties.
///
/// Null semantics are LoopBack's, the same on every data source: `Equal(Null)` finds null, ordering comparisons never
/// match null, and the negative comparisons `NotEqual`, `NotIn` and a negated `Like` do match it.
///
/// What is stored as JSON (lists, nested structs, points, JSON itself) is compared as JSON:
///
/// - Numbers compare with numbers, text with text, booleans with booleans; objects and lists are equal when everything
///   in them is. Null, and what is not there, is null. Whatever else is different, and neither greater nor less. `Like`
///   and `Regexp` look at text alone. Dates, UUIDs and object ids within JSON are text; text compares with a decimal by its number.
/// - A list compares by its items: a comparison holds when it holds for one of them, or for the list as a whole. A
///   negative comparison holds when it holds for the list as a whole, and for one of the items or there are none.
/// - The values that a [path](Condition::Member) finds in a list compare as the items of a list do.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// Every condition holds; with none, every row matches.
    And(Vec<Condition>),
    /// At least one condition holds; with none, no row matches.
    Or(Vec<Condition>),
    /// The condition does not hold: what it leaves out is found, and nothing else.
    Not(Box<Condition>),
    /// A property compared with a value.
    Compare {
        /// The property's position.
        property: usize,
        /// How it must compare.
        comparison: Comparison,
    },
    /// What is within a property that is stored as JSON, compared with a value.
    Member {
        /// The property's position.
        property: usize,
        /// The way from the property to what is compared.
        path: Path,
        /// How it must compare.
        comparison: Comparison,
    },
}

/// How a property's value must compare.
#[derive(Debug, Clone, PartialEq)]
pub enum Comparison {
    /// Equal to the value.
    Equal(Value),
    /// Different from the value; null differs from every other value.
    NotEqual(Value),
    /// Greater than the value.
    Greater(Value),
    /// Greater than or equal to the value.
    GreaterOrEqual(Value),
    /// Less than the value.
    Less(Value),
    /// Less than or equal to the value.
    LessOrEqual(Value),
    /// Between two values, both included.
    Between(Value, Value),
    /// Equal to one of the values.
    In(Vec<Value>),
    /// Different from every value.
    NotIn(Vec<Value>),
    /// Text that fits a pattern of `%` (any text) and `_` (any character); `\` takes the next character literally.
    Like {
        /// The pattern.
        pattern: String,
        /// Are `a` and `A` the same?
        ignore_case: bool,
        /// Must the text not fit?
        negated: bool,
    },
    /// Text in which a regular expression is found.
    Regexp(Regexp),
}

impl Default for Condition {
    fn default() -> Self {
        Condition::ALL
    }
}

impl Condition {
    /// The condition that every row fulfils.
    pub const ALL: Condition = Condition::And(Vec::new());

    /// The condition that no row fulfils.
    pub const NONE: Condition = Condition::Or(Vec::new());

    /// A comparison of one property.
    pub const fn compare(property: usize, comparison: Comparison) -> Self {
        Condition::Compare {
            property,
            comparison,
        }
    }

    /// A property equal to a value.
    pub const fn equal(property: usize, value: Value) -> Self {
        Condition::compare(property, Comparison::Equal(value))
    }

    /// The record of `model` with this id.
    pub(crate) fn of_id(model: &ModelDef, id: &Value) -> Self {
        match id {
            Value::Array(keys) if model.has_composite_id() => {
                let keys = model.ids().zip(keys);
                Condition::And(
                    keys.map(|(index, key)| Condition::equal(index, key.clone()))
                        .collect(),
                )
            }
            id => Condition::equal(model.id_index(), id.clone()),
        }
    }

    /// The records of `model` with these ids.
    pub(crate) fn of_ids(model: &ModelDef, ids: &[Value]) -> Self {
        if model.has_composite_id() {
            Condition::Or(ids.iter().map(|id| Condition::of_id(model, id)).collect())
        } else {
            Condition::compare(model.id_index(), Comparison::In(ids.to_vec()))
        }
    }

    /// The value that `property` must have, where the condition says so.
    pub(crate) fn demanded(&self, property: usize) -> Option<&Value> {
        match self {
            Condition::And(list) => list.iter().find_map(|one| one.demanded(property)),
            Condition::Compare {
                property: compared,
                comparison: Comparison::Equal(value),
            } => (*compared == property).then_some(value),
            _ => None,
        }
    }

    /// Both conditions.
    #[must_use]
    pub fn and(self, other: Condition) -> Self {
        match (self, other) {
            (Condition::And(mut left), Condition::And(right)) => {
                left.extend(right);
                Condition::And(left)
            }
            (Condition::And(list), other) if list.is_empty() => other,
            (other, Condition::And(list)) if list.is_empty() => other,
            (Condition::And(mut list), other) => {
                list.push(other);
                Condition::And(list)
            }
            (left, right) => Condition::And(vec![left, right]),
        }
    }

    /// Either condition.
    #[must_use]
    pub fn or(self, other: Condition) -> Self {
        match self {
            Condition::Or(mut list) => {
                list.push(other);
                Condition::Or(list)
            }
            left => Condition::Or(vec![left, other]),
        }
    }
}

/// The condition does not hold.
impl std::ops::Not for Condition {
    type Output = Condition;

    fn not(self) -> Self {
        match self {
            Condition::Not(condition) => *condition,
            condition => Condition::Not(Box::new(condition)),
        }
    }
}

impl Condition {
    /// Shows every comparison of the condition, with the position of the property that it is about.
    pub fn for_each_comparison(&self, see: &mut impl FnMut(usize, &Comparison)) {
        match self {
            Condition::And(list) | Condition::Or(list) => {
                for condition in list {
                    condition.for_each_comparison(see);
                }
            }
            Condition::Not(condition) => condition.for_each_comparison(see),
            Condition::Compare {
                property,
                comparison,
            }
            | Condition::Member {
                property,
                comparison,
                ..
            } => see(*property, comparison),
        }
    }

    /// Shows every value that the condition compares with; a pattern is none.
    pub fn for_each_value(&self, see: &mut impl FnMut(&Value)) {
        self.for_each_comparison(&mut |_, comparison| comparison.for_each_value(see));
    }

    /// The condition with what `map` makes of every value that it compares with: for data sources that keep values in
    /// another form.
    #[must_use]
    pub fn map_values(&self, map: &impl Fn(&Value) -> Value) -> Condition {
        let each = |list: &[Condition]| list.iter().map(|item| item.map_values(map)).collect();
        match self {
            Condition::And(list) => Condition::And(each(list)),
            Condition::Or(list) => Condition::Or(each(list)),
            Condition::Not(condition) => Condition::Not(Box::new(condition.map_values(map))),
            Condition::Compare {
                property,
                comparison,
            } => Condition::compare(*property, comparison.map_values(map)),
            Condition::Member {
                property,
                path,
                comparison,
            } => Condition::Member {
                property: *property,
                path: path.clone(),
                comparison: comparison.map_values(map),
            },
        }
    }

    /// What is left of the condition for a record in which `changes` are set: what they decide is decided.
    pub(crate) fn assuming(self, changes: &Record) -> Self {
        let all =
            |conditions: Vec<Condition>| conditions.into_iter().map(|one| one.assuming(changes));
        match self {
            Condition::And(conditions) => all(conditions).fold(Condition::ALL, Condition::and),
            Condition::Or(conditions) => {
                let mut left = Vec::new();
                for condition in all(conditions) {
                    if condition == Condition::ALL {
                        return Condition::ALL;
                    }
                    left.push(condition);
                }
                Condition::Or(left)
            }
            Condition::Not(condition) => Condition::Not(Box::new(condition.assuming(changes))),
            Condition::Compare { property, .. } | Condition::Member { property, .. }
                if changes.get(property).is_some() =>
            {
                match self.matches(changes) {
                    true => Condition::ALL,
                    false => Condition::NONE,
                }
            }
            other => other,
        }
    }
}

impl Condition {
    /// The condition on what begins `by` properties further on.
    #[must_use]
    pub(crate) fn shifted(self, by: usize) -> Self {
        let each = |list: Vec<Condition>| list.into_iter().map(|item| item.shifted(by)).collect();
        match self {
            condition if by == 0 => condition,
            Condition::And(list) => Condition::And(each(list)),
            Condition::Or(list) => Condition::Or(each(list)),
            Condition::Not(condition) => Condition::Not(Box::new(condition.shifted(by))),
            Condition::Compare {
                property,
                comparison,
            } => Condition::compare(property + by, comparison),
            Condition::Member {
                property,
                path,
                comparison,
            } => Condition::Member {
                property: property + by,
                path,
                comparison,
            },
        }
    }
}

impl Condition {
    /// The condition as LoopBack's bare `where`.
    pub(crate) fn to_json(&self, def: &ModelDef) -> Json {
        match self {
            Condition::And(list) => {
                let list: Vec<_> = list
                    .iter()
                    .map(|condition| condition.to_json(def))
                    .collect();
                joined(&list).map_or_else(|| json!({ "and": list }), Json::Object)
            }
            Condition::Or(list) => {
                let list: Vec<_> = list
                    .iter()
                    .map(|condition| condition.to_json(def))
                    .collect();
                json!({ "or": list })
            }
            Condition::Not(condition) => json!({ "nor": [condition.to_json(def)] }),
            Condition::Compare {
                property,
                comparison,
            } => shown(def, *property, "", comparison),
            Condition::Member {
                property,
                path,
                comparison,
            } => shown(def, *property, &path.to_string(), comparison),
        }
    }
}

/// What is hidden does not leave the process in a condition either.
fn shown(def: &ModelDef, property: usize, path: &str, comparison: &Comparison) -> Json {
    match def.properties.get(property) {
        // Callers know no property around those that the model does not declare.
        Some(property) if property.extra => {
            json!({ path.trim_start_matches('.'): comparison.to_json() })
        }
        Some(property) if !property.hidden => {
            json!({ format!("{}{path}", property.name): comparison.to_json() })
        }
        _ => json!({}),
    }
}

/// Conditions on different properties as the members of one object, which is how callers write them.
fn joined(list: &[Json]) -> Option<Map<String, Json>> {
    let mut members = Map::new();
    for (name, json) in list.iter().filter_map(Json::as_object).flatten() {
        if members.insert(name.clone(), json.clone()).is_some() {
            return None;
        }
    }
    Some(members)
}

impl Comparison {
    /// Does it hold for null, as `NotEqual`, `NotIn` and a negated `Like` do?
    pub(crate) const fn is_negative(&self) -> bool {
        matches!(
            self,
            Comparison::NotEqual(_) | Comparison::NotIn(_) | Comparison::Like { negated: true, .. }
        )
    }

    /// Shows every value that is compared with; a pattern is none.
    pub(crate) fn for_each_value(&self, see: &mut impl FnMut(&Value)) {
        match self {
            Comparison::Equal(value)
            | Comparison::NotEqual(value)
            | Comparison::Greater(value)
            | Comparison::GreaterOrEqual(value)
            | Comparison::Less(value)
            | Comparison::LessOrEqual(value) => see(value),
            Comparison::Between(low, high) => {
                see(low);
                see(high);
            }
            Comparison::In(list) | Comparison::NotIn(list) => list.iter().for_each(see),
            Comparison::Like { .. } | Comparison::Regexp(_) => {}
        }
    }

    pub(crate) fn map_values(&self, map: &impl Fn(&Value) -> Value) -> Comparison {
        let all = |list: &[Value]| list.iter().map(map).collect();
        match self {
            Comparison::Equal(value) => Comparison::Equal(map(value)),
            Comparison::NotEqual(value) => Comparison::NotEqual(map(value)),
            Comparison::Greater(value) => Comparison::Greater(map(value)),
            Comparison::GreaterOrEqual(value) => Comparison::GreaterOrEqual(map(value)),
            Comparison::Less(value) => Comparison::Less(map(value)),
            Comparison::LessOrEqual(value) => Comparison::LessOrEqual(map(value)),
            Comparison::Between(low, high) => Comparison::Between(map(low), map(high)),
            Comparison::In(list) => Comparison::In(all(list)),
            Comparison::NotIn(list) => Comparison::NotIn(all(list)),
            pattern @ (Comparison::Like { .. } | Comparison::Regexp(_)) => pattern.clone(),
        }
    }

    fn to_json(&self) -> Json {
        match self {
            Comparison::Equal(value) => json!(value),
            Comparison::NotEqual(value) => json!({ "neq": value }),
            Comparison::Greater(value) => json!({ "gt": value }),
            Comparison::GreaterOrEqual(value) => json!({ "gte": value }),
            Comparison::Less(value) => json!({ "lt": value }),
            Comparison::LessOrEqual(value) => json!({ "lte": value }),
            Comparison::Between(low, high) => json!({ "between": [low, high] }),
            Comparison::In(values) => json!({ "inq": values }),
            Comparison::NotIn(values) => json!({ "nin": values }),
            Comparison::Like {
                pattern,
                ignore_case,
                negated,
            } => {
                let operator = match (negated, ignore_case) {
                    (false, false) => "like",
                    (true, false) => "nlike",
                    (false, true) => "ilike",
                    (true, true) => "nilike",
                };
                json!({ operator: pattern })
            }
            Comparison::Regexp(regexp) => json!({ "regexp": regexp.to_string() }),
        }
    }
}

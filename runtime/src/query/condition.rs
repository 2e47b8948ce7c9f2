//! Which rows: LoopBack's `where` (contract *querying.md* §2).

use serde_json::{Map, Value as Json, json};

use crate::model::{ModelDef, Value};

/// Which rows a query is about. Positions are those of the model's properties.
///
/// Null semantics are LoopBack's, the same on every data source: `Equal(Null)` finds null, ordering comparisons never
/// match null, and `NotEqual`, `NotIn` and `NotLike` do match it.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// Every condition holds; with none, every row matches.
    And(Vec<Condition>),
    /// At least one condition holds; with none, no row matches.
    Or(Vec<Condition>),
    /// A property compared with a value.
    Compare {
        /// The property's position.
        property: usize,
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

impl Condition {
    /// Shows every value that the condition compares with; a pattern is none.
    pub fn for_each_value(&self, see: &mut impl FnMut(&Value)) {
        match self {
            Condition::And(list) | Condition::Or(list) => {
                for condition in list {
                    condition.for_each_value(see);
                }
            }
            Condition::Compare { comparison, .. } => match comparison {
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
                Comparison::Like { .. } => {}
            },
        }
    }

    /// The condition with what `map` makes of every value that it compares with: for data sources that keep values in
    /// another form.
    #[must_use]
    pub fn map_values(&self, map: &impl Fn(&Value) -> Value) -> Condition {
        let each = |list: &[Condition]| list.iter().map(|item| item.map_values(map)).collect();
        let all = |list: &[Value]| list.iter().map(map).collect();
        match self {
            Condition::And(list) => Condition::And(each(list)),
            Condition::Or(list) => Condition::Or(each(list)),
            Condition::Compare {
                property,
                comparison,
            } => {
                let comparison = match comparison {
                    Comparison::Equal(value) => Comparison::Equal(map(value)),
                    Comparison::NotEqual(value) => Comparison::NotEqual(map(value)),
                    Comparison::Greater(value) => Comparison::Greater(map(value)),
                    Comparison::GreaterOrEqual(value) => Comparison::GreaterOrEqual(map(value)),
                    Comparison::Less(value) => Comparison::Less(map(value)),
                    Comparison::LessOrEqual(value) => Comparison::LessOrEqual(map(value)),
                    Comparison::Between(low, high) => Comparison::Between(map(low), map(high)),
                    Comparison::In(list) => Comparison::In(all(list)),
                    Comparison::NotIn(list) => Comparison::NotIn(all(list)),
                    like @ Comparison::Like { .. } => like.clone(),
                };
                Condition::compare(*property, comparison)
            }
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
            Condition::Compare {
                property,
                comparison,
            } => {
                // What is hidden does not leave the process in a condition either.
                match def.properties.get(*property) {
                    Some(property) if !property.hidden => {
                        json!({ property.name: comparison.to_json() })
                    }
                    _ => json!({}),
                }
            }
        }
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
        }
    }
}

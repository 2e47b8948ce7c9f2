//! MongoDB's own words for a change (contract *connectors.md* §4, `allowExtendedOperators`): a number that grows, a list
//! that gets one more item, whatever they are at that moment.

use crate::model::Value;

/// A change of one property that depends on what is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Operator {
    /// The property's position.
    pub property: usize,
    /// What is done with it.
    pub change: OperatorChange,
}

/// What an [`Operator`] does. Values have the property's type, items that of its items.
#[derive(Debug, Clone, PartialEq)]
pub enum OperatorChange {
    /// The number grows by this one: `$inc`.
    Increase(Value),
    /// The number is multiplied: `$mul`.
    Multiply(Value),
    /// This value, if it is less than what is stored: `$min`.
    AtMost(Value),
    /// This value, if it is greater than what is stored: `$max`.
    AtLeast(Value),
    /// The list gets these items at its end: `$push`.
    Append(Vec<Value>),
    /// The list gets those of these items that it lacks: `$addToSet`.
    Add(Vec<Value>),
    /// The list loses these items: `$pull` of a value, `$pullAll`.
    Remove(Vec<Value>),
    /// The list loses its last item, or its first one: `$pop`.
    Shorten {
        /// The first one.
        first: bool,
    },
}

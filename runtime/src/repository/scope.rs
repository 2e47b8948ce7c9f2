//! Queries that a model has by name, and the one that holds for every operation (contract *models.md* §7).

use std::any::Any;
use std::borrow::Cow;

use crate::model::{ModelDef, Record, ScopeDef, Value};
use crate::query::{Comparison, Condition, Fields, Filter};

/// Puts the filter of a scope where the runtime looks for it. Called by what `#[scope]` writes.
#[doc(hidden)]
pub fn put_scope(place: &mut dyn Any, filter: Filter) {
    if let Some(place) = place.downcast_mut() {
        *place = filter;
    }
}

/// The filter of `scope`.
pub(crate) fn filter(scope: &ScopeDef) -> Filter {
    let mut filter = Filter::ALL;
    scope.fill(&mut filter);
    filter.placed(scope.place)
}

/// The filter that holds for every operation on the model, if there is one. The model's own goes before those of what it
/// takes in, where two can't both be had.
fn default(def: &ModelDef) -> Option<Filter> {
    let scopes = def.methods.scopes.iter().filter(|scope| scope.default);
    scopes.map(filter).reduce(over)
}

/// What the default scope leaves of a query: its conditions hold besides the caller's, its limit, skip and fields instead
/// of the caller's, its order where the caller has none.
pub(super) fn apply<'f>(def: &ModelDef, asked: Cow<'f, Filter>) -> Cow<'f, Filter> {
    let Some(scope) = default(def) else {
        return asked;
    };
    Cow::Owned(above(scope, asked.into_owned()))
}

/// What a scope that nobody asks for leaves of a query.
pub(super) fn above(mut scope: Filter, mut asked: Filter) -> Filter {
    if !asked.order.is_empty() {
        scope.order = std::mem::take(&mut asked.order);
    }
    over(scope, asked)
}

/// What the default scope leaves of a condition.
pub(super) fn narrow<'c>(def: &ModelDef, asked: &'c Condition) -> Cow<'c, Condition> {
    match default(def) {
        Some(scope) => Cow::Owned(scope.condition.and(asked.clone())),
        None => Cow::Borrowed(asked),
    }
}

/// Gives a record that is to be stored the values that the default scope asks for, whatever the caller gave.
pub(super) fn enforce(def: &ModelDef, record: &mut Record) {
    if let Some(scope) = default(def) {
        set_equalities(&scope.condition, record);
    }
}

/// Sets the values that `condition` compares for equality, so that the record is among what it finds.
pub(crate) fn set_equalities(condition: &Condition, record: &mut Record) {
    match condition {
        Condition::And(list) => {
            for condition in list {
                set_equalities(condition, record);
            }
        }
        Condition::Compare {
            property,
            comparison: Comparison::Equal(value),
        } => record.set(*property, Value::clone(value)),
        _ => {}
    }
}

/// The query of a caller to a named scope: both conditions hold, and for the rest the caller's wish goes first.
pub(crate) fn within(scope: Filter, asked: Filter) -> Filter {
    over(asked, scope)
}

/// Both conditions, and for the rest what `first` says, or else `second`.
fn over(first: Filter, second: Filter) -> Filter {
    let mut include = first.include;
    for other in second.include {
        if include.iter().all(|own| own.relation != other.relation) {
            include.push(other);
        }
    }
    Filter {
        condition: first.condition.and(second.condition),
        order: if first.order.is_empty() {
            second.order
        } else {
            first.order
        },
        limit: first.limit.or(second.limit),
        skip: if first.skip > 0 {
            first.skip
        } else {
            second.skip
        },
        fields: if first.fields == Fields::All {
            second.fields
        } else {
            first.fields
        },
        include,
        near: first.near.or(second.near),
    }
}

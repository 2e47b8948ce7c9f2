//! What `model-config.local.json` and `model-config.<environment>.json` change (contract *boot.md* §3).

use serde_json::Value as Json;

use super::problem::Problems;
use super::source::{Node, Value};

/// Puts `over` over `base`. What doesn't fit is reported at its place.
pub(super) fn merge(base: &mut Node, over: Node, problems: &mut Problems) {
    match (&mut base.value, over.value) {
        (Value::Object(members), Value::Object(others)) => {
            for other in others {
                match members.iter_mut().find(|member| member.key == other.key) {
                    Some(member) => merge(&mut member.node, other.node, problems),
                    None => members.push(other),
                }
            }
        }
        (Value::List(items), Value::List(others)) if items.len() == others.len() => {
            for (item, other) in items.iter_mut().zip(others) {
                merge(item, other, problems);
            }
        }
        (Value::List(items), Value::List(others)) => problems.mistake(
            &over.place,
            format!(
                "a list of {} items can't go over one of {}; write as many",
                others.len(),
                items.len()
            ),
        ),
        // Null switches an object off, and anything may go over null.
        (Value::Object(_), value @ Value::Scalar(Json::Null))
        | (Value::Scalar(Json::Null), value) => {
            *base = Node {
                place: over.place,
                value,
            };
        }
        (Value::Scalar(_), Value::Scalar(json)) if !json.is_null() => {
            *base = Node {
                place: over.place,
                value: Value::Scalar(json),
            };
        }
        _ => problems.mistake(
            &over.place,
            "this is of another kind than what it goes over; write a value of the same kind",
        ),
    }
}

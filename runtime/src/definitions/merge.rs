//! What `<name>.local.json` and `<name>.<environment>.json` change of `<name>.json` (contract *boot.md* §3).

use std::fmt::Write;

use serde_json::Value as Json;

use super::problem::Problems;
use super::source::{Node, Value};

/// Puts `over` over `base`. What doesn't fit is reported at its place, in LoopBack's words.
pub(super) fn merge(base: &mut Node, over: Node, problems: &mut Problems) {
    merge_at(&mut String::new(), base, over, problems);
}

/// As [`merge`], where both are at `path`, such as `a.b[0]`.
fn merge_at(path: &mut String, base: &mut Node, over: Node, problems: &mut Problems) {
    match (&mut base.value, over.value) {
        (Value::Object(members), Value::Object(others)) => {
            for other in others {
                match members.iter_mut().find(|member| member.key == other.key) {
                    Some(member) => {
                        let dot = if path.is_empty() { "" } else { "." };
                        within(path, format_args!("{dot}{}", other.key), |path| {
                            merge_at(path, &mut member.node, other.node, problems);
                        });
                    }
                    None => members.push(other),
                }
            }
        }
        (Value::List(items), Value::List(others)) if items.len() == others.len() => {
            for (index, (item, other)) in items.iter_mut().zip(others).enumerate() {
                within(path, format_args!("[{index}]"), |path| {
                    merge_at(path, item, other, problems);
                });
            }
        }
        (Value::List(_), Value::List(_)) => problems.mistake(
            &over.place,
            format!("Cannot merge array values of different length for the option `{path}`."),
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
            format!("Cannot merge values of incompatible types for the option `{path}`."),
        ),
    }
}

/// Does something one step further down the path.
fn within(path: &mut String, step: std::fmt::Arguments, merge: impl FnOnce(&mut String)) {
    let length = path.len();
    // Writing to a `String` can't fail.
    let _ = path.write_fmt(step);
    merge(path);
    path.truncate(length);
}

//! The indexes of a definition (contract *models.md* §1.1, `indexes`).

use super::problem::Problems;
use super::property::{Property, text};
use super::setting::members;
use super::settings::Settings;
use super::source::{Node, Value};
use crate::model::IndexDef;

/// An index over several properties.
#[derive(Debug)]
pub(crate) struct Index {
    pub name: String,
    pub kind: IndexDef,
    /// The position of each property, and whether its greatest values come first.
    pub keys: Vec<(usize, bool)>,
}

/// The indexes over several properties; one over a single property is that property's.
pub(super) fn read(
    settings: &Settings,
    properties: &mut [Property],
    problems: &mut Problems,
) -> Vec<Index> {
    let mut indexes = Vec::new();
    for member in members(settings, "indexes", problems) {
        let node = &member.node;
        let unique = node
            .get("options")
            .and_then(|options| options.get("unique"));
        let kind = node.get("kind").and_then(Node::as_str).unwrap_or_default();
        let unique = unique.is_some_and(Node::is_truthy) || kind.eq_ignore_ascii_case("unique");
        let kind = if unique {
            IndexDef::Unique
        } else {
            IndexDef::Plain
        };
        let mut keys = Vec::new();
        for (name, descending) in names(node) {
            match properties.iter().position(|property| property.name == name) {
                Some(property) => keys.push((property, descending)),
                None => {
                    let known = properties.iter().map(|property| property.name.as_str());
                    problems.unknown(&member.place, "property", &name, &known.collect::<Vec<_>>());
                }
            }
        }
        match keys.as_slice() {
            [] => problems.mistake(
                &member.place,
                "an index is over properties; write `{\"keys\": {\"name\": 1}}`",
            ),
            [(property, _)] => {
                let index = &mut properties[*property].index;
                if unique || index.is_none() {
                    *index = Some(kind);
                }
            }
            _ => indexes.push(Index {
                name: member.key,
                kind,
                keys,
            }),
        }
    }
    indexes
}

/// What the index is over: `{"keys": {"a": 1, "b": -1}}`, `{"a": 1}`, or `{"columns": "a,b"}`.
fn names(node: &Node) -> Vec<(String, bool)> {
    if let Some(columns) = node.get("columns") {
        let columns = text(Some(columns));
        let names = columns
            .split([',', '\n'])
            .map(|name| name.trim().to_owned());
        return names.map(|name| (name, false)).collect();
    }
    match &node.get("keys").unwrap_or(node).value {
        Value::Object(keys) => keys
            .iter()
            .map(|key| (key.key.clone(), key.node.to_json().as_i64() == Some(-1)))
            .collect(),
        _ => Vec::new(),
    }
}

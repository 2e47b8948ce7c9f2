//! `${NAME}` in LoopBack's files (contract *boot.md* §5).

use serde_json::{Map, Value as Json};

use super::environment::Environment;
use super::problem::Problems;
use super::source::{Member, Node, Place, Value};

/// What `${NAME}` stands for: a variable of the environment, or else a key of `config.json`.
pub(super) struct Variables<'a> {
    pub environment: &'a Environment,
    pub settings: &'a Map<String, Json>,
}

impl Variables<'_> {
    /// `node` with what its variables stand for; nothing if that is nothing, which is reported.
    ///
    /// LoopBack forgets what stands before the last variable of a text (ruling: it is kept).
    pub fn substitute(&self, node: &Node, problems: &mut Problems) -> Option<Node> {
        let place = node.place.clone();
        let value = match &node.value {
            Value::Scalar(Json::String(text)) => {
                return Some(match self.text(text, &node.place, problems)? {
                    Json::String(text) => Node {
                        place,
                        value: Value::Scalar(text.into()),
                    },
                    json => Node::of(json, &place),
                });
            }
            Value::Scalar(json) => Value::Scalar(json.clone()),
            Value::List(items) => {
                let items = items.iter();
                Value::List(
                    items
                        .filter_map(|item| self.substitute(item, problems))
                        .collect(),
                )
            }
            Value::Object(members) => {
                let members = members.iter().filter_map(|member| {
                    Some(Member {
                        key: member.key.clone(),
                        place: member.place.clone(),
                        node: self.substitute(&member.node, problems)?,
                    })
                });
                Value::Object(members.collect())
            }
        };
        Some(Node { place, value })
    }

    fn text(&self, text: &str, place: &Place, problems: &mut Problems) -> Option<Json> {
        let mut whole = String::new();
        let mut rest = text;
        while let Some((before, name, after)) = variable(rest) {
            let Some(value) = self.value(name) else {
                problems.note(
                    place,
                    format!(
                        "${{{name}}} does not resolve to a valid value, returned as undefined. \"{name}\" must be \
                         resolvable in Environment variable or by app.get()."
                    ),
                );
                return None;
            };
            if before.is_empty() && after.is_empty() && whole.is_empty() {
                return Some(value);
            }
            whole += before;
            match value {
                Json::String(value) => whole += &value,
                Json::Number(_) | Json::Bool(_) => whole += &value.to_string(),
                _ => {
                    problems.mistake(
                        place,
                        format!(
                            "`{name}` is neither a text nor a number, and can't stand within a text"
                        ),
                    );
                    return None;
                }
            }
            rest = after;
        }
        whole += rest;
        Some(whole.into())
    }

    fn value(&self, name: &str) -> Option<Json> {
        let variable = self.environment.get(name).map(Json::from);
        variable.or_else(|| self.settings.get(name).cloned())
    }
}

/// The first variable of a text, with what stands before and after it. Its name is one of letters, digits and `_`.
fn variable(text: &str) -> Option<(&str, &str, &str)> {
    let begins = text.match_indices("${");
    let mut found = begins.filter_map(|(start, _)| {
        let (name, after) = text[start + 2..].split_once('}')?;
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let named = !name.is_empty() && name.bytes().all(is_name);
        named.then_some((&text[..start], name, after))
    });
    found.next()
}

//! JSON with the place of each value.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use jsonc_parser::ast::{self, ObjectPropName};
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use serde_json::Value as Json;

use super::problem::Problems;

/// The longest file that is read: far beyond what people write.
const LONGEST: u64 = 1024 * 1024;

/// Where something stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    file: Arc<str>,
    line: usize,
    column: usize,
}

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub place: Place,
    pub value: Value,
}

/// A JSON value whose parts know where they stand.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    /// Neither a list nor an object.
    Scalar(Json),
    List(Vec<Node>),
    Object(Vec<Member>),
}

/// A key and its value.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub key: String,
    /// Where the key stands.
    pub place: Place,
    pub node: Node,
}

impl Place {
    /// The beginning of a file.
    pub fn start(file: &Path) -> Self {
        Place {
            file: file.display().to_string().into(),
            line: 1,
            column: 1,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

impl Node {
    /// The value in the file at `path`; what can't be read is reported.
    pub fn read(path: &Path, problems: &mut Problems) -> Option<Self> {
        let start = Place::start(path);
        let text = match std::fs::metadata(path) {
            Ok(metadata) if metadata.len() > LONGEST => {
                problems.mistake(
                    &start,
                    format!("the file is longer than {LONGEST} bytes; divide it"),
                );
                return None;
            }
            _ => std::fs::read_to_string(path),
        };
        match text {
            Ok(text) => Node::parse(&start.file, &text, problems),
            Err(error) => {
                problems.mistake(&start, format!("the file can't be read: {error}"));
                None
            }
        }
    }

    /// The value in `text`, which is the content of `file`.
    pub fn parse(file: &Arc<str>, text: &str, problems: &mut Problems) -> Option<Self> {
        // A byte order mark is no part of the text.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let strict = ParseOptions {
            allow_comments: false,
            allow_loose_object_property_names: false,
            allow_trailing_commas: false,
            allow_missing_commas: false,
            allow_single_quoted_strings: false,
            allow_hexadecimal_numbers: false,
            allow_unary_plus_numbers: false,
            allow_bare_decimal_point_numbers: false,
            allow_non_finite_numbers: false,
            allow_extended_string_escapes: false,
        };
        let mut reader = Reader {
            file,
            lines: line_starts(text),
            text,
            problems,
        };
        match parse_to_ast(text, &CollectOptions::default(), &strict) {
            Ok(parsed) => match parsed.value {
                Some(value) => Some(reader.node(value)),
                None => {
                    let place = reader.place(0);
                    problems.mistake(&place, "the file is empty; write an object: `{}`");
                    None
                }
            },
            Err(error) => {
                let place = reader.place(error.range().start);
                problems.mistake(&place, format!("this is no JSON: {}", error.kind()));
                None
            }
        }
    }

    /// `json` as if it stood at `place`.
    pub fn of(json: Json, place: &Place) -> Self {
        let value = match json {
            Json::Array(items) => {
                let items = items.into_iter();
                Value::List(items.map(|item| Node::of(item, place)).collect())
            }
            Json::Object(members) => {
                let members = members.into_iter().map(|(key, json)| Member {
                    key,
                    place: place.clone(),
                    node: Node::of(json, place),
                });
                Value::Object(members.collect())
            }
            scalar => Value::Scalar(scalar),
        };
        Node {
            place: place.clone(),
            value,
        }
    }

    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar(Json::String(text)) => Some(text),
            _ => None,
        }
    }

    pub fn as_bool(&self) -> Option<bool> {
        match &self.value {
            Value::Scalar(Json::Bool(flag)) => Some(*flag),
            _ => None,
        }
    }

    pub fn is_null(&self) -> bool {
        matches!(self.value, Value::Scalar(Json::Null))
    }

    /// What JavaScript takes for true.
    pub fn is_truthy(&self) -> bool {
        match &self.value {
            Value::Scalar(Json::Null) => false,
            Value::Scalar(Json::Bool(flag)) => *flag,
            Value::Scalar(Json::String(text)) => !text.is_empty(),
            Value::Scalar(number) => number.as_f64() != Some(0.0),
            _ => true,
        }
    }

    /// Is there nothing in it: null, `""`, `[]` or `{}`?
    pub fn is_empty(&self) -> bool {
        match &self.value {
            Value::Scalar(json) => json.is_null() || json == "",
            Value::List(items) => items.is_empty(),
            Value::Object(members) => members.is_empty(),
        }
    }

    /// The members of an object; of anything else, which is reported, none.
    pub fn members(&self, what: &str, problems: &mut Problems) -> &[Member] {
        match &self.value {
            Value::Object(members) => members,
            // Generators wrote an empty list where an object belongs.
            Value::List(items) if items.is_empty() => &[],
            _ => {
                problems.mistake(&self.place, format!("{what} is an object; write `{{…}}`"));
                &[]
            }
        }
    }

    /// The items of a list; a single value counts as a list of one.
    pub fn items(&self) -> &[Node] {
        match &self.value {
            Value::List(items) => items,
            _ => std::slice::from_ref(self),
        }
    }

    /// The value of the member called `key`.
    pub fn get(&self, key: &str) -> Option<&Node> {
        match &self.value {
            Value::Object(members) => members
                .iter()
                .find(|member| member.key == key)
                .map(|member| &member.node),
            _ => None,
        }
    }

    /// The value without its places.
    pub fn to_json(&self) -> Json {
        match &self.value {
            Value::Scalar(json) => json.clone(),
            Value::List(items) => items.iter().map(Node::to_json).collect(),
            Value::Object(members) => Json::Object(
                members
                    .iter()
                    .map(|member| (member.key.clone(), member.node.to_json()))
                    .collect(),
            ),
        }
    }
}

/// From the parser's tree to ours, which owns its parts.
struct Reader<'a> {
    file: &'a Arc<str>,
    text: &'a str,
    lines: Vec<usize>,
    problems: &'a mut Problems,
}

impl Reader<'_> {
    // The parser has bounded the depth.
    fn node(&mut self, value: ast::Value<'_>) -> Node {
        let place = self.place(value.range().start);
        let value = match value {
            ast::Value::NullKeyword(_) => Value::Scalar(Json::Null),
            ast::Value::BooleanLit(flag) => Value::Scalar(flag.value.into()),
            ast::Value::StringLit(text) => Value::Scalar(text.value.into_owned().into()),
            ast::Value::NumberLit(number) => {
                Value::Scalar(serde_json::from_str(number.value).unwrap_or_else(|_| {
                    self.problems
                        // It may be a password.
                        .mistake(&place, "this is no number; JSON has none so large or small");
                    Json::Null
                }))
            }
            ast::Value::Array(list) => Value::List(
                list.elements
                    .into_iter()
                    .map(|item| self.node(item))
                    .collect(),
            ),
            ast::Value::Object(object) => {
                let mut members: Vec<Member> = Vec::new();
                for property in object.properties {
                    let place = self.place(property.range.start);
                    let key = match property.name {
                        ObjectPropName::String(text) => text.value.into_owned(),
                        ObjectPropName::Word(word) => word.value.to_owned(),
                    };
                    let node = self.node(property.value);
                    if members.iter().any(|member| member.key == key) {
                        self.problems.mistake(
                            &place,
                            format!("the key `{key}` stands here twice; remove one"),
                        );
                    } else {
                        members.push(Member { key, place, node });
                    }
                }
                Value::Object(members)
            }
        };
        Node { place, value }
    }

    fn place(&self, offset: usize) -> Place {
        let line = self.lines.partition_point(|start| *start <= offset).max(1);
        let start = self.lines.get(line - 1).copied().unwrap_or(0);
        let before = self.text.get(start..offset).unwrap_or_default();
        Place {
            file: self.file.clone(),
            line,
            column: before.chars().count() + 1,
        }
    }
}

fn line_starts(text: &str) -> Vec<usize> {
    let ends = text.match_indices('\n').map(|(at, _)| at + 1);
    std::iter::once(0).chain(ends).collect()
}

//! `middleware.json`: what each request passes, in which order (contract *middleware.md* §2, §4).

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value as Json;

use super::folder::joined;
use super::merge::merge as merge_values;
use super::problem::Problems;
use super::source::{Member, Node, Place, Value};
use super::substitution::Variables;
use crate::phase::{BUILT_IN, Part, PhaseList, Place as Phase};

/// One entry of `middleware.json`.
#[derive(Debug, Clone)]
pub(crate) struct Middleware {
    pub phase: String,
    pub part: Part,
    /// LoopBack's name for the module: `cors`, `loopback#rest`, `./middleware/log`.
    pub id: String,
    /// The arguments of its factory: a list is several of them.
    pub params: Option<Node>,
    /// The paths below which it is passed; all of them, if there are none.
    pub paths: Vec<String>,
    /// The HTTP methods that pass it, in capitals; all of them, if there are none.
    pub methods: Vec<String>,
    pub enabled: bool,
    /// May it be missing?
    pub optional: bool,
    /// What tells entries of the same module apart.
    pub name: Option<String>,
    pub place: Place,
}

/// The entries in the order in which requests pass them, those that are not enabled too.
///
/// `server` is the folder that relative paths begin at.
pub(crate) fn middleware(
    root: &Node,
    server: &Path,
    variables: &Variables<'_>,
    problems: &mut Problems,
) -> Vec<Middleware> {
    let members = root.members("the list of phases", problems).to_vec();
    let mut found = Vec::new();
    let mut names: Vec<String> = Vec::new();
    for Member { key, place, node } in &members {
        let Some(Phase { name, part }) = Phase::parse(key) else {
            problems.mistake(
                place,
                format!("Unknown middleware phase {key}; a phase ends in `:before`, in `:after` or in neither"),
            );
            continue;
        };
        if names.last().is_none_or(|last| last != name) {
            names.push(name.to_owned());
        }
        for module in node.members("a phase", problems) {
            for config in module.node.items() {
                // The place is that of the module's name, as people look for it.
                let config = variables.substitute(config, problems);
                let config = config.unwrap_or_else(|| Node::of(Json::Null, &module.place));
                let entry = Middleware {
                    phase: name.to_owned(),
                    part,
                    id: module.key.clone(),
                    params: config.get("params").map(|node| absolute(node, server)),
                    paths: texts(config.get("paths")),
                    methods: methods(&config),
                    enabled: config.get("enabled").and_then(Node::as_bool) != Some(false),
                    optional: config.get("optional").is_some_and(Node::is_truthy),
                    name: config.get("name").and_then(Node::as_str).map(str::to_owned),
                    place: module.place.clone(),
                };
                found.push(entry);
            }
        }
    }
    let phases = PhaseList::<()>::new(BUILT_IN);
    let phases = phases.and_then(|mut phases| {
        phases.merge(names.iter().cloned())?;
        Ok(phases)
    });
    let phases: Vec<_> = match &phases {
        Ok(phases) => phases.names().collect(),
        Err(conflict) => {
            problems.mistake(&root.place, conflict.to_string());
            names.iter().map(String::as_str).collect()
        }
    };
    let rank: BTreeMap<_, _> = phases.into_iter().zip(0..).collect();
    // Stable: those of one part of a phase stay in the order of the file.
    found.sort_by_key(|entry| (rank.get(entry.phase.as_str()).copied(), entry.part));
    found
}

/// Puts `over`, which is the file of an environment, over `base`.
pub(super) fn merge(base: &mut Node, over: Node, problems: &mut Problems) {
    let (Value::Object(phases), Value::Object(others)) = (&mut base.value, over.value) else {
        problems.mistake(&over.place, "the list of phases is an object; write `{…}`");
        return;
    };
    for other in others {
        let Some(phase) = phases.iter_mut().find(|phase| phase.key == other.key) else {
            problems.mistake(
                &other.place,
                format!(
                    "The phase \"{}\" is not defined in the main config.",
                    other.key
                ),
            );
            continue;
        };
        let (Value::Object(modules), Value::Object(overrides)) =
            (&mut phase.node.value, other.node.value)
        else {
            problems.mistake(&other.place, "a phase is an object; write `{…}`");
            continue;
        };
        for over in overrides {
            match modules.iter_mut().find(|module| module.key == over.key) {
                Some(module) => merge_module(&mut module.node, over.node, problems),
                None => problems.mistake(
                    &over.place,
                    // LoopBack writes it without the space.
                    format!(
                        "The middleware \"{}\" in phase \"{}\"is not defined in the main config.",
                        over.key, other.key
                    ),
                ),
            }
        }
    }
}

fn merge_module(base: &mut Node, over: Node, problems: &mut Problems) {
    match (&mut base.value, over.value) {
        (Value::List(entries), Value::List(others)) => {
            for other in others {
                merge_named(entries, other, problems);
            }
        }
        (Value::List(entries), value @ Value::Object(_)) => {
            let other = Node {
                place: over.place,
                value,
            };
            if !other.is_empty() {
                merge_named(entries, other, problems);
            }
        }
        (Value::Object(_), Value::List(others)) => {
            let first = std::mem::replace(base, Node::of(Json::Null, &over.place));
            let mut entries = Vec::new();
            entries.extend(Some(first).filter(|first| !first.is_empty()));
            for other in others {
                merge_named(&mut entries, other, problems);
            }
            base.value = Value::List(entries);
        }
        (_, value) => {
            let over = Node {
                place: over.place,
                value,
            };
            merge_values(base, over, problems);
        }
    }
}

/// Puts `other` over the entry of the same name, or behind all of them.
fn merge_named(entries: &mut Vec<Node>, other: Node, problems: &mut Problems) {
    let name = |node: &Node| node.get("name").and_then(Node::as_str).map(str::to_owned);
    let named = name(&other);
    let same = named.and_then(|named| {
        let mut entries = entries.iter();
        entries.position(|entry| name(entry).as_ref() == Some(&named))
    });
    match same {
        Some(index) => merge_values(&mut entries[index], other, problems),
        None => entries.push(other),
    }
}

/// The methods of an entry. A single text is none, as in LoopBack; `all` is every one.
fn methods(config: &Node) -> Vec<String> {
    let said = config.get("methods").or_else(|| config.get("verbs"));
    let Some(Node {
        value: Value::List(items),
        ..
    }) = said
    else {
        return Vec::new();
    };
    let methods = items.iter().filter_map(Node::as_str);
    let methods: Vec<_> = methods.map(str::to_uppercase).collect();
    match methods.iter().any(|method| method == "ALL") {
        true => Vec::new(),
        false => methods,
    }
}

fn texts(node: Option<&Node>) -> Vec<String> {
    let items = node.map(Node::items).unwrap_or_default();
    let texts = items.iter().filter_map(Node::as_str);
    texts.map(str::to_owned).collect()
}

/// The value with the paths in it that begin with `$!./` or `$!../`, as paths from the root.
fn absolute(node: &Node, server: &Path) -> Node {
    let value = match &node.value {
        Value::Scalar(Json::String(text)) => {
            let relative = text.strip_prefix("$!");
            let relative =
                relative.filter(|path| path.starts_with("./") || path.starts_with("../"));
            Value::Scalar(match relative {
                Some(path) => joined(server, path).display().to_string().into(),
                None => text.clone().into(),
            })
        }
        Value::Scalar(json) => Value::Scalar(json.clone()),
        Value::List(items) => {
            Value::List(items.iter().map(|item| absolute(item, server)).collect())
        }
        Value::Object(members) => {
            let members = members.iter().map(|member| Member {
                node: absolute(&member.node, server),
                ..member.clone()
            });
            Value::Object(members.collect())
        }
    };
    Node {
        place: node.place.clone(),
        value,
    }
}

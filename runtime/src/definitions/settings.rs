//! The keys of a definition, with what it has from its base (contract *models.md* §1.1, §1.3).

use super::built_in;
use super::folder::Folder;
use super::problem::Problems;
use super::source::{Member, Node, Place, Value};
use crate::model::ModelDef;

/// What the end of a chain of bases is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Root {
    Persisted,
    /// Without data of its own.
    Model,
    KeyValue,
    /// One of LoopBack's own models.
    BuiltIn(&'static ModelDef),
}

/// A definition's keys, those of its bases and those of `model-config.json` put together.
pub(super) struct Settings {
    pub members: Vec<Member>,
    pub root: Root,
}

/// What a model does not have from its base.
const OWN: [&str; 9] = [
    "name",
    "base",
    "plural",
    "http",
    "description",
    "mysql",
    "postgresql",
    "mongodb",
    "sqlite3",
];

impl Settings {
    /// Those of the model called `name`; `below` holds the models that have it as a base.
    pub fn read(
        name: &str,
        folder: &Folder,
        below: &mut Vec<String>,
        problems: &mut Problems,
    ) -> Option<Self> {
        let file = folder.definitions.get(name)?;
        let mut members = flat(&file.node, problems);
        below.push(name.to_owned());
        let base = file
            .node
            .get("base")
            .or_else(|| file.node.get("options")?.get("base"));
        let (base_name, place) = match base {
            Some(base) => (base.as_str().unwrap_or_default(), &base.place),
            None => ("PersistedModel", &file.node.place),
        };
        let root = match base_name {
            "PersistedModel" => Root::Persisted,
            "Model" => Root::Model,
            "KeyValueModel" => Root::KeyValue,
            other if below.iter().any(|name| name == other) => {
                problems.mistake(
                    place,
                    format!("the bases go in a circle: `{}` is its own base", other),
                );
                return None;
            }
            other if folder.definitions.contains_key(other) => {
                let base = Settings::read(other, folder, below, problems)?;
                members = inherit(members, base.members);
                base.root
            }
            other if built_in::NOT_YET.contains(&other) => {
                problems.missing(
                    place,
                    format!("the base `{other}` is not there yet, with its properties and methods"),
                );
                Root::Persisted
            }
            other => match built_in::named(other) {
                Some(def) => {
                    members = inherit(members, built_in::members(def, place));
                    Root::BuiltIn(def)
                }
                None => {
                    let bases = ["PersistedModel", "Model", "KeyValueModel", "User"];
                    let known: Vec<_> = bases
                        .into_iter()
                        .chain(folder.definitions.keys().map(String::as_str))
                        .collect();
                    problems.unknown(place, "base", other, &known);
                    return None;
                }
            },
        };
        Some(Settings { members, root })
    }

    /// Those of one of LoopBack's own models, which is named at `place`.
    pub fn built_in(def: &'static ModelDef, place: &Place) -> Self {
        Settings {
            members: built_in::members(def, place),
            root: Root::BuiltIn(def),
        }
    }

    /// The model of LoopBack's own that it extends, or is.
    pub fn base(&self) -> Option<&'static ModelDef> {
        match self.root {
            Root::BuiltIn(def) => Some(def),
            Root::Persisted | Root::Model | Root::KeyValue => None,
        }
    }

    /// Puts what `model-config.json` says of `model` over them.
    pub fn configure(&mut self, model: &str, config: &Node, problems: &mut Problems) {
        let known = [
            "dataSource",
            "public",
            "options",
            "relations",
            "acls",
            "methods",
        ];
        for member in config.members("what is said of a model", problems) {
            match member.key.as_str() {
                "dataSource" | "public" => {}
                "properties" | "base" | "plural" => unsupported(&member.place, problems),
                "options" => {
                    for option in member.node.members("`options`", problems) {
                        match option.key.as_str() {
                            "base" | "plural" => unsupported(&option.place, problems),
                            "super" | "relations" | "acls" | "dataSource" => problems.note(
                                &option.place,
                                format!(
                                    "Property `{}` cannot be reconfigured for `{model}`",
                                    option.key
                                ),
                            ),
                            _ => self.set(option.clone()),
                        }
                    }
                }
                "relations" | "methods" => self.add(member.clone()),
                "acls" => self.configure_rules(member, problems),
                other => problems.unknown(
                    &member.place,
                    "key of a model in `model-config.json`",
                    other,
                    &known,
                ),
            }
        }
    }

    /// Each rule of `config` goes over the first one about the same calls of the same callers, or behind all others (contract
    /// *access-control.md* §2.1).
    fn configure_rules(&mut self, config: &Member, problems: &mut Problems) {
        let Value::List(overrides) = &config.node.value else {
            problems.mistake(
                &config.node.place,
                "the access rules of a model are a list; write `[…]`",
            );
            return;
        };
        let known = self.members.iter_mut().find(|known| known.key == "acls");
        let Some(known) = known else {
            self.members.push(config.clone());
            return;
        };
        if !matches!(known.node.value, Value::List(_)) {
            // A single rule counts as a list of one.
            known.node.value = Value::List(vec![known.node.clone()]);
        }
        let Value::List(rules) = &mut known.node.value else {
            return;
        };
        for over in overrides {
            match rules.iter_mut().find(|rule| same_rule(rule, over)) {
                Some(rule) => rule.clone_from(over),
                None => rules.push(over.clone()),
            }
        }
    }

    pub fn get(&self, key: &str) -> Option<&Node> {
        let mut members = self.members.iter();
        members
            .find(|member| member.key == key)
            .map(|member| &member.node)
    }

    fn set(&mut self, member: Member) {
        self.members.retain(|known| known.key != member.key);
        self.members.push(member);
    }

    fn add(&mut self, member: Member) {
        match self
            .members
            .iter_mut()
            .find(|known| known.key == member.key)
        {
            Some(known) => known.node = union(member.node, known.node.clone()),
            None => self.members.push(member),
        }
    }
}

/// The keys with those of `options` over them.
fn flat(node: &Node, problems: &mut Problems) -> Vec<Member> {
    let mut members: Vec<Member> = node.members("a definition", problems).to_vec();
    if let Some(options) = node.get("options") {
        members.retain(|member| member.key != "options");
        for option in options.members("`options`", problems) {
            members.retain(|member| member.key != option.key);
            members.push(option.clone());
        }
    }
    members
}

fn inherit(mut own: Vec<Member>, base: Vec<Member>) -> Vec<Member> {
    for mut inherited in base {
        if OWN.contains(&inherited.key.as_str()) {
            continue;
        }
        let Some(member) = own.iter_mut().find(|member| member.key == inherited.key) else {
            own.push(inherited);
            continue;
        };
        if member.key == "properties" && declares_id(&member.node) {
            // A model with an id of its own has not its base's.
            if let Value::Object(members) = &mut inherited.node.value {
                members.retain(|member| !is_id(&member.node));
            }
        }
        let place = member.node.place.clone();
        let node = std::mem::replace(&mut member.node, nothing(&place));
        member.node = match member.key.as_str() {
            // Rules of the base stand first: of two about the same, `model-config.json` goes over that one.
            "acls" => union(inherited.node, node),
            _ => union(node, inherited.node),
        };
    }
    own
}

/// Two objects or lists together, `own` first; of anything else `own`.
fn union(own: Node, other: Node) -> Node {
    let value = match (own.value, other.value) {
        (Value::Object(mut members), Value::Object(others)) => {
            for other in others {
                if members.iter().all(|member| member.key != other.key) {
                    members.push(other);
                }
            }
            Value::Object(members)
        }
        (Value::List(mut items), Value::List(others)) => {
            items.extend(others);
            Value::List(items)
        }
        (own, _) => own,
    };
    Node {
        place: own.place,
        value,
    }
}

/// Reports what only LoopBack 1 has.
fn unsupported(place: &Place, problems: &mut Problems) {
    problems.mistake(
        place,
        "The data in model-config.json is in the unsupported 1.x format. Write this into the model's own file.",
    );
}

/// Do both decide about the same calls?
fn same_rule(left: &Node, right: &Node) -> bool {
    ["property", "accessType", "principalType", "principalId"]
        .iter()
        .all(|key| left.get(key).map(Node::to_json) == right.get(key).map(Node::to_json))
}

fn nothing(place: &Place) -> Node {
    Node {
        place: place.clone(),
        value: Value::Scalar(serde_json::Value::Null),
    }
}

fn declares_id(properties: &Node) -> bool {
    match &properties.value {
        Value::Object(members) => members.iter().any(|member| is_id(&member.node)),
        _ => false,
    }
}

fn is_id(property: &Node) -> bool {
    property.get("id").is_some_and(Node::is_truthy)
}

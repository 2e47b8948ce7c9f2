//! What single settings of a definition mean.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::built_in;
use super::definition::{Mixed, Scope};
use super::problem::Problems;
use super::property::Property;
use super::settings::Settings;
use super::source::{Member, Node, Place, Value};
use super::store::Store;
use crate::model::{ModelKind, Strict};

/// Methods that LoopBack has and does not serve unless told to, so that rules about them have no effect.
pub(super) const UNSHARED: [&str; 5] = [
    "destroyAll",
    "deleteAll",
    "remove",
    "findOrCreate",
    "bulkUpdate",
];

/// The mixins of a definition; those that nobody knows here are JavaScript.
pub(super) fn mixins(settings: &Settings, problems: &mut Problems) -> Vec<Mixed> {
    let Some(node) = settings.get("mixins") else {
        return Vec::new();
    };
    let mut mixins = Vec::new();
    for Member { key, place, node } in node.members("`mixins`", problems) {
        if !node.is_truthy() {
            continue;
        }
        let known = match key.replace(['-', '_'], "").to_lowercase().as_str() {
            "timestamp" | "timestamps" => Mixed::Timestamps,
            "softdelete" => Mixed::SoftDelete,
            _ => {
                problems.missing(
                    place,
                    format!("the mixin `{key}` is JavaScript; write it with `#[derive(Mixin)]`"),
                );
                continue;
            }
        };
        if !matches!(node.value, Value::Scalar(_)) && !node.is_empty() {
            problems.missing(
                place,
                format!("the options of the mixin `{key}` are not there yet"),
            );
        }
        if !mixins.contains(&known) {
            mixins.push(known);
        }
    }
    mixins
}

/// What becomes of undeclared properties (contract *models.md* §4). LoopBack keeps them unless it is told otherwise, and so
/// do data sources without tables; in a table there is no place for them, and LoopBack drops them too.
/// Neither is there within other models.
pub(super) fn strict(
    settings: &Settings,
    store: Store,
    (within, comes_along): (bool, bool),
    place: &Place,
    problems: &mut Problems,
) -> Strict {
    let Some(node) = settings.get("strict") else {
        // What comes along and is not served is told nothing that it does not declare.
        if comes_along {
            return Strict::Drop;
        }
        if within {
            problems.note(
                place,
                "what this model does not declare is dropped, since it is kept within other models; LoopBack keeps it",
            );
        }
        return if store.has_tables() || within {
            Strict::Drop
        } else {
            Strict::Keep
        };
    };
    match (node.as_bool(), node.as_str()) {
        (Some(true), _) => Strict::Drop,
        (_, Some("throw")) => Strict::Throw,
        (_, Some("validate")) => Strict::Validate,
        (Some(false), _) if within => {
            problems.missing(
                &node.place,
                "undeclared properties of what is kept within other models are not there yet; declare them",
            );
            Strict::Drop
        }
        (Some(false), _) if store.has_tables() => Strict::Drop,
        (Some(false), _) => Strict::Keep,
        _ => {
            problems.mistake(
                &node.place,
                "`strict` is `true`, `false`, `\"throw\"` or `\"validate\"`",
            );
            Strict::Drop
        }
    }
}

/// The methods that `remoting.sharedMethods` takes away (contract *models.md* §16): by their bare names, `*` for all others.
/// What the model says of a method or of `*` goes over what the application says, which `of_all` holds.
pub(super) fn disabled(
    settings: &Settings,
    of_all: &[Member],
    problems: &mut Problems,
) -> Vec<String> {
    let shared = settings
        .get("remoting")
        .and_then(|remoting| remoting.get("sharedMethods"));
    if shared.is_none() && of_all.is_empty() {
        return Vec::new();
    }
    let methods = ModelKind::Persisted.methods().iter();
    let methods = methods.map(|method| (method.name, method.aliases));
    let of_base = settings.base().map(|base| base.methods.remotes);
    let of_base = of_base.unwrap_or_default().iter();
    let methods: Vec<(_, &[&str])> = methods
        .chain(of_base.map(|method| (method.name, &[][..])))
        .collect();
    let mut all = true;
    let mut said = BTreeMap::new();
    let known_by = |key: &str| {
        let known = methods
            .iter()
            .find(|(name, aliases)| *name == key || aliases.contains(&key));
        known.map(|(name, _)| *name)
    };
    for member in of_all {
        let Some(served) = member.node.as_bool() else {
            continue;
        };
        if member.key == "*" {
            all = served;
        } else if let Some(name) = known_by(&member.key) {
            // A model may lack what others have.
            said.insert(name, served);
        }
    }
    let shared = shared.map(|shared| shared.members("`sharedMethods`", problems).to_vec());
    for member in shared.unwrap_or_default() {
        let Some(served) = member.node.as_bool() else {
            problems.mistake(
                &member.place,
                "a method is shared or not; write `true` or `false`",
            );
            continue;
        };
        if member.key == "*" {
            all = served;
            continue;
        }
        let key = member.key.as_str();
        match known_by(key) {
            Some(name) => drop(said.insert(name, served)),
            // What only LoopBack has, or JavaScript, is not served anyway.
            None if !served || UNSHARED.contains(&key) => {}
            None => {
                let known: Vec<_> = methods.iter().map(|(name, _)| *name).collect();
                problems.unknown(&member.place, "method", key, &known);
            }
        }
    }
    let names = methods.iter().map(|(name, _)| *name);
    let disabled = names.filter(|name| !said.get(name).copied().unwrap_or(all));
    disabled.map(str::to_owned).collect()
}

pub(super) fn path(name: &str, settings: &Settings, problems: &mut Problems) -> String {
    let given = settings.get("http").and_then(|http| http.get("path"));
    let given = given.or(settings.get("plural"));
    let path = given
        .and_then(Node::as_str)
        .map(|path| path.trim_matches('/').to_owned());
    let path = path.filter(|path| !path.is_empty());
    let path = path.unwrap_or_else(|| loopwright_plural::plural(name));
    if path.contains(['{', '}', '?', '#', ' ', '\\', ':', '*']) || path.contains("..") {
        let place = given.map_or_else(
            || Place::start(std::path::Path::new(name)),
            |node| node.place.clone(),
        );
        problems.mistake(
            &place,
            format!("`{path}` can't be a path; use letters, digits, `-`, `_` and `/`"),
        );
    }
    path
}

pub(super) fn table(name: &str, settings: &Settings, store: Store) -> String {
    let own = store.keys().iter().find_map(|key| settings.get(key));
    let names = ["table", "tableName", "collection"];
    let given = own.and_then(|own| names.iter().find_map(|name| own.get(name)?.as_str()));
    let given = given.or_else(|| settings.get("tableName")?.as_str());
    given.map_or_else(|| store.name(name), str::to_owned)
}

pub(super) fn properties(
    settings: &Settings,
    store: Store,
    models: &[&str],
    place: &Place,
    problems: &mut Problems,
) -> Vec<Property> {
    let members = members(settings, "properties", problems);
    // What a base has is taken away by null or false.
    let (kept, removed): (Vec<_>, Vec<_>) =
        members.iter().partition(|member| member.node.is_truthy());
    let own = kept.into_iter();
    let own = own.filter_map(|member| Property::read(member, store, models, problems));
    let own = own.collect();
    let Some(base) = settings.base() else {
        return own;
    };
    for member in removed {
        if base.property_index(&member.key).is_some() {
            problems.missing(
                &member.place,
                format!(
                    "`{}` can't be without the property `{}` yet; leave it, and give it no value",
                    base.name, member.key
                ),
            );
        }
    }
    built_in::properties(base, own, place, store, problems)
}

/// The status of a refusal for who is logged in (contract *access-control.md* §11).
pub(super) fn acl_error_status(settings: &Settings, problems: &mut Problems) -> Option<u16> {
    let node = settings
        .get("aclErrorStatus")
        .filter(|node| node.is_truthy())?;
    let given = match node.to_json() {
        Json::String(text) => text,
        json => json.to_string(),
    };
    match given.as_str() {
        "401" => Some(401),
        "403" => Some(403),
        "404" => Some(404),
        _ => {
            problems.mistake(
                &node.place,
                format!("{given} is no status of a refusal; write 401, 403 or 404"),
            );
            None
        }
    }
}

pub(super) fn scopes(settings: &Settings, problems: &mut Problems) -> Vec<Scope> {
    let mut scopes = Vec::new();
    if let Some(node) = settings.get("scope").filter(|scope| !scope.is_empty()) {
        scopes.push(Scope {
            name: "default".to_owned(),
            place: node.place.clone(),
            default: true,
            filter: node.to_json(),
        });
    }
    for Member { key, place, node } in members(settings, "scopes", problems) {
        scopes.push(Scope {
            name: key,
            place,
            default: false,
            filter: node.to_json(),
        });
    }
    scopes
}

pub(super) fn methods(settings: &Settings, problems: &mut Problems) -> Vec<String> {
    let mut methods = Vec::new();
    for Member { key, place, node } in members(settings, "methods", problems) {
        let accepts = node.get("accepts").map(Node::items).unwrap_or_default();
        let arguments = accepts
            .iter()
            .filter_map(|argument| argument.get("arg")?.as_str());
        let arguments = arguments.collect::<Vec<_>>().join(", ");
        problems.note(
            &place,
            format!(
                "the method `{key}({arguments})` is JavaScript, and not served; write it in Rust"
            ),
        );
        methods.push(key);
    }
    methods
}

pub(super) fn members(settings: &Settings, key: &str, problems: &mut Problems) -> Vec<Member> {
    settings
        .get(key)
        .map(|node| node.members(&format!("`{key}`"), problems).to_vec())
        .unwrap_or_default()
}

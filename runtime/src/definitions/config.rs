//! `config.json`: the settings of an application (contract *boot.md* §4, *remoting.md* §8).

use serde_json::{Map, Value as Json, json};

use super::environment::Environment;
use super::layer::{Layer, Setting};
use super::problem::{Problems, nearest};
use super::size::size;
use super::source::{Member, Node, Place, Value};

/// Where LoopBack looks for the address before `HOST` and `PORT`.
const BEFORE: [[&str; 3]; 2] = [
    ["npm_config_host", "OPENSHIFT_SLS_IP", "OPENSHIFT_NODEJS_IP"],
    [
        "npm_config_port",
        "OPENSHIFT_SLS_PORT",
        "OPENSHIFT_NODEJS_PORT",
    ],
];

/// What the configuration reads of the environment itself.
const OURS: [[&str; 2]; 2] = [["HOST", "LOOPWRIGHT_HOST"], ["PORT", "LOOPWRIGHT_PORT"]];

/// Where it looks after that, before it looks into the file.
const AFTER: [&str; 2] = ["VCAP_APP_HOST", "VCAP_APP_PORT"];

/// Where it looks when the file says nothing.
const LAST: [&str; 2] = ["npm_package_config_host", "npm_package_config_port"];

/// The keys of `remoting`.
const REMOTING: [&str; 7] = [
    "context",
    "rest",
    "json",
    "urlencoded",
    "cors",
    "errorHandler",
    "sharedMethods",
];

/// Reads the file, of which `root` is the value; nothing if there is none.
pub(super) fn read(root: Option<&Node>, layer: &mut Layer, problems: &mut Problems) {
    let Some(root) = root else {
        return;
    };
    for Member { key, place, node } in root.members("the configuration", problems) {
        // LoopBack takes what is null for unsaid.
        if node.is_null() {
            continue;
        }
        match key.as_str() {
            "restApiRoot" => match node.as_str() {
                Some(path) if path.starts_with('/') => {
                    layer.set(&node.place, "rest_api_root", path);
                }
                Some(_) => {
                    problems.mistake(&node.place, "app.restApiRoot must start with \"/\"");
                }
                None => problems.mistake(&node.place, "app.restApiRoot must be a string"),
            },
            "host" => match node.as_str() {
                Some(host) => layer.set(&node.place, "host", host),
                None => problems.mistake(&node.place, "app.host must be a string"),
            },
            "port" => match port(node) {
                Some(port) => layer.set(&node.place, "port", port),
                None => problems.mistake(
                    &node.place,
                    "app.port must be a string or number; write one from 0 to 65535",
                ),
            },
            "remoting" => remoting(node, layer, problems),
            "aclErrorStatus" => match status(node) {
                Some(status) => layer.set(&node.place, "auth.acl_error_status", status),
                None => problems.mistake(
                    &node.place,
                    "this is no status of a refusal; write 401, 403 or 404",
                ),
            },
            "logoutSessionsOnSensitiveChanges" => layer.set(
                &node.place,
                "users.logout_on_sensitive_changes",
                node.is_truthy(),
            ),
            "legacyExplorer" if node.is_truthy() => problems.missing(
                place,
                "the routes `/routes` and `/models` of LoopBack's old explorer are not there yet; write `false`",
            ),
            "legacyExplorer" => {}
            "apiInfo" => api_info(node, layer),
            _ => drop(layer.own.insert(key.clone(), node.to_json())),
        }
    }
    if root.get("host").is_none_or(Node::is_null) {
        problems.note(
            &root.place,
            "nothing says where to listen: LoopBack listens on every address then, and loopwright on 127.0.0.1, which is \
             reached from this machine alone; write `\"host\": \"0.0.0.0\"` for every address",
        );
    }
}

/// What the environment says of the address, and in what order, by LoopBack's rules. `place` is that of the file.
pub(super) fn address(
    environment: &Environment,
    place: &Place,
    layer: &mut Layer,
    problems: &mut Problems,
) {
    for (index, key) in ["host", "port"].into_iter().enumerate() {
        let before = environment.first(&BEFORE[index]);
        let ours = environment.first(&OURS[index]);
        let after = environment.first(&[AFTER[index]]);
        // `HOST` and `PORT` are there already.
        let over = before.or(after.filter(|_| ours.is_none()));
        let said = layer.settings.iter().any(|setting| setting.key == key);
        let below = environment.first(&[LAST[index]]).filter(|_| !said);
        for (found, is_over) in [(over, true), (below, false)] {
            let Some((name, value)) = found else {
                continue;
            };
            let value = match key {
                "host" => Some(value.into()),
                _ => value.trim().parse::<u16>().ok().map(Json::from),
            };
            let Some(value) = value else {
                problems.mistake(
                    place,
                    format!("the variable `{name}` of the environment is no port; set it to one from 0 to 65535"),
                );
                continue;
            };
            let setting = Setting {
                place: place.clone(),
                key,
                value,
            };
            match is_over {
                true => layer.address.push(setting),
                false => layer.settings.push(setting),
            }
        }
    }
}

/// What `app.get()` knows: the keys of the file, and those that every application has.
pub(super) fn known(root: Option<&Node>, environment: &Environment) -> Map<String, Json> {
    let mut known = Map::new();
    known.insert("restApiRoot".to_owned(), "/api".into());
    known.insert("env".to_owned(), environment.name().into());
    if let Some(Json::Object(members)) = root.map(Node::to_json) {
        let said = members.into_iter().filter(|(_, value)| !value.is_null());
        known.extend(said);
    }
    known
}

/// The methods that `remoting.sharedMethods` speaks of, for all models.
pub(super) fn shared_methods(root: Option<&Node>) -> Vec<Member> {
    let shared = root.and_then(|root| root.get("remoting")?.get("sharedMethods"));
    match shared.map(|shared| &shared.value) {
        Some(Value::Object(members)) => {
            let members = members.iter();
            let members = members.filter(|member| member.node.as_bool().is_some());
            members.cloned().collect()
        }
        _ => Vec::new(),
    }
}

/// The title and the version of the document, which the explorer may say too.
pub(super) fn api_info(node: &Node, layer: &mut Layer) {
    for key in ["title", "version"] {
        if let Some(text) = node.get(key)
            && let Some(said) = text.as_str()
        {
            layer.set(&text.place, key, said);
        }
    }
}

fn remoting(node: &Node, layer: &mut Layer, problems: &mut Problems) {
    let mut limits = Vec::new();
    for Member { key, place, node } in node.members("`remoting`", problems) {
        match key.as_str() {
            // What is known of a request comes along with it, whatever this says.
            "context" => {}
            "rest" => rest(node, layer, problems),
            "json" | "urlencoded" => limits.extend(limit(node, problems)),
            "cors" => {
                if let Some(said) = cors(node, problems) {
                    layer.set(&node.place, "middleware.cors", said);
                }
            }
            "errorHandler" => {
                let hidden = node.get("disableStackTrace");
                if let Some(hidden) = hidden.filter(|hidden| hidden.is_truthy()) {
                    layer.set(&hidden.place, "debug", false);
                }
            }
            "sharedMethods" => {
                for member in node.members("`sharedMethods`", problems) {
                    if member.node.as_bool().is_none() {
                        let kind = kind(&member.node);
                        problems
                            .mistake(&member.node.place, format!("Expected boolean, got {kind}"));
                    }
                }
            }
            other => {
                let hint = match nearest(other, REMOTING.into_iter()) {
                    Some(near) => format!("; did you mean `{near}`?"),
                    None => "; remove it".to_owned(),
                };
                problems.missing(
                    place,
                    format!("the key `{other}` of `remoting` means nothing here{hint}"),
                );
            }
        }
    }
    // There is one limit for bodies of every kind: what either lets in, it does.
    let largest = limits.into_iter().max_by_key(|(_, bytes)| *bytes);
    if let Some((place, bytes)) = largest {
        layer.set(&place, "body_limit", bytes);
    }
}

fn rest(node: &Node, layer: &mut Layer, problems: &mut Problems) {
    for Member { key, place, node } in node.members("`rest`", problems) {
        match key.as_str() {
            "xml" => layer.set(&node.place, "rest.xml", node.is_truthy()),
            // An error has all that either of LoopBack's forms has; how paths are read has no effect on models in LoopBack.
            "normalizeHttpPath" => {}
            "handleErrors" => layer.passes_errors_on = !node.is_truthy(),
            "handleUnknownPaths" if node.is_truthy() => {}
            other => problems.missing(
                place,
                format!("`remoting.rest.{other}` is not there yet; remove it"),
            ),
        }
    }
}

/// The `limit` of what parses bodies.
pub(super) fn limit(node: &Node, problems: &mut Problems) -> Option<(Place, u64)> {
    let limit = node.get("limit")?;
    let bytes = match &limit.value {
        Value::Scalar(Json::Number(bytes)) => bytes.as_u64(),
        Value::Scalar(Json::String(text)) => size(text),
        _ => None,
    };
    if bytes.is_none() {
        problems.mistake(
            &limit.place,
            "this is no size; write a number of bytes, or a text such as \"100kb\"",
        );
    }
    Some((limit.place.clone(), bytes?))
}

/// What the package `cors` is told (contract *middleware.md* §5.8).
pub(super) fn cors(node: &Node, problems: &mut Problems) -> Option<Json> {
    if !node.is_truthy() {
        return None;
    }
    // `true` is what LoopBack does unless it is told otherwise.
    let mut cors = match node.as_bool() {
        Some(true) => json!({"origins": ["*"], "credentials": true}),
        _ => json!({"origins": ["*"]}),
    };
    if node.as_bool().is_none() {
        for Member { key, place, node } in node.members("`cors`", problems) {
            match key.as_str() {
                "origin" => match &node.value {
                    Value::Scalar(Json::Bool(false)) => return None,
                    Value::Scalar(Json::Bool(true)) => {}
                    Value::Scalar(Json::String(origin)) => cors["origins"] = json!([origin]),
                    Value::List(items) if items.iter().all(|item| item.as_str().is_some()) => {
                        cors["origins"] = node.to_json();
                    }
                    _ => problems.mistake(
                        &node.place,
                        "an origin is a text such as \"https://shop.example\", a list of them, or `true` for every one",
                    ),
                },
                "credentials" => cors["credentials"] = node.is_truthy().into(),
                "maxAge" => match seconds(node) {
                    Some(seconds) => cors["max_age"] = format!("{seconds}s").into(),
                    None => problems.mistake(&node.place, "`maxAge` is a whole number of seconds"),
                },
                other => problems.missing(
                    place,
                    format!("the option `{other}` of `cors` is not there yet; remove it"),
                ),
            }
        }
    }
    Some(cors)
}

/// A whole number, which may be written as a text.
pub(super) fn seconds(node: &Node) -> Option<u64> {
    match &node.value {
        Value::Scalar(Json::Number(number)) => number.as_u64(),
        Value::Scalar(Json::String(text)) => text.trim().parse().ok(),
        _ => None,
    }
}

pub(super) fn port(node: &Node) -> Option<u16> {
    seconds(node).and_then(|port| port.try_into().ok())
}

fn status(node: &Node) -> Option<u64> {
    seconds(node).filter(|status| [401, 403, 404].contains(status))
}

/// What JavaScript calls a value's type.
fn kind(node: &Node) -> &'static str {
    match &node.value {
        Value::Scalar(Json::String(_)) => "string",
        Value::Scalar(Json::Number(_)) => "number",
        _ => "object",
    }
}

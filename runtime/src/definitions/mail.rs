//! Data sources of the connector `mail`: how letters are sent (contract *connectors.md* §6).

use serde_json::{Value as Json, json};

use super::config::port;
use super::data_source_url::{Address, Url};
use super::problem::Problems;
use super::source::{Member, Node, Value};

/// The keys of a transport that is a server.
const KEYS: [&str; 14] = [
    "type",
    "alias",
    "host",
    "port",
    "secure",
    "auth",
    "tls",
    "requireTLS",
    "ignoreTLS",
    "from",
    "debug",
    "logger",
    "pool",
    "name",
];

/// The section `mail` of the configuration that says the same: by the first transport.
pub(super) fn section(node: &Node, problems: &mut Problems) -> Option<Json> {
    let transports = node.get("transports").or_else(|| node.get("transport"));
    let transports = transports.map(Node::items).unwrap_or_default();
    let Some((first, others)) = transports.split_first() else {
        problems.note(
            &node.place,
            "there is no transport for letters, and none are sent",
        );
        return None;
    };
    for other in others {
        problems.note(
            &other.place,
            "letters are sent by the first transport; this one is left alone",
        );
    }
    let kind = first.get("type").and_then(Node::as_str);
    match kind.unwrap_or("stub").to_lowercase().as_str() {
        // It delivers nothing.
        "stub" => Some(json!({"url": "memory:", "from": sender(first).unwrap_or_default()})),
        "smtp" => smtp(first, problems),
        _ => {
            let place = first.get("type").map_or(&first.place, |kind| &kind.place);
            problems.missing(
                place,
                "letters of this type of transport are not there yet; use `smtp`, or write the section `[mail]` of the \
                 configuration",
            );
            None
        }
    }
}

fn smtp(node: &Node, problems: &mut Problems) -> Option<Json> {
    for Member { key, place, node } in node.members("a transport", problems) {
        if !KEYS.contains(&key.as_str()) && node.is_truthy() {
            problems.missing(
                place,
                format!("`{key}` of a transport is not there yet; remove it"),
            );
        }
    }
    let text = |node: &Node, key: &str| node.get(key).and_then(Node::as_str).map(str::to_owned);
    let flag = |key: &str| node.get(key).is_some_and(Node::is_truthy);
    if let Some(tls) = node.get("tls")
        && let Value::Object(members) = &tls.value
    {
        for Member { key, place, .. } in members {
            problems.missing(
                place,
                format!("`{key}` of the encryption of letters is not there; remove it"),
            );
        }
    }
    let secure = flag("secure");
    let auth = node.get("auth");
    let address = Address {
        scheme: if secure { "smtps" } else { "smtp" },
        user: auth.and_then(|auth| text(auth, "user")),
        password: auth.and_then(|auth| text(auth, "pass")),
        host: text(node, "host").unwrap_or_else(|| "localhost".to_owned()),
        port: match node.get("port").filter(|port| !port.is_empty()) {
            Some(said) => match port(said) {
                Some(port) => port,
                None => {
                    problems.mistake(&said.place, "`port` is a number from 1 to 65535");
                    return None;
                }
            },
            None if secure => 465,
            None => 587,
        },
        database: None,
    };
    if !address.has_host() {
        let place = node.get("host").map_or(&node.place, |host| &host.place);
        problems.mistake(
            place,
            "this is no host; write a name or an address, and the port as `port`",
        );
        return None;
    }
    let Some(from) = sender(node) else {
        problems.note(
            &node.place,
            "nothing says who sends letters, and none are sent; add `\"from\": \"Shop <shop@example.com>\"` to the transport, \
             or write the section `[mail]` of the configuration",
        );
        return None;
    };
    let mut url = Url::of(&address);
    if !secure && !flag("ignoreTLS") {
        // Nodemailer encrypts where the server offers it.
        let tls = if flag("requireTLS") {
            "required"
        } else {
            "opportunistic"
        };
        url.option("tls", tls);
    }
    Some(json!({"url": url.into_text(), "from": from}))
}

/// Who sends: LoopBack has it in each letter, where it may be the account that sends it.
fn sender(node: &Node) -> Option<String> {
    let from = node.get("from").and_then(Node::as_str);
    let user = node.get("auth").and_then(|auth| auth.get("user")?.as_str());
    let user = user.filter(|user| user.contains('@'));
    from.or(user).map(str::to_owned)
}

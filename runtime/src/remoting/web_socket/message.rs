//! What a connection says and hears.

use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use crate::remoting::{ChangeEvent, MethodAnswer};
use crate::{Error, Result};

/// What a client says.
#[derive(Deserialize)]
#[serde(tag = "event", rename_all = "camelCase")]
pub(super) enum Message {
    Invoke(Box<Invoke>),
    Unsubscribe { id: Json },
}

/// A call.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Invoke {
    pub method_string: String,
    #[serde(default)]
    pub ctor_args: Option<Map<String, Json>>,
    #[serde(default)]
    pub args: Option<Map<String, Json>>,
    /// By which the client knows the answer.
    #[serde(default)]
    pub id: Json,
    #[serde(default)]
    pub access_token: Option<String>,
    #[serde(default)]
    pub if_match: Option<String>,
    #[serde(default)]
    pub last_event_id: Option<String>,
}

/// A message that is none.
pub(super) struct Misunderstood {
    pub error: Error,
    /// The id that it has.
    pub id: Json,
}

impl Message {
    pub fn parse(text: &str) -> std::result::Result<Self, Misunderstood> {
        let json: Json = serde_json::from_str(text).map_err(|error| Misunderstood {
            error: Error::new(400, error.to_string()).with_name("SyntaxError"),
            id: Json::Null,
        })?;
        let id = json.get("id").cloned().unwrap_or_default();
        serde_json::from_value(json).map_err(|error| Misunderstood {
            error: Error::new(400, format!("The message can't be understood: {error}"))
                .with_code("INVALID_MESSAGE"),
            id,
        })
    }
}

/// What a call has come to.
pub(super) fn result(
    id: &Json,
    method: Option<&str>,
    outcome: std::result::Result<MethodAnswer, Json>,
    types: Option<Json>,
) -> Json {
    let mut members = Map::new();
    let mut say = |name: &str, json: Json| drop(members.insert(name.to_owned(), json));
    say("event", "result".into());
    match outcome {
        Ok(answer) => {
            say("data", answer.data);
            let headers = answer.headers.iter();
            let headers = headers.filter_map(|(name, value)| {
                Some((name.as_str().to_owned(), value.to_str().ok()?.into()))
            });
            let headers: Map<_, _> = headers.collect();
            if !headers.is_empty() {
                say("headers", Json::Object(headers));
            }
        }
        Err(error) => say("err", error),
    }
    say("id", id.clone());
    if let Some(method) = method {
        say("methodString", method.into());
    }
    if let Some(types) = types {
        say("__types__", types);
    }
    Json::Object(members)
}

/// What is said of a change, if it is worth a message.
pub(super) fn change(id: &Json, event: ChangeEvent) -> Option<Json> {
    match event {
        ChangeEvent::Change {
            change,
            id: event_id,
        } => Some(json!({ "event": "data", "id": id, "data": change, "eventId": event_id })),
        ChangeEvent::Missed(error) => Some(json!({ "event": "error", "id": id, "err": error })),
        // A ping is one already.
        ChangeEvent::Alive => None,
        ChangeEvent::End => Some(end(id)),
    }
}

pub(super) fn end(id: &Json) -> Json {
    json!({ "event": "end", "id": id })
}

/// The id of what a client listens to.
///
/// # Errors
/// 400 for one that is neither a text nor a number.
pub(super) fn subscription_id(id: &Json) -> Result<String> {
    match id {
        Json::String(_) | Json::Number(_) => Ok(id.to_string()),
        _ => Err(Error::new(
            400,
            "Who listens to changes sends an id, a text or a number, by which each of them is known",
        )
        .with_code("ID_REQUIRED")),
    }
}

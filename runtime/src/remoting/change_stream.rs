//! Changes as server-sent events, or as lines of JSON (contract *rest.md* §8).

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use futures_util::{StreamExt as _, stream};
use serde_json::{Map, Value as Json, json};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, watch};

use crate::connectors::ChangeKind;
use crate::model::{ModelDef, RecordJson};
use crate::repository::{Change, ErasedRepository};

/// A stream that lasts until the caller leaves or the server shuts down.
pub(super) fn response(
    repository: &ErasedRepository,
    lines: bool,
    shutdown: watch::Receiver<bool>,
) -> Response {
    let def = repository.def();
    let wire = if lines { Wire::lines() } else { Wire::Events };
    // It tells the client that it will not miss anything from now on.
    let first = wire.first();
    let content_type = wire.content_type();
    let state = State::Open(repository.changes(), shutdown);
    let written = stream::unfold((state, wire), move |(state, wire)| async move {
        let (bytes, state) = next(def, state, &wire).await?;
        Some((Ok(bytes), (state, wire)))
    });
    let first = stream::once(async { Ok::<_, std::convert::Infallible>(first) });
    let mut response = Response::new(Body::from_stream(first.chain(written)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, content_type);
    headers.insert(
        header::CONTENT_ENCODING,
        HeaderValue::from_static("x-no-compression"),
    );
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("no-cache, no-transform"),
    );
    response
}

/// How changes are written.
enum Wire {
    Events,
    /// The one stream within many that Node's `mux-demux` reads.
    Lines {
        stream: String,
    },
}

impl Wire {
    fn lines() -> Self {
        let stream = uuid::Uuid::new_v4().simple().to_string();
        Wire::Lines { stream }
    }

    fn content_type(&self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Wire::Events => "text/event-stream",
            Wire::Lines { .. } => "application/json; boundary=NL",
        })
    }

    fn first(&self) -> Bytes {
        match self {
            Wire::Events => Bytes::from_static(b":ok\n\n"),
            Wire::Lines { .. } => {
                let readable = json!({ "opts": { "writable": false, "readable": true } });
                self.write("new", &readable)
            }
        }
    }

    fn write(&self, name: &str, data: &Json) -> Bytes {
        Bytes::from(match self {
            Wire::Events => format!("event: {name}\ndata: {data}\n\n"),
            Wire::Lines { stream } if data.is_null() => format!("{}\n", json!([stream, name])),
            Wire::Lines { stream } => format!("{}\n", json!([stream, name, data])),
        })
    }
}

enum State {
    Open(broadcast::Receiver<Change>, watch::Receiver<bool>),
    Ended,
}

async fn next(def: &'static ModelDef, state: State, wire: &Wire) -> Option<(Bytes, State)> {
    let State::Open(mut changes, mut shutdown) = state else {
        return None;
    };
    let written = tokio::select! {
        change = changes.recv() => match change {
            Ok(change) => wire.write("data", &to_json(def, &change)),
            Err(RecvError::Lagged(missed)) => {
                wire.write("error", &json!({ "message": format!("too slow: {missed} changes were missed") }))
            }
            Err(RecvError::Closed) => return Some((wire.write("end", &Json::Null), State::Ended)),
        },
        _ = shutdown.wait_for(|down| *down) => return Some((wire.write("end", &Json::Null), State::Ended)),
    };
    Some((written, State::Open(changes, shutdown)))
}

fn to_json(def: &'static ModelDef, change: &Change) -> Json {
    let mut json = Map::new();
    if let Some(target) = &change.target {
        json.insert("target".into(), target.to_json());
    }
    if let Some(condition) = &change.condition {
        json.insert("where".into(), condition.to_json(def));
    }
    if let Some(record) = &change.data {
        json.insert("data".into(), json!(RecordJson { def, record }));
    }
    let kind = match change.kind {
        ChangeKind::Create => "create",
        ChangeKind::Update => "update",
        ChangeKind::Remove => "remove",
    };
    json.insert("type".into(), kind.into());
    Json::Object(json)
}

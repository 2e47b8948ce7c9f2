//! Changes as server-sent events (contract *rest.md* §8).

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use futures_util::stream;
use serde_json::{Map, Value as Json, json};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, watch};

use crate::connectors::ChangeKind;
use crate::model::{ModelDef, RecordJson};
use crate::repository::{Change, ErasedRepository};

/// A stream that lasts until the caller leaves or the server shuts down.
pub(super) fn response(repository: &ErasedRepository, shutdown: watch::Receiver<bool>) -> Response {
    let def = repository.def();
    let state = State::Open(repository.changes(), shutdown);
    let events = stream::unfold(state, move |state| next(def, state));
    // The first line tells the client that it will not miss anything from now on.
    let events = stream::StreamExt::chain(
        stream::once(async { Ok(Bytes::from_static(b":ok\n\n")) }),
        events,
    );
    let mut response = Response::new(Body::from_stream(events));
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/event-stream"),
    );
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

enum State {
    Open(broadcast::Receiver<Change>, watch::Receiver<bool>),
    Ended,
}

async fn next(
    def: &'static ModelDef,
    state: State,
) -> Option<(Result<Bytes, std::convert::Infallible>, State)> {
    let State::Open(mut changes, mut shutdown) = state else {
        return None;
    };
    let event = tokio::select! {
        change = changes.recv() => match change {
            Ok(change) => event("data", &to_json(def, &change)),
            Err(RecvError::Lagged(missed)) => {
                event("error", &json!({ "message": format!("too slow: {missed} changes were missed") }))
            }
            Err(RecvError::Closed) => return Some((Ok(event("end", &Json::Null)), State::Ended)),
        },
        _ = shutdown.wait_for(|down| *down) => return Some((Ok(event("end", &Json::Null)), State::Ended)),
    };
    Some((Ok(event), State::Open(changes, shutdown)))
}

fn event(name: &str, data: &Json) -> Bytes {
    Bytes::from(format!("event: {name}\ndata: {data}\n\n"))
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

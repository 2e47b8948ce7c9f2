//! Changes as server-sent events, or as lines of JSON (contract *rest.md* §8).
//!
//! Beyond LoopBack, a stream heeds the `where` of its `options`, shows signs of life, and goes on where a client has left
//! it (`Last-Event-ID`). The id of a change follows its event in a block of its own, which clients of LoopBack pass over.

use std::pin::pin;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use futures_util::{StreamExt as _, stream};
use serde_json::{Value as Json, json};
use tokio::sync::watch;

use crate::model::ModelDef;
use crate::query::Condition;
use crate::repository::{Heard, Listener};

/// How often a stream shows that it is alive: what stands between may close a connection that is silent for a minute.
const HEARTBEAT: Duration = Duration::from_secs(20);

/// What says nothing but that the stream is alive. Lines have no word for it.
const HEARTBEAT_EVENT: &[u8] = b":\n\n";

/// The changes that a caller has asked for.
pub(super) struct Changes {
    pub def: &'static ModelDef,
    pub listener: Listener,
    /// Those of which instances.
    pub condition: Condition,
    /// Those that the caller may read.
    pub permitted: Condition,
    /// The properties that are not told.
    pub hidden: Vec<usize>,
}

/// A stream that lasts until the caller leaves or the server shuts down.
pub(super) fn response(
    changes: Box<Changes>,
    lines: bool,
    shutdown: watch::Receiver<bool>,
) -> Response {
    let wire = if lines { Wire::lines() } else { Wire::Events };
    // It tells the client that it will not miss anything from now on.
    let first = wire.first();
    let content_type = wire.content_type();
    let state = State::Open(changes, shutdown);
    let written = stream::unfold((state, wire), move |(state, wire)| async move {
        let (bytes, state) = next(state, &wire).await?;
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
                Bytes::from(self.write("new", &readable))
            }
        }
    }

    fn write(&self, name: &str, data: &Json) -> String {
        match self {
            Wire::Events => format!("event: {name}\ndata: {data}\n\n"),
            Wire::Lines { stream } if data.is_null() => format!("{}\n", json!([stream, name])),
            Wire::Lines { stream } => format!("{}\n", json!([stream, name, data])),
        }
    }

    /// From where a client goes on that has read so far.
    fn id(&self, id: &str) -> String {
        match self {
            Wire::Events => format!("id: {id}\n\n"),
            Wire::Lines { .. } => String::new(),
        }
    }
}

enum State {
    Open(Box<Changes>, watch::Receiver<bool>),
    Ended,
}

async fn next(state: State, wire: &Wire) -> Option<(Bytes, State)> {
    let State::Open(mut changes, mut shutdown) = state else {
        return None;
    };
    let end = || Some((Bytes::from(wire.write("end", &Json::Null)), State::Ended));
    // What the caller does not hear of is no sign of life.
    let mut silence = pin!(tokio::time::sleep(HEARTBEAT));
    let written = loop {
        let heard = tokio::select! {
            heard = changes.listener.next() => heard,
            _ = shutdown.wait_for(|down| *down) => return end(),
            () = &mut silence, if matches!(wire, Wire::Events) => break Bytes::from_static(HEARTBEAT_EVENT),
        };
        match heard {
            Some(Heard::Change(change, _))
                if !(change.concerns(&changes.condition)
                    && change.is_within(&changes.permitted)) => {}
            Some(Heard::Change(change, id)) => {
                let change = change.without(&changes.hidden);
                let mut written = wire.write("data", &change.to_json(changes.def));
                written.push_str(&wire.id(&id));
                break Bytes::from(written);
            }
            Some(Heard::Missed) => break Bytes::from(wire.write("error", &missed())),
            None => return end(),
        }
    };
    Some((written, State::Open(changes, shutdown)))
}

fn missed() -> Json {
    json!({
        "message": "some changes were missed; read the instances again",
        "code": "CHANGES_MISSED",
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::connectors::ChangeKind;
    use crate::model::{PropertyDef, Record, Value};
    use crate::repository::{Change, ChangeLog, Since};

    static CAR: ModelDef = ModelDef::new(
        "Car",
        "Cars",
        "car",
        &[PropertyDef::of::<i64>("id", "id").id()],
    );

    /// The stream of the changes that `condition` concerns.
    fn stream(
        log: &ChangeLog,
        condition: Condition,
    ) -> (watch::Sender<bool>, axum::body::BodyDataStream) {
        let changes = Changes {
            def: &CAR,
            listener: log.listen(Since::Now),
            condition,
            permitted: Condition::ALL,
            hidden: Vec::new(),
        };
        let (running, shutdown) = watch::channel(false);
        let response = response(Box::new(changes), false, shutdown);
        (running, response.into_body().into_data_stream())
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_stream_shows_that_it_is_alive() {
        let log = ChangeLog::new(&CAR, None);
        let (_running, mut stream) = stream(&log, Condition::ALL);
        for expected in [":ok\n\n", ":\n\n", ":\n\n"] {
            assert_eq!(stream.next().await.unwrap().unwrap(), expected);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn so_does_one_whose_caller_hears_of_nothing_that_happens() {
        let log = ChangeLog::new(&CAR, None);
        let (_running, mut stream) = stream(&log, Condition::NONE);
        assert_eq!(stream.next().await.unwrap().unwrap(), ":ok\n\n");
        let happens = async {
            loop {
                log.made(Change {
                    kind: ChangeKind::Create,
                    target: Some(Value::Integer(1)),
                    condition: None,
                    data: Some(Arc::new(Record::new(&CAR))),
                });
                tokio::time::sleep(HEARTBEAT / 3).await;
            }
        };
        tokio::select! {
            () = happens => {}
            written = stream.next() => assert_eq!(written.unwrap().unwrap(), ":\n\n"),
            () = tokio::time::sleep(2 * HEARTBEAT) => panic!("it is silent"),
        }
    }
}

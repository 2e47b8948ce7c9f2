//! Changes as events: server-sent, as lines of JSON (contract *rest.md* §8), or as another transport has them.
//!
//! Beyond LoopBack, a stream heeds the `where` of its `options`, shows signs of life, and goes on where a client has left
//! it (`Last-Event-ID`). The id of a change follows its event in a block of its own, which clients of LoopBack pass over.

use std::convert::Infallible;
use std::future::ready;
use std::pin::pin;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use futures_util::{Stream, StreamExt as _, stream};
use serde_json::{Value as Json, json};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::access::Caller;
use crate::model::ModelDef;
use crate::query::Condition;
use crate::repository::{Heard, Listener};

/// How often a stream shows that it is alive: what stands between may close a connection that is silent for a minute.
const HEARTBEAT: Duration = Duration::from_secs(20);

/// How often the token is looked at that a stream was opened with.
const SESSION_CHECK: Duration = Duration::from_secs(20);

/// The changes that a caller has asked for.
pub(super) struct Changes {
    pub def: &'static ModelDef,
    /// Who hears of them, for as long as the token is good that they came with.
    pub caller: Caller,
    pub listener: Listener,
    /// Those of which instances.
    pub condition: Condition,
    /// Those that the caller may read.
    pub permitted: Condition,
    /// The properties that are not told.
    pub hidden: Vec<usize>,
}

/// What a caller hears who has asked for the changes of a model.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ChangeEvent {
    /// Something has changed.
    Change {
        /// LoopBack's words for it: `{"type": "update", "target": 1, "data": {…}}`.
        change: Json,
        /// From where a client goes on that has heard so far.
        id: String,
    },
    /// Some changes were missed, as `code` and `message` say: what the caller knows is out of date.
    Missed(Json),
    /// Nothing has changed, and the stream is alive.
    Alive,
    /// Nothing follows: the server shuts down, or the caller's token has ended.
    End,
}

/// What is heard until the server shuts down, or the caller's token ends.
pub(super) fn events(
    changes: Box<Changes>,
    shutdown: watch::Receiver<bool>,
) -> impl Stream<Item = ChangeEvent> + Send {
    let session = Session {
        caller: changes.caller.clone(),
        checked: Instant::now(),
    };
    let state = State::Open(changes, session, shutdown);
    stream::unfold(state, next)
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
    let written = events(changes, shutdown).filter_map(move |event| ready(wire.event(event)));
    let bytes = stream::once(ready(first)).chain(written);
    let mut response = Response::new(Body::from_stream(bytes.map(Ok::<_, Infallible>)));
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

    /// What is written of an event, if this wire has words for it.
    fn event(&self, event: ChangeEvent) -> Option<Bytes> {
        let written = match (event, self) {
            (ChangeEvent::Change { change, id }, Wire::Events) => {
                let change = self.write("data", &change);
                format!("{change}id: {id}\n\n")
            }
            (ChangeEvent::Change { change, .. }, Wire::Lines { .. }) => self.write("data", &change),
            (ChangeEvent::Missed(error), _) => self.write("error", &error),
            (ChangeEvent::Alive, Wire::Events) => ":\n\n".to_owned(),
            (ChangeEvent::Alive, Wire::Lines { .. }) => return None,
            (ChangeEvent::End, _) => self.write("end", &Json::Null),
        };
        Some(Bytes::from(written))
    }

    fn write(&self, name: &str, data: &Json) -> String {
        match self {
            Wire::Events => format!("event: {name}\ndata: {data}\n\n"),
            Wire::Lines { stream } if data.is_null() => format!("{}\n", json!([stream, name])),
            Wire::Lines { stream } => format!("{}\n", json!([stream, name, data])),
        }
    }
}

enum State {
    Open(Box<Changes>, Session, watch::Receiver<bool>),
    Ended,
}

/// Who is told.
struct Session {
    caller: Caller,
    /// When it was found out last that the token is good.
    checked: Instant,
}

impl Session {
    /// Waits until it is time to look at the token again.
    async fn due(&self) {
        tokio::time::sleep_until(self.checked + SESSION_CHECK).await;
    }

    /// Is the token good no more, as far as it is time to ask?
    async fn has_ended(&mut self) -> bool {
        if self.checked.elapsed() < SESSION_CHECK {
            return false;
        }
        self.checked = Instant::now();
        // Where nobody can say it, it is over: the client opens the stream again, and is told why not.
        !self.caller.is_still_known().await.unwrap_or(false)
    }
}

async fn next(state: State) -> Option<(ChangeEvent, State)> {
    let State::Open(mut changes, mut session, mut shutdown) = state else {
        return None;
    };
    let end = Some((ChangeEvent::End, State::Ended));
    // What the caller does not hear of is no sign of life.
    let mut silence = pin!(tokio::time::sleep(HEARTBEAT));
    let event = loop {
        if session.has_ended().await {
            return end;
        }
        let heard = tokio::select! {
            () = session.due() => continue,
            heard = changes.listener.next() => heard,
            _ = shutdown.wait_for(|down| *down) => return end,
            () = &mut silence => break ChangeEvent::Alive,
        };
        match heard {
            Some(Heard::Change(change, _))
                if !(change.concerns(&changes.condition)
                    && change.is_within(&changes.permitted)) => {}
            Some(Heard::Change(change, id)) => {
                let change = change.without(&changes.hidden);
                let change = change.to_json(changes.def);
                break ChangeEvent::Change { change, id };
            }
            Some(Heard::Missed) => break ChangeEvent::Missed(missed()),
            None => return end,
        }
    };
    Some((event, State::Open(changes, session, shutdown)))
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
    use std::sync::atomic::{AtomicBool, Ordering};

    use async_trait::async_trait;

    use super::*;
    use crate::Result;
    use crate::access::{About, Memberships, RoleSource, TokenIdentity};
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
        caller: Caller,
        condition: Condition,
    ) -> (watch::Sender<bool>, axum::body::BodyDataStream) {
        let changes = Changes {
            def: &CAR,
            caller,
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
        let (_running, mut stream) = stream(&log, Caller::anonymous(), Condition::ALL);
        for expected in [":ok\n\n", ":\n\n", ":\n\n"] {
            assert_eq!(stream.next().await.unwrap().unwrap(), expected);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn so_does_one_whose_caller_hears_of_nothing_that_happens() {
        let log = ChangeLog::new(&CAR, None);
        let (_running, mut stream) = stream(&log, Caller::anonymous(), Condition::NONE);
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

    /// What keeps one token, while it is true.
    struct OneToken(Arc<AtomicBool>);

    #[async_trait]
    impl RoleSource for OneToken {
        fn resolves(&self, _role: &str) -> bool {
            false
        }

        async fn resolve(&self, _: &str, _: &Caller, _: &About<'_>) -> Result<bool> {
            Ok(false)
        }

        async fn still_knows(&self, _caller: &Caller) -> Result<bool> {
            Ok(self.0.load(Ordering::Relaxed))
        }

        async fn memberships(&self, _caller: &Caller) -> Result<Memberships> {
            Ok(Memberships::default())
        }

        async fn memberships_of(&self, _roles: &Memberships) -> Result<Memberships> {
            Ok(Memberships::default())
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_ends_after_its_token() {
        let log = ChangeLog::new(&CAR, None);
        let valid = Arc::new(AtomicBool::new(true));
        let token = TokenIdentity {
            id: "one".to_owned(),
            scopes: Vec::new(),
            key: None,
            ends: None,
        };
        let caller = Caller::of_token(token, None, None, Arc::new(OneToken(valid.clone())));
        let (_running, mut stream) = stream(&log, caller, Condition::ALL);
        for expected in [":ok\n\n", ":\n\n", ":\n\n"] {
            assert_eq!(stream.next().await.unwrap().unwrap(), expected);
        }
        valid.store(false, Ordering::Relaxed);
        let rest: Vec<_> = stream.map(|written| written.unwrap()).collect().await;
        let rest = rest.concat();
        assert!(rest.ends_with(b"event: end\ndata: null\n\n"), "{rest:?}");
    }
}

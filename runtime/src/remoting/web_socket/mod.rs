//! Methods over a WebSocket (contract *remoting.md* §10), with the messages of LoopBack's socket adapter.

mod connection;
mod message;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::http::header;
use axum::http::request::Parts;
use axum::response::Response;
use axum::routing::get;
use tokio::sync::Semaphore;

use self::connection::Connection;
use super::carrier::Carrier;
use super::origin::Page;
use super::{Remotes, Transport};
use crate::{Error, Result};

/// Methods over a WebSocket as a [transport](Transport), which the configuration mounts as `web_socket`.
///
/// A message is a text, one JSON object with the name of its `event`. Those of a client:
///
/// | event | what it says |
/// |---|---|
/// | `invoke` | `{"methodString": "Note.find", "args": {"filter": …}, "id": 1}`. `ctorArgs` is the instance: `{"id": 7}`. `accessToken` says who calls, of this one call; `ifMatch` which version is changed; `lastEventId` since when changes are told |
/// | `unsubscribe` | `{"id": 1}`: no more of the changes that this `invoke` has asked for |
///
/// Those of the application:
///
/// | event | what it says |
/// |---|---|
/// | `result` | `{"data": …, "id": 1, "methodString": "Note.find", "__types__": […]}`, in the order in which calls end. `headers`, as REST has them, where there are some. A call that failed has `err`, the REST error, in place of `data` |
/// | `data` | `{"id": 1, "data": {"type": "update", …}, "eventId": "…"}`: a change, after a call of `createChangeStream` |
/// | `error` | `{"id": 1, "err": {"code": "CHANGES_MISSED", …}}`: changes that were missed |
/// | `end` | `{"id": 1}`: no more changes |
///
/// Who calls is asked for with each message, so a token that ends is good no more. It stands where that of a request does
/// (browsers can't set headers: `?access_token=`), or in the message. Browsers let pages of any origin open a socket, so
/// `Origin` is held against `middleware.cors.origins` here: another page is refused, and one that may not send credentials is taken
/// without its cookies.
///
/// Each message of a client counts as a request of REST does: in the access log, in metrics, in traces, and before
/// `middleware.rate_limit` and `middleware.timeout`, as far as these are for the request that has opened the socket.
///
/// A message has as many bytes as the body of a request may have. What is no text ends the connection, and so does a client
/// that reads nothing for 20 seconds.
///
/// ```
/// use std::time::Duration;
///
/// use loopwright::prelude::*;
/// use loopwright::remoting::WebSocket;
///
/// let socket = WebSocket::new().max_connections(100).max_calls(8).ping(Duration::from_secs(30));
/// let app = App::new().transport("/socket", socket);
/// ```
#[derive(Debug, Clone)]
pub struct WebSocket {
    limits: Limits,
}

#[derive(Debug, Clone, Copy)]
struct Limits {
    /// How many calls of a connection may be under way, and how many changes it may listen to.
    calls: usize,
    /// How often a connection is asked for a sign of life.
    ping: Duration,
    /// How many connections may be open.
    connections: usize,
}

impl WebSocket {
    /// How many calls of a connection may be under way, unless said.
    pub(crate) const MAX_CALLS: usize = 16;

    /// How often a connection is asked for a sign of life, unless said: what stands between may close one that is silent
    /// for a minute.
    pub(crate) const PING: Duration = Duration::from_secs(20);

    /// How many connections may be open, unless said: half of the files that a process may usually have open, so that requests and
    /// data sources have the other half.
    pub(crate) const MAX_CONNECTIONS: usize = 512;

    /// With up to 512 connections, 16 calls under way on each of them, and a ping every 20 seconds.
    pub fn new() -> Self {
        WebSocket {
            limits: Limits {
                calls: Self::MAX_CALLS,
                ping: Self::PING,
                connections: Self::MAX_CONNECTIONS,
            },
        }
    }

    /// With so many calls under way on each connection, and as many streams of changes beside them. Further messages wait in
    /// the network until one of the calls has ended and its answer is on its way.
    #[must_use]
    pub fn max_calls(mut self, calls: usize) -> Self {
        self.limits.calls = calls.max(1);
        self
    }

    /// With so many connections open at once, of all clients together. Who comes then is answered 503, with `Retry-After`.
    #[must_use]
    pub fn max_connections(mut self, connections: usize) -> Self {
        self.limits.connections = connections.clamp(1, Semaphore::MAX_PERMITS);
        self
    }

    /// With a ping every so often. Who is silent for longer than two of them take is gone.
    #[must_use]
    pub fn ping(mut self, every: Duration) -> Self {
        self.limits.ping = every.max(Duration::from_millis(1));
        self
    }
}

impl Default for WebSocket {
    fn default() -> Self {
        WebSocket::new()
    }
}

impl Transport for WebSocket {
    fn routes(&self, remotes: Remotes) -> Router {
        let sockets = Arc::new(Sockets {
            remotes,
            limits: self.limits,
            places: Arc::new(Semaphore::new(self.limits.connections)),
        });
        let open = async move |upgrade: Upgrade, request: Parts| sockets.open(request, upgrade);
        Router::new().route("/", get(open))
    }
}

/// The open connections of an application.
struct Sockets {
    remotes: Remotes,
    limits: Limits,
    /// One for each that may be open.
    places: Arc<Semaphore>,
}

/// How much is read and written at once. The library's own buffers are sixteen times that, which is much for a socket that is
/// silent most of the time.
const BUFFER: usize = 8 * 1024;

type Upgrade = std::result::Result<WebSocketUpgrade, WebSocketUpgradeRejection>;

impl Sockets {
    fn open(&self, mut request: Parts, upgrade: Upgrade) -> Result<Response> {
        let upgrade = upgrade.map_err(|rejection| {
            let message = format!(
                "This address is that of a WebSocket: {}",
                rejection.body_text()
            );
            Error::new(rejection.status().as_u16(), message)
        })?;
        match self.remotes.origins().page(&request.headers) {
            Page::Own => {}
            Page::WithoutCookies => drop(request.headers.remove(header::COOKIE)),
            Page::Refused => {
                let message =
                    "Pages of this origin may not call; name it in `middleware.cors.origins`";
                return Err(Error::new(403, message).with_code("ORIGIN_NOT_ALLOWED"));
            }
        }
        let place = self.places.clone().try_acquire_owned().map_err(|_| {
            let message = "Too many connections are open; try again later";
            Error::new(503, message).with_code("TOO_MANY_CONNECTIONS")
        })?;
        let limit = self.remotes.body_limit();
        let upgrade = upgrade
            .max_message_size(limit)
            .max_frame_size(limit)
            .read_buffer_size(BUFFER)
            .write_buffer_size(BUFFER);
        // Taken now: the application waits for every connection when it comes to an end, also for one that begins just then.
        let shutdown = self.remotes.shutdown();
        let carrier = Carrier::connection(request);
        let connection = Connection::new(self.remotes.clone(), carrier, self.limits);
        Ok(upgrade.on_upgrade(move |socket| async move {
            connection.run(socket, shutdown).await;
            drop(place);
        }))
    }
}

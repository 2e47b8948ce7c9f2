//! One connection from its first byte to its last.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, Response};
use axum::response::Response as AxumResponse;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::watch;

use super::Served;
use super::crowd::Place;
use super::refusal;
use super::stage::{Answering, Overdue, Patience, Stage};
use super::wire::Wire;
use crate::Error;
use crate::boot::guarded::Guarded;
use crate::boot::level::Level;

/// Who has asked for nothing for this time leaves when there are too many; who has just come may be about to ask.
const SETTLED: Duration = Duration::from_secs(1);

/// Serves a connection to its end, which `closing` may bring about: it is true when the server ends.
pub(super) async fn serve(
    socket: TcpStream,
    address: SocketAddr,
    served: Arc<Served>,
    place: Place,
    mut closing: watch::Receiver<bool>,
) {
    let stage = Stage::new();
    let wire = Wire::new(socket, stage.clone(), &served.config, place);
    let answers = Answers {
        level: served.level.clone(),
        address,
        stage: stage.clone(),
    };
    let connection = served
        .protocol
        .serve_connection(TokioIo::new(wire), answers);
    let mut connection = connection.with_upgrades();
    let mut patience = pin!(Patience::new(stage.clone(), &served.config));
    let mut leaving = false;
    let overdue = loop {
        let leaves = tokio::select! {
            biased;
            ended = &mut connection => {
                if let Err(error) = ended {
                    // Whatever the other side has done concerns nobody else.
                    tracing::debug!("a connection has failed: {error}");
                }
                return;
            }
            overdue = &mut patience => break overdue,
            () = served.crowd.is_crowded(), if !leaving => stage.is_idle_for(SETTLED),
            // Without a server nobody says it.
            _ = closing.wait_for(|closing| *closing), if !leaving => true,
        };
        if leaves {
            leaving = true;
            Pin::new(&mut connection).graceful_shutdown();
        }
    };
    let Some(error) = refused(overdue, served.config.max_header_size) else {
        return;
    };
    if let Some(parts) = connection.into_parts() {
        let (socket, _place) = parts.io.into_inner().into_socket();
        // Behind half an answer it would be taken for the rest of it.
        if !stage.has_unsent() {
            refusal::send(socket, &error, &served.errors).await;
        }
    }
}

/// What who has been waited for in vain is told; nothing, who has asked for nothing.
fn refused(overdue: Overdue, most: usize) -> Option<Error> {
    match overdue {
        Overdue::Idle => None,
        Overdue::SlowHead => Some(
            Error::new(408, "the head of the request takes too long; send it at once")
                .with_name("RequestTimeoutError")
                .with_code("HEADER_TIMEOUT"),
        ),
        Overdue::LargeHead => Some(
            Error::new(
                431,
                format!(
                    "the head of the request, its address and headers, has more than {most} bytes; send a filter in the body, \
                     or fewer cookies"
                ),
            )
            .with_name("HeadersTooLargeError")
            .with_code("HEADERS_TOO_LARGE"),
        ),
    }
}

/// What answers the requests of a connection.
struct Answers {
    level: Level,
    address: SocketAddr,
    stage: Stage,
}

impl hyper::service::Service<Request<Incoming>> for Answers {
    type Response = Response<Guarded<Answering>>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let answering = self.stage.asked();
        let mut request = request.map(Body::new);
        // Who is limited is known by the address.
        request.extensions_mut().insert(ConnectInfo(self.address));
        let answer = self.level.answer(request);
        let sent = |response: AxumResponse| Ok(response.map(|body| Guarded::new(body, answering)));
        Box::pin(answer.map(sent))
    }
}

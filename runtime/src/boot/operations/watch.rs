//! What stands around all requests, and around the calls that have none of their own: it counts them, times them and logs
//! them, as far as somebody wants to know.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::Response;
use tracing::{Instrument, Span};

use super::drain::UnderWay;
use super::metrics::Metrics;
use super::{Drain, address, traces};
use crate::boot::guarded::Guarded;
use crate::boot::level::Level;
use crate::trail::{self, Answered, Called, REQUEST_ID, Trail, Watched, Witness};

const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// What is done with requests.
pub(in crate::boot) struct Watch {
    pub(super) drain: Arc<Drain>,
    pub(super) metrics: Option<Arc<Metrics>>,
    /// Hears how long data sources take.
    pub(super) answered: Option<Arc<Answered>>,
    pub(super) traces: bool,
    pub(super) access_log: bool,
    /// Does the caller learn where the time has gone?
    pub(super) server_timing: bool,
    /// The paths of those who watch the application, which are not watched themselves.
    pub(super) probes: Vec<String>,
}

impl Watch {
    /// The answer to a request, with everything around it.
    pub async fn around(self: Arc<Self>, request: Request, within: Level) -> Response {
        if self
            .probes
            .iter()
            .any(|probe| probe == request.uri().path())
        {
            return within.answer(request).await;
        }
        let under_way = self.drain.enter();
        let wanted = self.metrics.is_some() || self.traces || self.access_log || self.server_timing;
        let mut response = if wanted {
            self.watched(request, within, under_way).await
        } else {
            let response = within.answer(request).await;
            response.map(|body| Body::new(Guarded::new(body, under_way)))
        };
        if self.drain.has_begun() {
            let close = HeaderValue::from_static("close");
            response.headers_mut().insert(header::CONNECTION, close);
        }
        response
    }

    async fn watched(
        self: &Arc<Self>,
        mut request: Request,
        within: Level,
        under_way: UnderWay,
    ) -> Response {
        let mut passage = Passage::of_request(self, &request, under_way);
        let witness = OfCalls {
            watch: self.clone(),
            sent: passage.sent.clone(),
        };
        request
            .extensions_mut()
            .insert(Arc::new(witness) as Arc<dyn Witness>);
        let answer = within.answer(request).instrument(passage.span.clone());
        let mut response = passage.trail.clone().follow(answer).await;
        passage.status = Some(response.status());
        if self.server_timing
            && let Ok(timing) = HeaderValue::try_from(passage.timing())
        {
            response.headers_mut().insert(SERVER_TIMING, timing);
        }
        response.map(|body| Body::new(Guarded::new(body, passage)))
    }
}

/// Tells the trail of a request which of the program's own routes it takes.
pub(in crate::boot) async fn note_route(request: Request, next: Next) -> Response {
    if let Some(path) = request.extensions().get::<MatchedPath>() {
        trail::calls_route(|| format!("{} {}", verb(request.method()), path.as_str()));
    }
    next.run(request).await
}

/// Anybody may make up a verb.
fn verb(method: &Method) -> &str {
    match *method {
        Method::GET
        | Method::HEAD
        | Method::POST
        | Method::PUT
        | Method::PATCH
        | Method::DELETE
        | Method::OPTIONS => method.as_str(),
        _ => "other",
    }
}

/// What is logged of a request as far as it is the same for all calls that it carries.
struct Sent {
    method: Method,
    /// What is logged of its address is written when it is.
    uri: Option<Uri>,
}

/// A request from its first byte to the last one of its answer, or a call that has come otherwise.
struct Passage {
    watch: Arc<Watch>,
    trail: Arc<Trail>,
    begun: Instant,
    sent: Arc<Sent>,
    request_id: Option<HeaderValue>,
    status: Option<StatusCode>,
    span: Span,
    /// A call within a request is not under way beside it.
    counts_under_way: bool,
    _under_way: Option<UnderWay>,
}

/// What watches the calls that a request holds, or that come over the connection that it has opened.
struct OfCalls {
    watch: Arc<Watch>,
    sent: Arc<Sent>,
}

impl Witness for OfCalls {
    fn watch(&self, id: Option<&HeaderValue>) -> Box<dyn Watched> {
        Box::new(Passage::of_call(self, id))
    }
}

impl Passage {
    fn of_request(watch: &Arc<Watch>, request: &Request, under_way: UnderWay) -> Self {
        if let Some(metrics) = &watch.metrics {
            metrics.begun();
        }
        let request_id = request.headers().get(&REQUEST_ID).cloned();
        let span = match watch.traces {
            true => span(request, request_id.as_ref()),
            false => Span::none(),
        };
        let sent = Sent {
            method: request.method().clone(),
            uri: watch.access_log.then(|| request.uri().clone()),
        };
        Passage {
            watch: watch.clone(),
            trail: Trail::new(watch.answered.clone(), watch.traces),
            begun: Instant::now(),
            sent: Arc::new(sent),
            request_id,
            status: None,
            span,
            counts_under_way: true,
            _under_way: Some(under_way),
        }
    }

    fn of_call(of: &OfCalls, id: Option<&HeaderValue>) -> Self {
        let OfCalls { watch, sent } = of;
        let trail = Trail::new(watch.answered.clone(), watch.traces);
        let counts_under_way = !trail.is_carried();
        if let Some(metrics) = watch.metrics.as_ref().filter(|_| counts_under_way) {
            metrics.begun();
        }
        let span = match watch.traces {
            true => span_of_call(trail.is_carried(), id),
            false => Span::none(),
        };
        Passage {
            watch: watch.clone(),
            trail,
            begun: Instant::now(),
            sent: sent.clone(),
            request_id: id.cloned(),
            status: None,
            span,
            counts_under_way,
            // A connection is waited for by itself, and so is the request that holds calls.
            _under_way: None,
        }
    }

    /// Where the time has gone (W3C Server Timing).
    fn timing(&self) -> String {
        let asking = milliseconds(self.trail.asking());
        let total = milliseconds(self.begun.elapsed());
        format!("db;dur={asking:.3}, total;dur={total:.3}")
    }

    fn log(&self, uri: &Uri, took: Duration) {
        let (model, called) = match self.trail.called() {
            Some(Called::Method { model, method }) => (Some(*model), Some(method.as_str())),
            Some(Called::Route(route)) => (None, Some(route.as_str())),
            None => (None, None),
        };
        tracing::info!(
            target: "loopwright::access_log",
            request_id = text(self.request_id.as_ref()),
            method = self.sent.method.as_str(),
            path = address::shown(uri),
            // Without one, the caller has left before there was an answer.
            status = self.status.map(|status| status.as_u16()),
            duration_ms = milliseconds(took),
            data_source_ms = milliseconds(self.trail.asking()),
            user_id = self.trail.user(),
            model,
            called,
            "request"
        );
    }

    fn complete_span(&self) {
        if self.span.is_disabled() {
            return;
        }
        match self.trail.called() {
            Some(Called::Method { model, method }) => {
                traces::name(&self.span, format!("{model}.{method}"));
                self.span.record("loopwright.model", *model);
                self.span.record("loopwright.method", method.as_str());
            }
            Some(Called::Route(route)) => traces::name(&self.span, route.clone()),
            None => {}
        }
        let asking = milliseconds(self.trail.asking());
        self.span.record("loopwright.data_source_ms", asking);
        if let Some(status) = self.status {
            // A span has one of the two.
            for field in ["http.response.status_code", "loopwright.status"] {
                self.span.record(field, i64::from(status.as_u16()));
            }
            if status.is_server_error() {
                self.span.record("otel.status_code", "ERROR");
            }
        }
    }
}

impl Drop for Passage {
    fn drop(&mut self) {
        let took = self.begun.elapsed();
        // Calls that have come with it are told by themselves.
        let told = !self.trail.carries_calls();
        if let Some(metrics) = &self.watch.metrics {
            if self.counts_under_way {
                metrics.left();
            }
            if told {
                metrics.ended(self.trail.called(), self.status, took);
            }
        }
        if let Some(uri) = self.sent.uri.as_ref().filter(|_| told) {
            let _entered = self.span.enter();
            self.log(uri, took);
        }
        self.complete_span();
    }
}

impl Watched for Passage {
    fn trail(&self) -> Arc<Trail> {
        self.trail.clone()
    }

    fn span(&self) -> Span {
        self.span.clone()
    }

    fn ended(&mut self, status: u16) {
        self.status = StatusCode::from_u16(status).ok();
    }
}

/// The span of a request: what it calls is found out later.
fn span(request: &Request, request_id: Option<&HeaderValue>) -> Span {
    let verb = verb(request.method());
    let span = tracing::info_span!(
        target: "loopwright",
        "request",
        otel.name = verb,
        otel.kind = "server",
        otel.status_code = tracing::field::Empty,
        http.request.method = verb,
        http.response.status_code = tracing::field::Empty,
        loopwright.model = tracing::field::Empty,
        loopwright.method = tracing::field::Empty,
        loopwright.data_source_ms = tracing::field::Empty,
        request_id = text(request_id),
    );
    traces::go_on(&span, request.headers());
    span
}

/// The span of a call: within that of its request, or the first of a trace.
fn span_of_call(within: bool, id: Option<&HeaderValue>) -> Span {
    tracing::info_span!(
        target: "loopwright",
        "call",
        otel.name = "call",
        otel.kind = if within { "internal" } else { "server" },
        otel.status_code = tracing::field::Empty,
        loopwright.status = tracing::field::Empty,
        loopwright.model = tracing::field::Empty,
        loopwright.method = tracing::field::Empty,
        loopwright.data_source_ms = tracing::field::Empty,
        request_id = text(id),
    )
}

fn text(value: Option<&HeaderValue>) -> Option<&str> {
    value.and_then(|value| value.to_str().ok())
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

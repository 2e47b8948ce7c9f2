//! Errors as HTTP responses: LoopBack's envelope (contract *rest.md* §5), or a problem as RFC 9457 has it.

use std::any::Any;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value as Json, json};

use super::format;
use super::response::{JSON, with_body};
use crate::Error;

/// What clients ask for that know no LoopBack.
pub(crate) const PROBLEM: &str = "application/problem+json";

/// What a failure has to know of its request.
pub(crate) struct Asked {
    // As they were sent: most requests do not fail.
    request_id: Option<HeaderValue>,
    accepts: Vec<HeaderValue>,
}

impl Asked {
    pub fn new(headers: &HeaderMap) -> Self {
        Asked {
            request_id: headers.get("x-request-id").cloned(),
            accepts: headers.get_all(header::ACCEPT).iter().cloned().collect(),
        }
    }
}

/// What a caller learns of an error: the envelope's inner object. What went wrong inside the server is logged; outside debug
/// mode the caller learns only the request's id, by which the log line is found.
pub(super) fn told(
    error: &Error,
    debug: bool,
    request_id: Option<&HeaderValue>,
) -> Map<String, Json> {
    let mut envelope = error.to_map();
    if error.status() >= 500 {
        let request_id = request_id.and_then(|id| id.to_str().ok());
        tracing::error!(request_id, status = error.status(), "{error}");
        if debug {
            envelope.insert("message".into(), error.to_string().into());
        } else if error.status() == 500 {
            envelope.retain(|key, _| matches!(key.as_str(), "name" | "status" | "statusCode"));
            envelope.insert("message".into(), "Internal Server Error".into());
        }
        if let Some(request_id) = request_id {
            envelope.insert("requestId".into(), request_id.into());
        }
    }
    envelope
}

/// The error of a method that panicked.
pub(crate) fn panicked(panic: &(dyn Any + Send)) -> Error {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    let text = text.unwrap_or_default();
    Error::internal(format!("a handler panicked: {text}"))
}

/// The response of an error, as [`told`].
pub(crate) fn failure(error: &Error, debug: bool, asked: &Asked) -> Response {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let envelope = told(error, debug, asked.request_id.as_ref());
    let mut response = if format::names(&asked.accepts, PROBLEM) {
        let problem = problem(status, envelope);
        with_body(
            status,
            HeaderValue::from_static(PROBLEM),
            Body::from(problem.to_string()),
        )
    } else {
        let envelope = json!({ "error": envelope });
        with_body(status, JSON, Body::from(envelope.to_string()))
    };
    let wait = match status {
        StatusCode::SERVICE_UNAVAILABLE => Some(1),
        StatusCode::TOO_MANY_REQUESTS => error.property("retryAfter").and_then(Json::as_u64),
        _ => None,
    };
    if let Some(seconds) = wait {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

/// A handler of the application's own may fail with an error of loopwright's, too. Within the application it is answered as
/// everywhere else; elsewhere it is LoopBack's envelope.
impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status());
        let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let shown = match status.is_server_error() {
            // What went wrong inside is nobody's business.
            true => Error::new(self.status(), "Internal Server Error").to_json(),
            false => self.to_json(),
        };
        let mut response = with_body(status, JSON, Body::from(shown.to_string()));
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

/// The response of a route of the application's own, in which an error is answered as everywhere else.
pub(crate) fn own(mut response: Response, debug: bool, asked: &Asked) -> Response {
    match response.extensions_mut().remove::<Arc<Error>>() {
        Some(error) => failure(&error, debug, asked),
        None => response,
    }
}

/// The envelope's content as a problem: its type is said by `code`, which an address would only repeat.
fn problem(status: StatusCode, mut envelope: Map<String, Json>) -> Json {
    let detail = envelope.shift_remove("message");
    envelope.shift_remove("status");
    envelope.shift_remove("statusCode");
    let mut problem = Map::new();
    problem.insert("type".into(), "about:blank".into());
    problem.insert("title".into(), status.canonical_reason().into());
    problem.insert("status".into(), status.as_u16().into());
    problem.insert("detail".into(), detail.into());
    problem.extend(envelope);
    Json::Object(problem)
}

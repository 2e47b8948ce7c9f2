//! Errors as HTTP responses: LoopBack's envelope (contract *rest.md* §5), a problem as RFC 9457 has it, or what LoopBack's
//! strong-error-handler makes of them (contract *middleware.md* §6.1).

mod strong;

use std::any::Any;
use std::error::Error as _;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

use super::format;
use super::response::{JSON, with_body};
use crate::Error;
use crate::trail::REQUEST_ID;

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
            request_id: headers.get(&REQUEST_ID).cloned(),
            accepts: headers.get_all(header::ACCEPT).iter().cloned().collect(),
        }
    }

    fn request_id(&self) -> Option<&str> {
        self.request_id.as_ref().and_then(|id| id.to_str().ok())
    }
}

/// How errors are answered.
#[derive(Debug, Clone, Default)]
pub(crate) struct ErrorHandler {
    /// Does the caller learn the causes of failures?
    pub debug: bool,
    pub envelope: Envelope,
    /// Properties of errors that callers see beside those that every error has.
    pub safe_fields: Vec<String>,
}

/// What callers get of an error.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Envelope {
    /// `{"error": {"name", "status", "message", …}}` in JSON, as LoopBack's REST handler answers.
    #[default]
    Rest,
    /// `{"error": {"statusCode", "name", "message", …}}` in JSON, HTML or XML, whichever the caller prefers, as
    /// strong-error-handler answers; of what went wrong inside, nothing but the status.
    Strong,
}

/// The error of a method that panicked.
pub(crate) fn panicked(panic: &(dyn Any + Send)) -> Error {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    let text = text.unwrap_or_default();
    Error::internal(format!("a handler panicked: {text}"))
}

/// What a caller learns of an error, as the member `error` of LoopBack's envelope. What went wrong inside the server is logged;
/// outside debug mode the caller learns only the request's id, by which the log line is found.
pub(super) fn told(error: &Error, handler: &ErrorHandler, asked: &Asked) -> Map<String, Json> {
    let status = logged(error, asked);
    match handler.envelope {
        Envelope::Rest => rest(error, status, handler.debug, asked),
        Envelope::Strong => strong::members(error, status, handler, asked),
    }
}

/// The status of an error, which is logged when it is the server's.
fn logged(error: &Error, asked: &Asked) -> StatusCode {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if status.is_server_error() {
        let request_id = asked.request_id();
        tracing::error!(request_id, status = status.as_u16(), "{error}");
    }
    status
}

/// The response of an error, as the configuration has it.
pub(crate) fn failure(error: &Error, handler: &ErrorHandler, asked: &Asked) -> Response {
    let status = logged(error, asked);
    let mut response = if format::names(&asked.accepts, PROBLEM) {
        let problem = problem(status, rest(error, status, handler.debug, asked));
        with_body(
            status,
            HeaderValue::from_static(PROBLEM),
            Body::from(problem.to_string()),
        )
    } else if handler.envelope == Envelope::Strong {
        strong::response(error, status, handler, asked)
    } else {
        let envelope = json!({ "error": rest(error, status, handler.debug, asked) });
        with_body(status, JSON, Body::from(envelope.to_string()))
    };
    tell_when(&mut response, error);
    response
}

/// Says when to try again, where that helps.
fn tell_when(response: &mut Response, error: &Error) {
    let wait = match response.status() {
        StatusCode::SERVICE_UNAVAILABLE => Some(1),
        StatusCode::TOO_MANY_REQUESTS => error.property("retryAfter").and_then(Json::as_u64),
        _ => None,
    };
    if let Some(seconds) = wait {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, seconds.into());
    }
}

/// What LoopBack's REST handler says.
fn rest(error: &Error, status: StatusCode, debug: bool, asked: &Asked) -> Map<String, Json> {
    let mut envelope = error.to_map();
    if status.is_server_error() {
        if debug {
            envelope.insert("message".into(), error.to_string().into());
        } else if status == StatusCode::INTERNAL_SERVER_ERROR {
            envelope.retain(|key, _| matches!(key.as_str(), "name" | "status" | "statusCode"));
            envelope.insert("message".into(), "Internal Server Error".into());
        }
        if let Some(request_id) = asked.request_id() {
            envelope.insert("requestId".into(), request_id.into());
        }
    }
    envelope
}

/// The error, and what has caused it, and what has caused that.
fn causes(error: &Error) -> String {
    let mut text = format!("{}: {error}", error.name());
    let mut cause = error.source();
    while let Some(source) = cause {
        text += &format!("\n    caused by: {source}");
        cause = source.source();
    }
    text
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
        tell_when(&mut response, &self);
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

/// A response in which an error, if it is one, is answered as everywhere else. What has been said beside it stays: headers, and
/// another status.
pub(crate) fn own(mut response: Response, handler: &ErrorHandler, asked: &Asked) -> Response {
    let Some(error) = response.extensions_mut().remove::<Arc<Error>>() else {
        return response;
    };
    // Somebody has made a page of it.
    if response.headers().get(header::CONTENT_TYPE) != Some(&JSON) {
        return response;
    }
    let (said, body) = failure(&error, handler, asked).into_parts();
    *response.body_mut() = body;
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_LENGTH);
    // What has compressed the body that was there has not compressed this one.
    headers.remove(header::CONTENT_ENCODING);
    headers.extend(said.headers);
    response
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

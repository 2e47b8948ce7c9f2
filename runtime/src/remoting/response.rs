//! Results and errors as HTTP responses (contract *rest.md* §5 and §6).

use std::collections::HashMap;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde::Serialize;
use serde_json::json;

use super::invoke::Outcome;
use super::{RemoteValue, change_stream, conditional};
use crate::model::{RecordJson, RemoteMethodDef, Value};
use crate::{Error, Result};

const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");

/// The response of a success.
pub(super) fn success(
    outcome: Outcome,
    shutdown: tokio::sync::watch::Receiver<bool>,
) -> Result<Response> {
    match outcome {
        Outcome::Record(def, record) => json_body(&RecordJson {
            def,
            record: &record,
        }),
        Outcome::Records(def, records) => {
            let records: Vec<_> = records
                .iter()
                .map(|record| RecordJson { def, record })
                .collect();
            json_body(&records)
        }
        Outcome::Json(json) => json_body(&json),
        Outcome::Empty => Ok(with_body(StatusCode::OK, JSON, Body::empty())),
        Outcome::NoContent => Ok(with_body(StatusCode::NO_CONTENT, JSON, Body::empty())),
        Outcome::Remote(method, answer) => remote(method, answer),
        Outcome::Changes(repository) => Ok(change_stream::response(&repository, shutdown)),
    }
}

/// What a method of the model's own answers (contract *models.md* §13.3).
fn remote(method: &RemoteMethodDef, answer: RemoteValue) -> Result<Response> {
    let status = |otherwise: StatusCode| {
        let own = method
            .status
            .and_then(|status| StatusCode::from_u16(status).ok());
        own.unwrap_or(otherwise)
    };
    let mut response = match (answer, method.returns_as) {
        (RemoteValue::Response(response), _) => return Ok(*response),
        (RemoteValue::Nothing, _) => {
            return Ok(with_body(
                status(StatusCode::NO_CONTENT),
                JSON,
                Body::empty(),
            ));
        }
        (answer, Some(name)) => json_body(&HashMap::from([(name, answer)])),
        // A bare date or buffer would be taken for text or an object.
        (RemoteValue::Value(Value::DateTime(instant)), None) => {
            json_body(&json!({ "$type": "date", "$data": Value::DateTime(instant) }))
        }
        (RemoteValue::Value(Value::Bytes(bytes)), None) => {
            json_body(&json!({ "$type": "base64", "$data": BASE64_STANDARD.encode(bytes) }))
        }
        (answer, None) => json_body(&answer),
    }?;
    *response.status_mut() = status(StatusCode::OK);
    Ok(response)
}

fn json_body<T: Serialize>(value: &T) -> Result<Response> {
    let body = serde_json::to_vec(value).map_err(|error| {
        Error::internal("the result can't be written as JSON").with_source(error)
    })?;
    let tag = conditional::tag(&body);
    let mut response = with_body(StatusCode::OK, JSON, Body::from(body));
    response.headers_mut().extend(tag);
    Ok(response)
}

fn with_body(status: StatusCode, content_type: HeaderValue, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, content_type);
    response
}

/// The response of an error: LoopBack's envelope. What went wrong inside the server is logged; outside debug mode the
/// caller learns only the request's id, by which the log line is found.
pub(crate) fn failure(error: &Error, debug: bool, request_id: Option<&str>) -> Response {
    let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut envelope = error.to_map();
    if status.is_server_error() {
        tracing::error!(request_id, status = status.as_u16(), "{error}");
        if debug {
            envelope.insert("message".into(), error.to_string().into());
        } else if status == StatusCode::INTERNAL_SERVER_ERROR {
            envelope.retain(|key, _| matches!(key.as_str(), "name" | "status" | "statusCode"));
            envelope.insert("message".into(), "Internal Server Error".into());
        }
        if let Some(request_id) = request_id {
            envelope.insert("requestId".into(), request_id.into());
        }
    }
    let mut response = with_body(
        status,
        JSON,
        Body::from(json!({ "error": envelope }).to_string()),
    );
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}

/// 406, the one answer that is plain text.
pub(super) fn not_acceptable() -> Response {
    let text = HeaderValue::from_static("text/plain; charset=utf-8");
    with_body(
        StatusCode::NOT_ACCEPTABLE,
        text,
        Body::from("Not Acceptable"),
    )
}

/// Does the caller take what the method answers? Asked before the method runs (ruling): a refused request has no
/// effect.
pub(super) fn acceptable(headers: &HeaderMap, format: Option<&str>, stream: bool) -> bool {
    if let Some(format) = format {
        return matches!(format, "json" | "application/json")
            || (stream && format == "event-stream");
    }
    let mut accepts = headers.get_all(header::ACCEPT).iter().peekable();
    if accepts.peek().is_none() {
        return true;
    }
    let produced: &[&str] = if stream {
        &["*/*", "text/*", "text/event-stream"]
    } else {
        &[
            "*/*",
            "application/*",
            "application/json",
            "application/javascript",
            "text/javascript",
        ]
    };
    accepts
        .filter_map(|accept| accept.to_str().ok())
        .flat_map(|accept| accept.split(','))
        .any(|range| {
            let mut parts = range.split(';').map(str::trim);
            let media_type = parts.next().unwrap_or_default().to_ascii_lowercase();
            let refused = parts.any(|part| {
                matches!(
                    part.strip_prefix("q="),
                    Some("0" | "0.0" | "0.00" | "0.000")
                )
            });
            !refused && produced.contains(&media_type.as_str())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts(accept: &str, stream: bool) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, accept.parse().unwrap());
        acceptable(&headers, None, stream)
    }

    #[test]
    fn json_is_answered_to_whoever_takes_it() {
        assert!(accepts("*/*", false));
        assert!(accepts("text/html,application/xhtml+xml,*/*;q=0.8", false));
        assert!(accepts("Application/JSON", false));
        assert!(!accepts("text/html", false));
        assert!(!accepts("application/json;q=0", false));
        assert!(accepts("text/event-stream", true));
        assert!(!accepts("application/json", true));
    }
}

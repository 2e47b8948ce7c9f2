//! Results and errors as HTTP responses (contract *rest.md* §5 and §6).

use std::collections::HashMap;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde::Serialize;
use serde_json::json;

use super::format::Format;
use super::invoke::Outcome;
use super::{RemoteValue, change_stream, conditional, xml};
use crate::model::{RecordJson, RemoteMethodDef, Value};
use crate::{Error, Result};

const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");
const SCRIPT: HeaderValue = HeaderValue::from_static("text/javascript; charset=utf-8");

/// The response of a success.
pub(super) fn success(
    outcome: Outcome,
    format: &Format,
    shutdown: tokio::sync::watch::Receiver<bool>,
) -> Result<Response> {
    match outcome {
        Outcome::Record(def, record) => {
            let record = &record;
            body(&RecordJson { def, record }, format)
        }
        Outcome::Records(def, records) => {
            let records: Vec<_> = records
                .iter()
                .map(|record| RecordJson { def, record })
                .collect();
            body(&records, format)
        }
        Outcome::Json(json) => body(&json, format),
        Outcome::Empty => Ok(with_body(StatusCode::OK, JSON, Body::empty())),
        Outcome::NoContent => Ok(with_body(StatusCode::NO_CONTENT, JSON, Body::empty())),
        Outcome::Remote(method, answer) => remote(method, answer, format),
        Outcome::Changes(repository) => {
            let lines = *format == Format::Lines;
            Ok(change_stream::response(&repository, lines, shutdown))
        }
    }
}

/// What a success answers as JSON, with its status; or the outcome itself, where it is no JSON.
pub(super) async fn json(
    outcome: Outcome,
) -> Result<std::result::Result<(serde_json::Value, StatusCode), Outcome>> {
    if matches!(
        outcome,
        Outcome::Changes(_) | Outcome::Empty | Outcome::Remote(_, RemoteValue::Response(_))
    ) {
        return Ok(Err(outcome));
    }
    let (_, running) = tokio::sync::watch::channel(false);
    let response = success(outcome, &Format::Json, running)?;
    let status = response.status();
    let unreadable = |error: Box<dyn std::error::Error + Send + Sync>| {
        Error::internal("an answer is no JSON").with_source(error)
    };
    let body = axum::body::to_bytes(response.into_body(), usize::MAX).await;
    let body = body.map_err(|error| unreadable(error.into()))?;
    let json = match body.is_empty() {
        true => serde_json::Value::Null,
        false => serde_json::from_slice(&body).map_err(|error| unreadable(error.into()))?,
    };
    Ok(Ok((json, status)))
}

/// What a method of the model's own answers (contract *models.md* §13.3).
fn remote(method: &RemoteMethodDef, answer: RemoteValue, format: &Format) -> Result<Response> {
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
        (answer, Some(name)) => body(&HashMap::from([(name, answer)]), format),
        // A bare date or buffer would be taken for text or an object.
        (RemoteValue::Value(Value::DateTime(instant)), None) => {
            let date = json!({ "$type": "date", "$data": Value::DateTime(instant) });
            body(&date, format)
        }
        (RemoteValue::Value(Value::Bytes(bytes)), None) => {
            let buffer = json!({ "$type": "base64", "$data": BASE64_STANDARD.encode(bytes) });
            body(&buffer, format)
        }
        (answer, None) => body(&answer, format),
    }?;
    *response.status_mut() = status(StatusCode::OK);
    Ok(response)
}

fn body<T: Serialize>(value: &T, format: &Format) -> Result<Response> {
    let unwritable =
        |error| Error::internal("the result can't be written as JSON").with_source(error);
    let (content_type, body) = match format {
        Format::Xml(media_type) => {
            let json = serde_json::to_value(value).map_err(unwritable)?;
            let content_type = match *media_type {
                "application/xml" => "application/xml; charset=utf-8",
                _ => "text/xml; charset=utf-8",
            };
            (
                HeaderValue::from_static(content_type),
                xml::document(&json).into_bytes(),
            )
        }
        Format::Script { callback } => {
            let json = serde_json::to_string(value).map_err(unwritable)?;
            (SCRIPT, script(callback, &json).into_bytes())
        }
        _ => (JSON, serde_json::to_vec(value).map_err(unwritable)?),
    };
    let tag = conditional::tag(&body);
    let mut response = with_body(StatusCode::OK, content_type, Body::from(body));
    if matches!(format, Format::Script { .. }) {
        // It is nothing else than a script, whatever it begins with.
        let headers = response.headers_mut();
        headers.insert(
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        );
    }
    response.headers_mut().extend(tag);
    Ok(response)
}

/// A call of the caller's function, as Express writes it.
fn script(callback: &str, json: &str) -> String {
    let usual = |letter: &char| letter.is_ascii_alphanumeric() || "[]_$.".contains(*letter);
    let callback: String = callback.chars().filter(usual).collect();
    // In scripts, unlike in JSON, these end a line.
    let json = json
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029");
    format!("/**/ typeof {callback} === 'function' && {callback}({json});")
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

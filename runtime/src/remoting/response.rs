//! Results as HTTP responses (contract *rest.md* §6).

use std::collections::HashMap;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde::Serialize;
use serde_json::json;

use super::format::Format;
use super::invoke::Outcome;
use super::{RemoteValue, change_stream, conditional, xml};
use crate::model::{ModelDef, Record, RecordJson, RemoteMethodDef, Value};
use crate::{Error, Result};

pub(super) const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");
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
        Outcome::Records(def, records) => list(def, &records, format),
        Outcome::List(def, records, headers) => {
            let mut response = list(def, &records, format)?;
            response.headers_mut().extend(headers);
            Ok(response)
        }
        Outcome::Json(json) => body(&json, format),
        Outcome::Empty => Ok(with_body(StatusCode::OK, JSON, Body::empty())),
        Outcome::NoContent => Ok(with_body(StatusCode::NO_CONTENT, JSON, Body::empty())),
        Outcome::Remote(method, answer) => remote(method, answer, format),
        Outcome::Changes(changes) => {
            let lines = *format == Format::Lines;
            Ok(change_stream::response(changes, lines, shutdown))
        }
    }
}

fn list(def: &'static ModelDef, records: &[Record], format: &Format) -> Result<Response> {
    let records = records.iter().map(|record| RecordJson { def, record });
    body(&records.collect::<Vec<_>>(), format)
}

/// A success before it is written.
pub(super) struct Answer {
    pub json: serde_json::Value,
    pub status: StatusCode,
    /// What is said besides the body.
    pub headers: HeaderMap,
}

/// What a success answers as JSON; or the outcome itself, where it is no JSON.
pub(super) async fn json(mut outcome: Outcome) -> Result<std::result::Result<Answer, Outcome>> {
    if matches!(
        outcome,
        Outcome::Changes(_) | Outcome::Empty | Outcome::Remote(_, RemoteValue::Response(_))
    ) {
        return Ok(Err(outcome));
    }
    let headers = match &mut outcome {
        Outcome::List(_, _, headers) => std::mem::take(headers),
        _ => HeaderMap::new(),
    };
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
    Ok(Ok(Answer {
        json,
        status,
        headers,
    }))
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

pub(super) fn with_body(status: StatusCode, content_type: HeaderValue, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, content_type);
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

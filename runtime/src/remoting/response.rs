//! Results as HTTP responses (contract *rest.md* §6).

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde::{Serialize, Serializer};
use serde_json::{Value as Json, json};

use super::format::Format;
use super::invoke::Outcome;
use super::{RemoteValue, change_stream, conditional, xml};
use crate::model::{
    ModelDef, Record, RecordJson, RemoteMethodDef, Value, write_record, write_records,
};
use crate::{Error, Result};

/// The bytes of a body that needs no more room than others.
const USUAL_SIZE: usize = 512;

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
            let text = |out: &mut Vec<u8>| write_record(def, record, out);
            body_by(&RecordJson { def, record }, text, format)
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
        Outcome::Remote(_, RemoteValue::Response(response)) => Ok(*response),
        Outcome::Remote(method, answer) => remote(method, answer, format),
        Outcome::Changes(changes) => {
            let lines = *format == Format::Lines;
            Ok(change_stream::response(changes, lines, shutdown))
        }
    }
}

fn list(def: &'static ModelDef, records: &[Record], format: &Format) -> Result<Response> {
    let text = |out: &mut Vec<u8>| write_records(def, records, out);
    body_by(&Records { def, records }, text, format)
}

/// A list of records.
struct Records<'a> {
    def: &'static ModelDef,
    records: &'a [Record],
}

impl Serialize for Records<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let def = self.def;
        let records = self.records.iter();
        serializer.collect_seq(records.map(|record| RecordJson { def, record }))
    }
}

/// A success before it is written.
pub(super) struct Answer {
    pub json: Json,
    pub status: StatusCode,
    /// What is said besides the body.
    pub headers: HeaderMap,
}

/// What a success answers as JSON; or the outcome itself, where it is no JSON.
pub(super) fn json(outcome: Outcome) -> Result<std::result::Result<Answer, Outcome>> {
    let mut headers = HeaderMap::new();
    let mut status = StatusCode::OK;
    let json = match outcome {
        Outcome::Record(def, record) => {
            let record = &record;
            written(&RecordJson { def, record })
        }
        Outcome::Records(def, records) => written_list(def, &records),
        Outcome::List(def, records, told) => {
            headers = told;
            written_list(def, &records)
        }
        Outcome::Json(json) => Ok(json),
        Outcome::NoContent => {
            status = StatusCode::NO_CONTENT;
            Ok(Json::Null)
        }
        Outcome::Changes(_) | Outcome::Empty | Outcome::Remote(_, RemoteValue::Response(_)) => {
            return Ok(Err(outcome));
        }
        Outcome::Remote(method, answer) => {
            status = remote_status(method, &answer);
            written(&Shown { method, answer })
        }
    }?;
    Ok(Ok(Answer {
        json,
        status,
        headers,
    }))
}

fn written<T: Serialize>(value: &T) -> Result<Json> {
    serde_json::to_value(value).map_err(unwritable)
}

fn written_list(def: &'static ModelDef, records: &[Record]) -> Result<Json> {
    written(&Records { def, records })
}

/// What a method of the model's own answers (contract *models.md* §13.3).
fn remote(method: &RemoteMethodDef, answer: RemoteValue, format: &Format) -> Result<Response> {
    let status = remote_status(method, &answer);
    if matches!(answer, RemoteValue::Nothing) {
        return Ok(with_body(status, JSON, Body::empty()));
    }
    let mut response = body(&Shown { method, answer }, format)?;
    *response.status_mut() = status;
    Ok(response)
}

fn remote_status(method: &RemoteMethodDef, answer: &RemoteValue) -> StatusCode {
    let own = method
        .status
        .and_then(|status| StatusCode::from_u16(status).ok());
    own.unwrap_or(match answer {
        RemoteValue::Nothing => StatusCode::NO_CONTENT,
        _ => StatusCode::OK,
    })
}

/// An answer as the method's description has it.
struct Shown<'a> {
    method: &'a RemoteMethodDef,
    answer: RemoteValue,
}

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        match (&self.answer, self.method.returns_as) {
            (RemoteValue::Nothing, _) => serializer.serialize_unit(),
            (answer, Some(name)) => serializer.collect_map([(name, answer)]),
            // A bare date or buffer would be taken for text or an object.
            (RemoteValue::Value(Value::DateTime(instant)), None) => {
                let date = json!({ "$type": "date", "$data": Value::DateTime(*instant) });
                date.serialize(serializer)
            }
            (RemoteValue::Value(Value::Bytes(bytes)), None) => {
                let buffer = json!({ "$type": "base64", "$data": BASE64_STANDARD.encode(bytes) });
                buffer.serialize(serializer)
            }
            (answer, None) => answer.serialize(serializer),
        }
    }
}

fn unwritable(error: serde_json::Error) -> Error {
    Error::internal("the result can't be written as JSON").with_source(error)
}

fn body<T: Serialize>(value: &T, format: &Format) -> Result<Response> {
    body_by(value, |out| serde_json::to_writer(out, value), format)
}

/// The body that `value` is, which `text` writes as JSON.
fn body_by<T: Serialize>(
    value: &T,
    text: impl FnOnce(&mut Vec<u8>) -> serde_json::Result<()>,
    format: &Format,
) -> Result<Response> {
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
        _ => {
            let mut body = Vec::with_capacity(USUAL_SIZE);
            text(&mut body).map_err(unwritable)?;
            (JSON, body)
        }
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

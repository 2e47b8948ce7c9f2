//! Request bodies: size, media type, charset, syntax (contract *rest.md* §4).

use axum::body::{Body, Bytes, HttpBody as _, to_bytes};
use axum::http::{HeaderMap, header};
use serde_json::{Map, Value as Json};

use super::query_string;
use crate::{Error, Result};

/// The body as JSON; an empty one is `{}`.
///
/// # Errors
/// 413 beyond `limit` bytes, 415 for a media type or charset that is not read, 400 for broken JSON.
pub(super) async fn read(headers: &HeaderMap, body: Body, limit: usize) -> Result<Json> {
    let bytes = bytes(headers, body, limit).await?;
    if bytes.is_empty() {
        return Ok(Json::Object(Map::new()));
    }
    match media_type(headers)?.as_str() {
        "application/json" => parse(&bytes),
        "application/x-www-form-urlencoded" => Ok(Json::Object(query_string::parse(&bytes))),
        // LoopBack takes these for `{}` and stores an empty record; the ruling refuses them.
        other => Err(unsupported(other)),
    }
}

/// The body as JSON, which it must be: what a form may hold, a page of another origin may send without being asked.
///
/// # Errors
/// As [`read`], but for its size.
pub(super) fn json(headers: &HeaderMap, bytes: &[u8]) -> Result<Json> {
    match media_type(headers)?.as_str() {
        "application/json" | "application/json-rpc" | "application/jsonrequest" => parse(bytes),
        other => Err(unsupported(other)),
    }
}

fn parse(bytes: &[u8]) -> Result<Json> {
    serde_json::from_slice(bytes).map_err(|error| {
        Error::new(400, error.to_string())
            .with_name("SyntaxError")
            .with_property("expose", true)
            .with_property("type", "entity.parse.failed")
    })
}

fn unsupported(media_type: &str) -> Error {
    Error::new(
        415,
        format!("unsupported media type \"{media_type}\"; send application/json"),
    )
    .with_name("UnsupportedMediaTypeError")
    .with_property("type", "media.unsupported")
}

/// The media type in lower case.
///
/// # Errors
/// 415 for a charset that is not read.
fn media_type(headers: &HeaderMap) -> Result<String> {
    let content_type = header_text(headers, header::CONTENT_TYPE).unwrap_or_default();
    let (media_type, charset) = parse_content_type(content_type);
    if let Some(charset) = charset.filter(|charset| !charset.eq_ignore_ascii_case("utf-8")) {
        let message = format!("unsupported charset \"{}\"", charset.to_ascii_uppercase());
        return Err(Error::new(415, message)
            .with_name("UnsupportedMediaTypeError")
            .with_property("charset", charset.to_ascii_lowercase())
            .with_property("type", "charset.unsupported"));
    }
    Ok(media_type.to_ascii_lowercase())
}

/// The body as it was sent.
///
/// # Errors
/// 413 beyond `limit` bytes, 400 when it breaks off.
pub(super) async fn bytes(headers: &HeaderMap, body: Body, limit: usize) -> Result<Bytes> {
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    let length =
        header_text(headers, header::CONTENT_LENGTH).and_then(|text| text.parse::<usize>().ok());
    if length.is_some_and(|length| length > limit) {
        return Err(too_large(length, limit));
    }
    to_bytes(body, limit).await.map_err(|error| {
        let source = std::error::Error::source(&error);
        if source.is_some_and(|source| source.is::<http_body_util::LengthLimitError>()) {
            too_large(length, limit)
        } else {
            Error::new(400, "request aborted")
                .with_name("BadRequestError")
                .with_property("type", "request.aborted")
        }
    })
}

fn header_text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn parse_content_type(content_type: &str) -> (&str, Option<&str>) {
    let mut parts = content_type.split(';').map(str::trim);
    let media_type = parts.next().unwrap_or_default();
    let charset = parts.find_map(|part| {
        let (name, value) = part.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("charset")
            .then(|| value.trim().trim_matches('"'))
    });
    (media_type, charset)
}

fn too_large(length: Option<usize>, limit: usize) -> Error {
    let error = Error::new(413, "request entity too large").with_name("PayloadTooLargeError");
    let error = match length {
        Some(length) => error
            .with_property("expected", length)
            .with_property("length", length),
        None => error,
    };
    error
        .with_property("limit", limit)
        .with_property("type", "entity.too.large")
}

//! What holds of every answer, whatever was asked.

use axum::body::to_bytes;
use axum::http::{HeaderMap, Method, Response, StatusCode, header};
use serde_json::Value as Json;

use crate::model::SECRET;

/// More than any answer about the few rows that there are.
const LARGEST: usize = 16 * 1024 * 1024;

/// An answer that is what an answer must be.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, as JSON if it is that.
    pub json: Option<Json>,
}

impl Answer {
    /// Reads the answer to `method`. `asked` is what was sent.
    ///
    /// # Panics
    /// The server is at fault, what was written is not what its headers say, or it holds what nobody may see.
    pub async fn read(method: &Method, asked: &[u8], response: Response<axum::body::Body>) -> Self {
        let (parts, body) = response.into_parts();
        let media_type = parts.headers.get(header::CONTENT_TYPE);
        let media_type = media_type.and_then(|value| value.to_str().ok());
        let media_type = media_type
            .and_then(|value| value.split(';').next())
            .unwrap_or_default();
        let is_stream =
            parts.extensions.get::<Endless>().is_some() || media_type == "text/event-stream";
        let mut answer = Answer {
            status: parts.status,
            headers: parts.headers.clone(),
            json: None,
        };
        if is_stream && parts.status.is_success() {
            return answer;
        }
        let bytes = to_bytes(body, LARGEST)
            .await
            .expect("an answer of a bounded size");
        let text = String::from_utf8_lossy(&bytes);
        assert!(parts.status.as_u16() < 500, "{}: {text}", parts.status);
        let says = |text: &[u8]| {
            text.windows(SECRET.len())
                .any(|word| word == SECRET.as_bytes())
        };
        // Who knows it may hear it again.
        assert!(says(asked) || !says(&bytes), "{text}");
        let is_coded = parts.headers.contains_key(header::CONTENT_ENCODING);
        if method == Method::HEAD || bytes.is_empty() || is_coded {
            return answer;
        }
        match media_type {
            "application/json" | "application/problem+json" => {
                let json: Json = serde_json::from_slice(&bytes).expect("JSON");
                if media_type == "application/json" && parts.status.is_client_error() {
                    let error = &json["error"];
                    // JSON-RPC has an envelope of its own.
                    let error = error
                        .get("data")
                        .filter(|_| json.get("jsonrpc").is_some())
                        .unwrap_or(error);
                    // LoopBack's errors have one, or the other, or both.
                    let status = error.get("statusCode").or_else(|| error.get("status"));
                    assert_eq!(status, Some(&parts.status.as_u16().into()), "{text}");
                    assert!(error["message"].is_string(), "{text}");
                }
                answer.json = Some(json);
            }
            "application/xml" | "text/xml" => well_formed(&text),
            "text/html" if parts.status.is_client_error() => {
                let body = text.find("<body>").zip(text.find("</body>"));
                let (begin, end) = body.expect("a page with a body");
                well_formed(&text[begin..end + "</body>".len()]);
            }
            "text/javascript" => {
                let call = text
                    .strip_prefix("/**/ typeof ")
                    .and_then(|text| text.strip_suffix(");"));
                let call = call.and_then(|call| call.split_once(" === 'function' && "));
                let (name, call) = call.expect("a call of a function");
                let argument = call
                    .strip_prefix(name)
                    .and_then(|call| call.strip_prefix('('));
                let argument = argument.expect("the function that was named");
                let _: Json = serde_json::from_str(argument).expect("JSON as the argument");
            }
            _ => {}
        }
        answer
    }
}

/// Marks the response of a request for a stream, which is not read to its end.
#[derive(Clone, Copy, Debug)]
pub struct Endless;

fn well_formed(text: &str) {
    let document = roxmltree::Document::parse(text);
    assert!(document.is_ok(), "{}: {text}", document.unwrap_err());
}

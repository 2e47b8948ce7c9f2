//! What the caller has already: answers (`ETag` and `If-None-Match`, contract *rest.md* §6), and versions of instances that it
//! changes (`If-Match`).

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use xxhash_rust::xxh3::xxh3_128;

/// The most bytes that a tag has.
const MOST_OF_TAG: usize = "W/\"-\"".len() + 2 * (size_of::<usize>() + size_of::<u128>());

/// A byte in hexadecimal.
fn digits(byte: u8) -> [u8; 2] {
    const DIGITS: [u8; 16] = *b"0123456789abcdef";
    [byte >> 4, byte & 0xf].map(|digit| DIGITS[usize::from(digit)])
}

/// The header that names a body, the same on every instance of the application. Weak, as LoopBack's: what compresses the
/// body may stand in between.
pub(crate) fn tag(body: &[u8]) -> Option<(HeaderName, HeaderValue)> {
    // Each answer has one, so room is made for it once, and nothing is formatted.
    let mut tag = Vec::with_capacity(MOST_OF_TAG);
    tag.extend_from_slice(b"W/\"");
    let length = body.len().to_be_bytes().into_iter().flat_map(digits);
    tag.extend(length.skip_while(|digit| *digit == b'0'));
    tag.push(b'-');
    tag.extend(xxh3_128(body).to_be_bytes().into_iter().flat_map(digits));
    tag.push(b'"');
    let tag = HeaderValue::from_maybe_shared(Bytes::from(tag)).ok()?;
    Some((header::ETAG, tag))
}

/// Puts the instance's version before the tag of its body: by it a caller names what it changes.
pub(super) fn tag_version(response: &mut Response, version: i64) {
    let tag = response.headers().get(header::ETAG);
    let tag = tag.and_then(|tag| tag.to_str().ok());
    let tag = tag.and_then(|tag| tag.strip_prefix("W/\"")?.strip_suffix('"'));
    let versioned = tag.map(|tag| HeaderValue::try_from(format!("\"{version}-{tag}\"")));
    if let Some(Ok(versioned)) = versioned {
        response.headers_mut().insert(header::ETAG, versioned);
    }
}

/// What the caller says about the version of the instance that it changes.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Expected {
    Nothing,
    /// Any version, as long as there is one.
    Any,
    /// One of these; none, when what was sent is the tag of no instance.
    Versions(Vec<i64>),
}

impl Expected {
    pub fn new(headers: &HeaderMap) -> Self {
        let mut values = headers.get_all(header::IF_MATCH).iter().peekable();
        if values.peek().is_none() {
            return Expected::Nothing;
        }
        let texts = values.filter_map(|value| value.to_str().ok());
        let tags: Vec<_> = texts
            .flat_map(|text| text.split(','))
            .map(str::trim)
            .collect();
        if tags.contains(&"*") {
            return Expected::Any;
        }
        // A proxy that compresses makes a tag weak; the version stays.
        let version = |tag: &&str| {
            let tag = tag.trim_start_matches("W/").trim_matches('"');
            tag.split('-').next()?.parse().ok()
        };
        Expected::Versions(tags.iter().filter_map(version).collect())
    }
}

/// The bodies that the caller has.
pub(crate) struct Known(Vec<HeaderValue>);

impl Known {
    /// What the request says; nothing, when it is one that changes something.
    pub fn new(method: &Method, headers: &HeaderMap) -> Self {
        let reads = method == Method::GET || method == Method::HEAD;
        let known = headers.get_all(header::IF_NONE_MATCH).iter();
        Known(known.filter(|_| reads).cloned().collect())
    }

    /// 304 without a body instead of one that the caller has.
    pub fn answer(&self, mut response: Response) -> Response {
        let tag = response.headers().get(header::ETAG);
        let tag = tag.and_then(|tag| tag.to_str().ok());
        if response.status() == StatusCode::OK && tag.is_some_and(|tag| self.has(tag)) {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            *response.body_mut() = Body::empty();
            response.headers_mut().remove(header::CONTENT_TYPE);
        }
        response
    }

    fn has(&self, tag: &str) -> bool {
        let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
        let named = self.0.iter().filter_map(|value| value.to_str().ok());
        named
            .flat_map(|value| value.split(','))
            .any(|one| one.trim() == "*" || opaque(one) == opaque(tag))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(header: &'static str) -> Known {
        let mut headers = HeaderMap::new();
        headers.insert(header::IF_NONE_MATCH, HeaderValue::from_static(header));
        Known::new(&Method::GET, &headers)
    }

    fn expected(header: &'static str) -> Expected {
        let mut headers = HeaderMap::new();
        headers.insert(header::IF_MATCH, HeaderValue::from_static(header));
        Expected::new(&headers)
    }

    #[test]
    fn a_version_begins_its_tag() {
        let versions = |versions: &[i64]| Expected::Versions(versions.to_vec());
        assert_eq!(expected("\"3-1f-abc\""), versions(&[3]));
        assert_eq!(expected("\"3\", W/\"4-1f-abc\""), versions(&[3, 4]));
        assert_eq!(expected("*"), Expected::Any);
        assert_eq!(expected("\"nonsense\""), versions(&[]));
        assert_eq!(expected(""), versions(&[]));
        assert_eq!(Expected::new(&HeaderMap::new()), Expected::Nothing);
    }

    #[test]
    fn tags_are_compared_weakly() {
        assert!(known("W/\"1-a\"").has("W/\"1-a\""));
        assert!(known("\"1-a\"").has("W/\"1-a\""));
        assert!(known("\"2-b\", W/\"1-a\"").has("W/\"1-a\""));
        assert!(known("*").has("W/\"1-a\""));
        assert!(!known("\"2-b\"").has("W/\"1-a\""));
    }
}

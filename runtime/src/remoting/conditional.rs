//! Answers that the caller has already: `ETag` and `If-None-Match` (contract *rest.md* §6).

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use xxhash_rust::xxh3::xxh3_128;

/// The header that names a body, the same on every instance of the application. Weak, as LoopBack's: what compresses the
/// body may stand in between.
pub(super) fn tag(body: &[u8]) -> Option<(HeaderName, HeaderValue)> {
    let tag = format!("W/\"{:x}-{:032x}\"", body.len(), xxh3_128(body));
    let tag = HeaderValue::try_from(tag).ok()?;
    Some((header::ETAG, tag))
}

/// The bodies that the caller has.
pub(super) struct Known(Vec<HeaderValue>);

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

    #[test]
    fn tags_are_compared_weakly() {
        assert!(known("W/\"1-a\"").has("W/\"1-a\""));
        assert!(known("\"1-a\"").has("W/\"1-a\""));
        assert!(known("\"2-b\", W/\"1-a\"").has("W/\"1-a\""));
        assert!(known("*").has("W/\"1-a\""));
        assert!(!known("\"2-b\"").has("W/\"1-a\""));
    }
}

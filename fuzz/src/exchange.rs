//! Requests written as texts, as people read them in a log of HTTP.
//!
//! ```text
//! POST /api/Shops
//! content-type: application/json
//!
//! {"name": "Bel"}
//! ---
//! GET /api/Shops?filter[limit]=1
//! ```
//!
//! In a header, `{jwt CLAIMS}` stands for a token with these claims and `{cookie TOKEN}` for that token, both signed as they
//! must be: nothing that is mutated would ever be.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Method, Request, Uri};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jsonwebtoken::{EncodingKey, Header};
use serde_json::Value as Json;
use sha2::Sha256;

/// What tokens are signed with.
pub const JWT_SECRET: &str = "0123456789abcdef0123456789abcdef";

/// What cookies are signed with.
pub const COOKIE_SECRET: &str = "keyboard cat";

/// The requests that `text` stands for, as far as they are any.
pub fn requests(text: &[u8]) -> Vec<Request<Body>> {
    const MOST: usize = 5;
    let mut requests = Vec::new();
    let mut rest = text;
    while requests.len() < MOST && !rest.is_empty() {
        let end = find(rest, b"\n---\n");
        let (one, after) = match end {
            Some(end) => (&rest[..end], &rest[end + 5..]),
            None => (rest, &rest[rest.len()..]),
        };
        requests.extend(request(one));
        rest = after;
    }
    requests
}

/// What is no request an HTTP server refuses before the application sees it.
fn request(text: &[u8]) -> Option<Request<Body>> {
    let (head, body) = match find(text, b"\n\n") {
        Some(end) => (&text[..end], &text[end + 2..]),
        None => (text, &text[text.len()..]),
    };
    let mut lines = head.split(|byte| *byte == b'\n');
    let first = lines.next()?;
    let space = find(first, b" ")?;
    let method = Method::from_bytes(&first[..space]).ok()?;
    let uri = Uri::try_from(&first[space + 1..]).ok()?;
    if !uri.path().starts_with('/') {
        return None;
    }
    let mut request = Request::builder().method(method).uri(uri);
    for line in lines.filter(|line| !line.is_empty()) {
        let colon = find(line, b":")?;
        let name = HeaderName::from_bytes(&line[..colon]).ok()?;
        let value = signed(line[colon + 1..].trim_ascii());
        request = request.header(name, HeaderValue::from_bytes(&value).ok()?);
    }
    request.body(Body::from(body.to_vec())).ok()
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}

/// A header with what stands for something signed in it.
fn signed(value: &[u8]) -> Vec<u8> {
    let Ok(text) = std::str::from_utf8(value) else {
        return value.to_vec();
    };
    let placed = |word: &str| {
        let (before, rest) = text.split_once(word)?;
        let (inner, after) = rest.rsplit_once('}')?;
        Some((before, inner, after))
    };
    if let Some((before, claims, after)) = placed("{jwt ")
        && let Some(token) = jwt(claims)
    {
        return format!("{before}{token}{after}").into_bytes();
    }
    if let Some((before, token, after)) = placed("{cookie ")
        && let Some(cookie) = cookie(token)
    {
        return format!("{before}{cookie}{after}").into_bytes();
    }
    value.to_vec()
}

fn jwt(claims: &str) -> Option<String> {
    let claims: Json = serde_json::from_str(claims).ok()?;
    let key = EncodingKey::from_secret(JWT_SECRET.as_bytes()).ok()?;
    jsonwebtoken::encode(&Header::default(), &claims, &key).ok()
}

fn cookie(token: &str) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(COOKIE_SECRET.as_bytes()).ok()?;
    mac.update(token.as_bytes());
    let signature = STANDARD_NO_PAD.encode(mac.finalize().into_bytes());
    Some(format!("s:{token}.{signature}"))
}

//! Who calls: where the token of a request is (contract *users.md* §8.1).

use std::sync::Arc;

use axum::http::{HeaderMap, HeaderName, header};
use base64::Engine;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value as Json};
use sha2::Sha256;

use crate::Result;
use crate::access::{Authenticator, Caller, RowRules};

/// The name of a token in query strings and cookies.
const ACCESS_TOKEN: &str = "access_token";

const TOKEN_HEADER: HeaderName = HeaderName::from_static("x-access-token");
const API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// How long a token may be: what is longer is none, and nobody is asked for it.
const MAX_TOKEN: usize = 4096;

/// What a decision about a caller is made from.
#[derive(Clone)]
pub(crate) struct Auth {
    /// What knows the tokens; without it nobody is logged in.
    pub authenticator: Option<Arc<dyn Authenticator>>,
    /// The access rules that are rows of the database.
    pub rows: Option<Arc<dyn RowRules>>,
    /// The status of a refusal for who is logged in, where the model says nothing else.
    pub acl_error_status: u16,
    /// What cookies are signed with; without it none counts.
    pub cookie_secret: Option<Arc<str>>,
    /// What stands for the id of the user who calls, in paths.
    pub current_user_literal: Option<Arc<str>>,
}

impl Auth {
    /// The caller of a request.
    ///
    /// # Errors
    /// 401 for a token that is not valid any more; what keeps the tokens failed.
    pub async fn caller(&self, headers: &HeaderMap, query: &Map<String, Json>) -> Result<Caller> {
        match &self.authenticator {
            Some(authenticator) => {
                let token = token(headers, query, self.cookie_secret.as_deref());
                // Where there is a token, it says who calls.
                let key = text(headers, &API_KEY).filter(|_| token.is_empty());
                if let Some((id, key)) = key.and_then(|key| key.split_once(':'))
                    && let Some(application) = authenticator.application(id, key).await?
                {
                    return Ok(application);
                }
                match token.is_empty() {
                    true => Ok(authenticator.anonymous()),
                    false => authenticator.caller(&token).await,
                }
            }
            None => Ok(Caller::anonymous()),
        }
    }

    /// The caller who has this token, which does not stand in a request.
    ///
    /// # Errors
    /// As [`caller`](Self::caller).
    pub async fn caller_by_token(&self, token: &str) -> Result<Caller> {
        let meant = (1..=MAX_TOKEN).contains(&token.len());
        let token = meant.then(|| token.to_owned());
        match &self.authenticator {
            Some(authenticator) => authenticator.caller(token.as_slice()).await,
            None => Ok(Caller::anonymous()),
        }
    }
}

/// The token that stands in a request, in each way that it can be meant; nothing if there is none. The first place that has
/// one counts, even if it is not valid.
fn token(headers: &HeaderMap, query: &Map<String, Json>, secret: Option<&str>) -> Vec<String> {
    let sent = query.get(ACCESS_TOKEN).and_then(Json::as_str);
    let sent = sent.filter(|token| !token.is_empty());
    let mut meanings = if let Some(token) = sent {
        vec![token.to_owned()]
    } else if let Some(token) = text(headers, &TOKEN_HEADER) {
        vec![token.to_owned()]
    } else if let Some(value) = text(headers, &header::AUTHORIZATION) {
        authorization(value)
    } else if let Some(token) = secret.and_then(|secret| signed_cookie(headers, secret)) {
        vec![token]
    } else {
        Vec::new()
    };
    meanings.retain(|token| !token.is_empty() && token.len() <= MAX_TOKEN);
    meanings
}

fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    let value = headers.get(name)?.to_str().ok()?.trim();
    (!value.is_empty()).then_some(value)
}

/// The token of an `Authorization` header: as it is, after `Bearer `, or in place of a name or a password.
fn authorization(value: &str) -> Vec<String> {
    if let Some(token) = value.strip_prefix("Bearer ") {
        // LoopBack encodes the token once more; everybody else does not.
        let decoded = decoded(token.trim());
        return decoded
            .into_iter()
            .chain([token.trim().to_owned()])
            .collect();
    }
    let basic = value.split_once(' ');
    let basic = basic.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"));
    if let Some((_, pair)) = basic {
        let Some(pair) = decoded(pair.trim()) else {
            return Vec::new();
        };
        let token = match pair.split_once(':') {
            // The token is the longer one: people write a name such as `token` beside it.
            Some((name, password)) if password.len() > name.len() => password.to_owned(),
            Some((name, _)) => name.to_owned(),
            None => pair,
        };
        return vec![token];
    }
    vec![value.to_owned()]
}

fn decoded(text: &str) -> Option<String> {
    /// As lenient as Node, which clients were written for.
    const LENIENT: GeneralPurpose = GeneralPurpose::new(
        &base64::alphabet::STANDARD,
        GeneralPurposeConfig::new()
            .with_decode_padding_mode(DecodePaddingMode::Indifferent)
            .with_decode_allow_trailing_bits(true),
    );
    String::from_utf8(LENIENT.decode(text).ok()?).ok()
}

/// The token in a cookie that the application, or the LoopBack one before it, has signed.
fn signed_cookie(headers: &HeaderMap, secret: &str) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).iter();
    let cookies: Vec<_> = cookies
        .filter_map(|cookies| cookies.to_str().ok())
        .collect();
    let named = |wanted: &str| {
        let cookies = cookies.iter().flat_map(|cookies| cookies.split(';'));
        let mut pairs = cookies.filter_map(|cookie| cookie.trim().split_once('='));
        let (_, value) = pairs.find(|(name, _)| *name == wanted)?;
        let value = percent_decode_str(value.trim_matches('"'));
        unsigned(&value.decode_utf8().ok()?, secret)
    };
    named(ACCESS_TOKEN).or_else(|| named("authorization"))
}

/// The value of `s:<value>.<signature>`, as Express signs its cookies.
fn unsigned(cookie: &str, secret: &str) -> Option<String> {
    let (value, signature) = cookie.strip_prefix("s:")?.rsplit_once('.')?;
    let signature = base64::engine::general_purpose::STANDARD_NO_PAD
        .decode(signature)
        .ok()?;
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    mac.update(value.as_bytes());
    // In constant time.
    mac.verify_slice(&signature).ok()?;
    (!value.is_empty()).then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use serde_json::json;

    use super::*;

    fn found(headers: &[(&'static str, &str)], query: Json) -> Vec<String> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, HeaderValue::from_str(value).unwrap());
        }
        let Json::Object(query) = query else {
            panic!("a query is an object");
        };
        token(&map, &query, Some("cats"))
    }

    #[test]
    fn a_token_is_found_where_loopback_finds_it() {
        let none = json!({});
        for (headers, query, expected) in [
            (vec![("authorization", "abc")], none.clone(), vec!["abc"]),
            // base64 of `abc`
            (
                vec![("authorization", "Bearer YWJj")],
                none.clone(),
                vec!["abc", "YWJj"],
            ),
            (
                vec![("authorization", "bearer YWJj")],
                none.clone(),
                vec!["bearer YWJj"],
            ),
            // `abc`, `abc:`, `:abc`, `token:abcdef`
            (
                vec![("authorization", "Basic YWJj")],
                none.clone(),
                vec!["abc"],
            ),
            (
                vec![("authorization", "basic YWJjOg==")],
                none.clone(),
                vec!["abc"],
            ),
            (
                vec![("authorization", "Basic OmFiYw==")],
                none.clone(),
                vec!["abc"],
            ),
            (
                vec![("authorization", "Basic dG9rZW46YWJjZGVm")],
                none.clone(),
                vec!["abcdef"],
            ),
            (
                vec![("x-access-token", "abc"), ("authorization", "def")],
                none.clone(),
                vec!["abc"],
            ),
            (
                vec![("x-access-token", "abc")],
                json!({"access_token": "def"}),
                vec!["def"],
            ),
            // Repeated, or empty: there is none.
            (
                vec![("authorization", "abc")],
                json!({"access_token": ["d", "e"]}),
                vec!["abc"],
            ),
            (
                vec![("authorization", "")],
                json!({"access_token": ""}),
                vec![],
            ),
            (vec![], none.clone(), vec![]),
        ] {
            assert_eq!(found(&headers, query), expected, "{headers:?}");
        }
    }

    #[test]
    fn a_cookie_counts_if_it_is_signed() {
        // As the npm package cookie-signature 1.0 signs `abc` with `cats`.
        let signed = "access_token=s%3Aabc.eg4LrTX818e+oJvylTUGxfQefFgARvS9KaCSV+CChdc";
        assert_eq!(found(&[("cookie", signed)], json!({})), ["abc"]);
        for cookie in [
            "access_token=abc",
            "access_token=s%3Aabc.eg4LrTX818e+oJvylTUGxfQefFgARvS9KaCSV+CChdd",
            "access_token=s%3Aabd.eg4LrTX818e+oJvylTUGxfQefFgARvS9KaCSV+CChdc",
            "access_token=s%3Aabc.",
            "access_token=s%3A.",
        ] {
            assert!(
                found(&[("cookie", cookie)], json!({})).is_empty(),
                "{cookie}"
            );
        }
    }

    #[test]
    fn what_is_too_long_is_no_token() {
        let long = "a".repeat(MAX_TOKEN + 1);
        assert!(found(&[("authorization", &long)], json!({})).is_empty());
    }
}

//! The address of a request, as it may be logged.

use axum::http::Uri;
use percent_encoding::percent_decode_str;

/// What stands in the place of a secret.
const MASK: &str = "***";

/// What a text speaks of that nobody else should know.
const SECRET: [&str; 7] = [
    "api-key",
    "api_key",
    "apikey",
    "credential",
    "passw",
    "secret",
    "token",
];

/// Names of secrets that are parts of other words, too.
const NAMES: [&str; 11] = [
    "auth",
    "authorization",
    "code",
    "jwt",
    "key",
    "pin",
    "pwd",
    "session",
    "sid",
    "sig",
    "signature",
];

/// The path and query of `uri` without what may be a secret: values by the name of one, or that speak of one, and all that
/// comes behind a part of the path that does, as in `/Users/7/accessTokens/<token>`.
pub(super) fn shown(uri: &Uri) -> String {
    let mut shown = String::new();
    let mut masked = false;
    for (position, segment) in uri.path().split('/').enumerate() {
        if position > 0 {
            shown.push('/');
        }
        let mask = masked && !segment.is_empty();
        shown.push_str(if mask { MASK } else { segment });
        masked |= SECRET.iter().any(|word| decoded(segment).contains(word));
    }
    let parameters = uri.query().map(|query| query.split('&'));
    for (position, parameter) in parameters.into_iter().flatten().enumerate() {
        shown.push(if position == 0 { '?' } else { '&' });
        match parameter.split_once('=') {
            Some((name, _)) if masked || is_secret(name, parameter) => {
                shown.push_str(name);
                shown.push('=');
                shown.push_str(MASK);
            }
            None if masked => shown.push_str(MASK),
            _ => shown.push_str(parameter),
        }
    }
    shown
}

fn is_secret(name: &str, parameter: &str) -> bool {
    let parameter = decoded(parameter);
    SECRET.iter().any(|word| parameter.contains(word)) || NAMES.contains(&decoded(name).as_str())
}

/// In lower case, and without what a client has encoded, also twice.
fn decoded(text: &str) -> String {
    let once = percent_decode_str(text).decode_utf8_lossy();
    let twice = percent_decode_str(&once).decode_utf8_lossy();
    twice.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn secrets_are_masked_and_the_rest_stays() {
        for (uri, wanted) in [
            (
                "/api/Shops?filter=%7B%22limit%22%3A2%7D&after=",
                "/api/Shops?filter=%7B%22limit%22%3A2%7D&after=",
            ),
            (
                "/api/Shops?access_token=tiger",
                "/api/Shops?access_token=***",
            ),
            (
                "/api/Shops?x=1&access%5Ftoken=tiger&y",
                "/api/Shops?x=1&access%5Ftoken=***&y",
            ),
            (
                "/api/Users/confirm?uid=7&token=tiger",
                "/api/Users/confirm?uid=7&token=***",
            ),
            (
                "/api/Users?filter[where][password]=tiger",
                "/api/Users?filter[where][password]=***",
            ),
            (
                "/api/Users?filter=%7B%22where%22%3A%7B%22Password%22%3A%22tiger%22%7D%7D",
                "/api/Users?filter=***",
            ),
            (
                "/api/Users?filter=%257B%2522p%2561ssword%2522%253A%2522tiger%2522%257D",
                "/api/Users?filter=***",
            ),
            (
                "/api/Users/7/accessTokens/tiger",
                "/api/Users/7/accessTokens/***",
            ),
            ("/api/AccessTokens/tiger/user", "/api/AccessTokens/***/***"),
            (
                "/api/AccessTokens?filter[where][id]=tiger",
                "/api/AccessTokens?filter[where][id]=***",
            ),
            ("/api/Authors/7?sig=tiger", "/api/Authors/7?sig=***"),
            ("/", "/"),
        ] {
            assert_eq!(shown(&uri.parse().unwrap()), wanted);
        }
    }
}

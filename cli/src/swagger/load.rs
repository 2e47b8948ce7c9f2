//! A document from a file or a URL, in JSON or YAML.

use std::fs;
use std::time::Duration;

use serde_json::Value as Json;

use crate::error::{Error, Result};

/// As large as a document may be.
const LARGEST: u64 = 16 * 1024 * 1024;

/// The document at `place`: a URL, or else a file.
///
/// # Errors
/// There is none, or it is neither JSON nor YAML.
pub(crate) fn load(place: &str) -> Result<Json> {
    let text = match place.starts_with("http://") || place.starts_with("https://") {
        true => fetch(place)?,
        false => fs::read_to_string(place).map_err(|error| {
            Error::undone(format!(
                "{place} can't be read: {error}; name a file or a URL with a Swagger or OpenAPI document"
            ))
        })?,
    };
    parse(&text)
}

fn fetch(url: &str) -> Result<String> {
    // The URL may hold a password, so it is not repeated.
    let failed = |error: ureq::Error| {
        Error::undone(format!(
            "the document can't be fetched: {error}; check the URL, or fetch it yourself and name the file"
        ))
    };
    let config = ureq::Agent::config_builder()
        .timeout_global(Some(Duration::from_secs(30)))
        .build();
    let agent: ureq::Agent = config.into();
    let mut answer = agent.get(url).call().map_err(failed)?;
    let body = answer.body_mut().with_config().limit(LARGEST);
    body.read_to_string().map_err(failed)
}

/// JSON is YAML, but for the messages about what is wrong with it.
fn parse(text: &str) -> Result<Json> {
    let wrong = |error: String| {
        Error::undone(format!(
            "the document is neither JSON nor YAML: {error}; mend it first; nothing was written"
        ))
    };
    match text.trim_start().starts_with('{') {
        true => serde_json::from_str(text).map_err(|error| wrong(error.to_string())),
        false => yaml_serde::from_str(text).map_err(|error| wrong(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_and_yaml() {
        assert_eq!(parse(" {\"a\": 1}").unwrap(), json!({ "a": 1 }));
        assert_eq!(
            parse("responses:\n  200: {a: yes}\n").unwrap(),
            json!({ "responses": { "200": { "a": "yes" } } })
        );
        for text in ["{\"a\": ", "a: [", "\ta: b: c"] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains("neither JSON nor YAML"), "{error}");
        }
    }
}

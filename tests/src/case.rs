//! Behaviour as data: requests, and what they must answer.
//!
//! A file under `cases/` is a list of steps that run in order against one fresh application:
//!
//! ```json
//! {
//!   "name": "an unknown id is 404",
//!   "request": "GET /api/Cars/999",
//!   "headers": {"accept": "application/json"},
//!   "body": {"name": "Audi"},
//!   "status": 404,
//!   "response": {"error": {"name": "Error", "…": "…"}}
//! }
//! ```
//!
//! `body` is sent as JSON, or as it is when it is a string under `text`. The answer must equal `response`, in which
//! `"$any"` stands for any value; `absent` (`null` under `response`) means an empty body.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value as Json;

use crate::serve::Served;

/// One request and its answer.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// What is shown.
    pub name: String,
    /// Verb and path.
    pub request: String,
    /// Request headers.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The body, sent as JSON.
    pub body: Option<Json>,
    /// The body, sent as it is.
    pub text: Option<String>,
    /// The status that must be answered.
    pub status: u16,
    /// The body that must be answered; unless given, any body will do.
    pub response: Option<Json>,
    /// The raw text that must be answered.
    pub response_text: Option<String>,
    /// Headers that must be answered.
    #[serde(default)]
    pub response_headers: BTreeMap<String, String>,
}

/// The steps of a file under `cases/`.
///
/// # Errors
/// The file is missing, or holds no list of cases.
pub fn load(file: &str) -> Result<Vec<Case>, Box<dyn std::error::Error>> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("cases")
        .join(file);
    Ok(serde_json::from_str(&std::fs::read_to_string(path)?)?)
}

/// Runs the cases of `file` in order on one application.
///
/// # Errors
/// The cases that failed, each with what differs.
pub async fn run_all(file: &str, served: &Served) -> Result<(), Box<dyn std::error::Error>> {
    let mut failures = Vec::new();
    for case in load(file)? {
        if let Err(failure) = case.run(&served.client, &served.url).await {
            failures.push(failure.to_string());
        }
    }
    match failures.is_empty() {
        true => Ok(()),
        false => Err(format!("{file}:\n{}", failures.join("\n")).into()),
    }
}

impl Case {
    /// Sends the request to the server at `url` and compares the answer.
    ///
    /// # Errors
    /// What differs, or that the server can't be reached.
    pub async fn run(
        &self,
        client: &reqwest::Client,
        url: &str,
    ) -> Result<(), Box<dyn std::error::Error>> {
        let (verb, path) = self
            .request
            .split_once(' ')
            .ok_or("a request is a verb and a path")?;
        let mut request = client.request(verb.parse()?, format!("{url}{path}"));
        if let Some(body) = &self.body {
            request = request
                .header("content-type", "application/json")
                .body(body.to_string());
        }
        if let Some(text) = &self.text {
            request = request.body(text.clone());
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let response = request.send().await?;
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let text = response.text().await?;
        let complain = |what: String| {
            Err(format!(
                "{}\n  {}\n  {what}\n  answered {status} {text}",
                self.name, self.request
            )
            .into())
        };
        if status != self.status {
            return complain(format!("expected the status {}", self.status));
        }
        if let Some(expected) = &self.response {
            let answered: Json = match serde_json::from_str(&text) {
                Ok(json) => json,
                Err(error) => return complain(format!("expected JSON, but {error}")),
            };
            if !matches(expected, &answered) {
                return complain(format!("expected {expected}"));
            }
        }
        if let Some(expected) = &self.response_text
            && *expected != text
        {
            return complain(format!("expected the text {expected:?}"));
        }
        for (name, expected) in &self.response_headers {
            let answered = headers.get(name).and_then(|value| value.to_str().ok());
            if answered != Some(expected) {
                return complain(format!(
                    "expected the header {name}: {expected}, but it is {answered:?}"
                ));
            }
        }
        Ok(())
    }
}

/// Equal, member by member and in any order of members; `"$any"` equals everything.
fn matches(expected: &Json, answered: &Json) -> bool {
    match (expected, answered) {
        (Json::String(any), _) if any == "$any" => true,
        (Json::Object(expected), Json::Object(answered)) => {
            expected.len() == answered.len()
                && expected.iter().all(|(key, value)| {
                    answered.get(key).is_some_and(|other| matches(value, other))
                })
        }
        (Json::Array(expected), Json::Array(answered)) => {
            expected.len() == answered.len()
                && expected
                    .iter()
                    .zip(answered)
                    .all(|(left, right)| matches(left, right))
        }
        _ => expected == answered,
    }
}

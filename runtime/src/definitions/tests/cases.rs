//! Files over each other and variables within them, case by case (contract *boot.md* §3, §5, *middleware.md* §4.3).

use serde::Deserialize;
use serde_json::{Map, Value as Json};

use super::super::folder::{Merge, layered};
use super::super::source::Node;
use super::super::substitution::Variables;
use super::super::{merge, middleware};
use super::*;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    merge: Vec<Files>,
    middleware: Vec<Files>,
    substitution: Vec<Substitution>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Files {
    name: String,
    #[serde(default)]
    environment: BTreeMap<String, String>,
    /// JSON files by their values, and others by their texts.
    files: BTreeMap<String, Json>,
    #[serde(default)]
    result: Option<Json>,
    #[serde(default)]
    problems: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Substitution {
    name: String,
    #[serde(default)]
    environment: BTreeMap<String, String>,
    #[serde(default)]
    settings: Map<String, Json>,
    value: Json,
    result: Json,
    #[serde(default)]
    problems: Vec<String>,
}

fn cases() -> Cases {
    serde_json::from_str(include_str!("cases.json")).unwrap()
}

fn said(problems: &Problems, folder: &str) -> Vec<String> {
    let kinds = [Kind::Mistake, Kind::Missing, Kind::Note];
    let said = kinds.into_iter().flat_map(|kind| problems.of(kind));
    said.map(|problem| problem.to_string().replace(folder, ""))
        .collect()
}

fn check(cases: Vec<Files>, main: &str, merge: Merge) {
    assert!(!cases.is_empty());
    for case in cases {
        let texts: Vec<_> = (case.files.iter())
            .map(|(name, value)| match value {
                Json::String(text) => (name.as_str(), text.clone()),
                json => (name.as_str(), json.to_string()),
            })
            .collect();
        let files: Vec<_> = texts
            .iter()
            .map(|(name, text)| (*name, text.as_str()))
            .collect();
        let folder = folder(&files);
        let mut problems = Problems::default();
        let environment = Environment::new(None, case.environment);
        let merged = layered(folder.path(), main, &environment, merge, &mut problems);
        let within = format!("{}/", folder.path().display());
        assert_eq!(said(&problems, &within), case.problems, "{}", case.name);
        // What is wrong has no result, unless one is said.
        if case.problems.is_empty() || case.result.is_some() {
            let merged = merged.map(|node| node.to_json());
            assert_eq!(merged, case.result, "{}", case.name);
        }
    }
}

#[test]
fn files_go_over_each_other_as_in_loopback() {
    check(cases().merge, "config", merge::merge);
}

#[test]
fn middleware_goes_over_middleware_by_its_names() {
    check(cases().middleware, "middleware", middleware::merge);
}

#[test]
fn variables_stand_for_the_environment_and_for_settings() {
    for case in cases().substitution {
        let mut problems = Problems::default();
        let text = case.value.to_string();
        let node = Node::parse(&"file.json".into(), &text, &mut problems).unwrap();
        let environment = Environment::new(None, case.environment);
        let variables = Variables {
            environment: &environment,
            settings: &case.settings,
        };
        let result = variables.substitute(&node, &mut problems);
        let result = result.map_or(Json::Null, |node| node.to_json());
        assert_eq!(result, case.result, "{}", case.name);
        assert_eq!(said(&problems, ""), case.problems, "{}", case.name);
    }
}

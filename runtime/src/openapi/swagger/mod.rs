//! The document in Swagger 2.0, as LoopBack 2 writes it and older gateways and generators read it (contract *tools.md* §2.10).
//!
//! **Architecture Invariant:** this is a reading of the OpenAPI document and of nothing else, so both say the same, as far as
//! Swagger can.

mod operation;
mod schema;

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json, json};
use utoipa::openapi::OpenApi;

use crate::{Error, Result};

/// A document as Swagger 2.0.
///
/// Swagger has no word for alternatives: what may be several things is described as the first of them, which is what LoopBack
/// says, too. Objects in the query string are texts with the format `JSON`. Definitions that nothing refers to any more are left out.
/// The paths are below `api_root`, unless routes of the application's own are elsewhere.
///
/// # Errors
/// The document can't be written.
///
/// ```
/// use loopwright::openapi::{document, swagger};
///
/// let swagger = swagger(&document(&[], "/api", "Notes", "1.0.0"), "/api")?;
/// assert_eq!((swagger["swagger"].as_str(), swagger["basePath"].as_str()), (Some("2.0"), Some("/api")));
/// # Ok::<_, loopwright::Error>(())
/// ```
pub fn swagger(document: &OpenApi, api_root: &str) -> Result<Json> {
    let unwritable =
        |error| Error::internal("the OpenAPI document can't be written").with_source(error);
    let document = serde_json::to_value(document).map_err(unwritable)?;
    let source = Source {
        document: &document,
    };
    let root = api_root.trim_end_matches('/');
    let paths = members(document.get("paths"));
    let below = paths.clone().all(|(path, _)| {
        path.strip_prefix(root)
            .is_some_and(|rest| rest.starts_with('/'))
    });
    let root = if below { root } else { "" };
    let mut written = Map::new();
    written.insert("swagger".into(), "2.0".into());
    copy(&document, &mut written, &["info"]);
    if let Some(Json::Object(info)) = written.get_mut("info") {
        // Words of OpenAPI alone.
        info.remove("summary");
        if let Some(Json::Object(license)) = info.get_mut("license") {
            license.remove("identifier");
        }
    }
    let base_path = if root.is_empty() { "/" } else { root };
    written.insert("basePath".into(), base_path.into());
    written.insert("consumes".into(), json!(["application/json"]));
    written.insert("produces".into(), json!(["application/json"]));
    let paths = paths.map(|(path, item)| {
        let path = path.strip_prefix(root).unwrap_or(path).to_owned();
        (path, source.path_item(item))
    });
    written.insert("paths".into(), Json::Object(paths.collect()));
    copy(&document, &mut written, &["tags", "externalDocs"]);
    let schemes = members(document.pointer("/components/securitySchemes"));
    let schemes =
        schemes.filter_map(|(name, scheme)| Some((name.clone(), security_scheme(scheme)?)));
    written.insert(
        "securityDefinitions".into(),
        Json::Object(schemes.collect()),
    );
    let responses = members(document.pointer("/components/responses"));
    let responses = responses.map(|(name, response)| (name.clone(), source.response(response)));
    written.insert("responses".into(), Json::Object(responses.collect()));
    let definitions = source.reachable(&written);
    written.insert("definitions".into(), Json::Object(definitions));
    for empty in ["definitions", "responses", "securityDefinitions", "tags"] {
        let is_empty = |value: &Json| matches!(value, Json::Object(members) if members.is_empty());
        if written.get(empty).is_some_and(is_empty) {
            written.remove(empty);
        }
    }
    Ok(Json::Object(written))
}

/// The OpenAPI document that is read.
struct Source<'a> {
    document: &'a Json,
}

impl Source<'_> {
    /// What `value` refers to, if it does.
    fn resolve<'v>(&'v self, value: &'v Json) -> &'v Json {
        let reference = value.get("$ref").and_then(Json::as_str);
        let target = reference.and_then(|path| self.document.pointer(path.strip_prefix('#')?));
        target.unwrap_or(value)
    }

    /// The definitions that what is written refers to, and those that they refer to.
    fn reachable(&self, written: &Map<String, Json>) -> Map<String, Json> {
        let mut wanted = BTreeSet::new();
        written
            .values()
            .for_each(|value| referred(value, &mut wanted));
        let mut left: Vec<_> = wanted.iter().cloned().collect();
        let mut found = Map::new();
        while let Some(name) = left.pop() {
            let schemas = self.document.pointer("/components/schemas");
            let Some(schema) = schemas.and_then(|schemas| schemas.get(&name)) else {
                continue;
            };
            let schema = self.schema(schema);
            let mut more = BTreeSet::new();
            referred(&schema, &mut more);
            left.extend(more.into_iter().filter(|name| wanted.insert(name.clone())));
            found.insert(name, schema);
        }
        found.sort_keys();
        found
    }
}

/// The names of the definitions that `value` refers to.
fn referred(value: &Json, names: &mut BTreeSet<String>) {
    match value {
        Json::Object(members) => {
            let reference = members.get("$ref").and_then(Json::as_str);
            names.extend(
                reference
                    .and_then(|path| path.strip_prefix("#/definitions/"))
                    .map(ToOwned::to_owned),
            );
            members.values().for_each(|value| referred(value, names));
        }
        Json::Array(items) => items.iter().for_each(|value| referred(value, names)),
        _ => {}
    }
}

/// Swagger knows keys, which stand in a header or the query string; a bearer token is such a key.
fn security_scheme(scheme: &Json) -> Option<Json> {
    let kind = scheme.get("type").and_then(Json::as_str)?;
    let known = scheme
        .get("scheme")
        .and_then(Json::as_str)
        .unwrap_or_default();
    let place = scheme.get("in").and_then(Json::as_str);
    let mut written = Map::new();
    match (kind, known.to_lowercase().as_str(), place) {
        ("apiKey", _, Some("header" | "query")) => {
            copy(scheme, &mut written, &["type", "name", "in"])
        }
        ("http", "basic", _) => drop(written.insert("type".into(), "basic".into())),
        ("http", "bearer", _) => {
            written = Map::from_iter([
                ("type".into(), "apiKey".into()),
                ("name".into(), "Authorization".into()),
                ("in".into(), "header".into()),
            ]);
        }
        _ => return None,
    }
    copy(scheme, &mut written, &["description"]);
    Some(Json::Object(written))
}

/// The members of an object, or none.
fn members(value: Option<&Json>) -> impl Iterator<Item = (&String, &Json)> + Clone {
    value.and_then(Json::as_object).into_iter().flatten()
}

/// Copies what is called so.
fn copy(from: &Json, to: &mut Map<String, Json>, keys: &[&str]) {
    for key in keys {
        if let Some(value) = from.get(*key) {
            to.insert((*key).to_owned(), value.clone());
        }
    }
}

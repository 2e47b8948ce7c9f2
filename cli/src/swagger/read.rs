//! The whole of a document.

use serde_json::Value as Json;

use super::Document;
use super::schema::text;
use crate::error::{Error, Result};

/// A document, and what of it was not kept so far.
pub(super) struct Reader<'a> {
    pub(super) root: &'a Json,
    pub(super) unsaid: Vec<String>,
}

/// How often something may refer to something else that refers on.
const LONGEST: usize = 32;

/// Reads a document.
///
/// # Errors
/// It is no Swagger 2.0 and no OpenAPI 3.
pub(crate) fn read(root: &Json) -> Result<Document> {
    let version = |key: &str| {
        root.get(key)
            .map(|version| version.to_string().replace('"', ""))
    };
    match (version("swagger"), version("openapi")) {
        (Some(version), _) if version.starts_with("2") => {}
        (_, Some(version)) if version.starts_with("3") => {}
        (Some(version), _) | (_, Some(version)) => {
            return Err(Error::undone(format!(
                "the document is of version {version}; convert it to Swagger 2.0 or OpenAPI 3 first"
            )));
        }
        (None, None) => {
            return Err(Error::undone(
                "the document says neither `swagger` nor `openapi`; name a Swagger 2.0 or OpenAPI 3 document",
            ));
        }
    }
    let mut reader = Reader {
        root,
        unsaid: Vec::new(),
    };
    let definitions = reader.definitions();
    let operations = reader.operations();
    let secured = ["/securityDefinitions", "/components/securitySchemes"];
    if secured.iter().any(|path| root.pointer(path).is_some()) {
        reader.unsaid.push(
            "how callers say who they are; rules say who may do what, see `loopwright add acl`"
                .to_owned(),
        );
    }
    Ok(Document {
        title: text(root.get("info").unwrap_or(&Json::Null), "title"),
        base_path: base_path(root),
        definitions,
        operations,
        unsaid: reader.unsaid,
    })
}

/// `basePath`, or the path of the first server's URL.
fn base_path(root: &Json) -> String {
    let path = match root.get("basePath").and_then(Json::as_str) {
        Some(path) => path.to_owned(),
        None => {
            let url = root.pointer("/servers/0/url").and_then(Json::as_str);
            let url = url.unwrap_or_default();
            let path = match url.split_once("://") {
                Some((_, rest)) => rest.find('/').map_or("", |at| &rest[at..]),
                None => url,
            };
            path.to_owned()
        }
    };
    // A part that is filled in elsewhere is no path.
    let steps = path
        .split('/')
        .filter(|step| !step.is_empty() && !step.contains('{'));
    steps.map(|step| format!("/{step}")).collect()
}

impl<'a> Reader<'a> {
    /// What `value` stands for if it refers to something in the document, and the name of that; `value` itself otherwise, or
    /// if there is nothing.
    pub(super) fn resolve(&self, value: &'a Json) -> (&'a Json, Option<String>) {
        let (mut value, mut name) = (value, None);
        for _ in 0..LONGEST {
            let Some(reference) = value.get("$ref").and_then(Json::as_str) else {
                break;
            };
            let target = reference
                .strip_prefix('#')
                .and_then(|path| self.root.pointer(path));
            let Some(target) = target else {
                break;
            };
            let last = reference.rsplit('/').next().unwrap_or_default();
            name = Some(last.replace("~1", "/").replace("~0", "~"));
            value = target;
        }
        (value, name)
    }
}

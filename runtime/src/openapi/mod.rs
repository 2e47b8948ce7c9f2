//! The description as an OpenAPI 3.1 document, and the explorer that shows it.
//!
//! The document is written from the table that the router calls by, and from the rules that the access decision asks:
//! what is served is documented, and what is documented is served.
//!
//! What a request may carry is documented as the coercion reads it (`"5"` for a number, as forms and LoopBack's clients
//! write it), what is answered as it is written.
//!
//! **Architecture Invariant:** nothing here serves or decides anything, and nothing else knows `utoipa`.

mod components;
mod condition;
mod example;
#[cfg(feature = "explorer")]
mod explorer;
mod failure;
mod merge;
mod number;
mod operation;
mod parameter;
mod property;
mod remote;
mod request;
mod response;
mod rule;
mod schema;
mod security;
mod swagger;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

#[cfg(feature = "explorer")]
pub use explorer::explorer;
pub(crate) use merge::merge;
pub use swagger::swagger;
use utoipa::openapi::path::{HttpMethod, PathItem, Paths};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{InfoBuilder, OpenApi, OpenApiBuilder, Server, Tag};

use components::Components;

use crate::access::Subject;
use crate::model::ModelDef;
use crate::remoting::{self, Verb};

const ABOUT: &str = "Send the access token in the header `Authorization`, or in the query string as `access_token`. \
    Objects in the query string (`filter`, `where`) are JSON, or brackets: `filter[where][id]=1`.";

/// Adds to every `POST` of the models that it may be sent twice and is done once.
pub(crate) fn idempotency(document: &mut OpenApi) {
    for item in document.paths.paths.values_mut() {
        if let Some(operation) = &mut item.post {
            let parameters = operation.parameters.get_or_insert_default();
            parameters.push(parameter::idempotency_key().into());
        }
    }
}

/// The document of the public `models` below `api_root`, such as `/api`.
///
/// The same models give the same document, in the models' order.
///
/// ```
/// use loopwright::model::{AclDef, ModelDef, PrincipalDef, PropertyDef};
///
/// static RULES: [AclDef; 1] = [AclDef::allow(PrincipalDef::Everyone)];
/// static NOTE: ModelDef = ModelDef::new(
///     "Note",
///     "Notes",
///     "note",
///     &[PropertyDef::of::<i64>("id", "id").id().generated(), PropertyDef::of::<String>("text", "text")],
/// )
/// .acls(&RULES);
///
/// let document = loopwright::openapi::document(&[&NOTE], "/api", "Notes", "1.0.0");
/// let find = document.paths.paths["/api/Notes"].get.as_ref().unwrap();
/// assert_eq!(find.operation_id.as_deref(), Some("Note.find"));
/// ```
pub fn document(
    models: &[&'static ModelDef],
    api_root: &str,
    title: &str,
    version: &str,
) -> OpenApi {
    document_of(models, api_root, title, version, Settings::default(), None)
}

/// What is configured that the document tells.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settings {
    /// May the body of a new instance hold instances that belong to it?
    pub nested_writes: bool,
    /// The status of a refusal for who is logged in, where the model says nothing else.
    pub acl_error_status: u16,
    /// May rows of the database refuse what the program allows?
    pub rules_in_rows: bool,
    /// Are there programs that call by a key?
    pub api_keys: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            nested_writes: false,
            acl_error_status: 401,
            rules_in_rows: false,
            api_keys: false,
        }
    }
}

/// As [`document`]; with a `subject`, what such a caller may call and nothing else.
pub(crate) fn document_of(
    models: &[&'static ModelDef],
    api_root: &str,
    title: &str,
    version: &str,
    settings: Settings,
    subject: Option<&Subject>,
) -> OpenApi {
    let mut components = Components::new(models, settings);
    let mut paths = Paths::new();
    let mut tags = Vec::new();
    for def in models.iter().copied().filter(|def| def.public) {
        let mut ids = HashSet::new();
        let mut shown = 0;
        for route in remoting::served(def) {
            // Ids are given away all the same: an operation has the same one in every document.
            let id = operation::id(def, &route, &mut ids);
            if subject.is_some_and(|subject| !route.judge(subject).decision.allowed) {
                continue;
            }
            shown += 1;
            let path = route.address(api_root);
            let operation = operation::operation(&mut components, def, &route, id);
            let item = PathItem::new(http_method(route.endpoint.verb), operation);
            match paths.paths.get_mut(&path) {
                Some(known) => known.merge_operations(item),
                None => drop(paths.paths.insert(path, item)),
            }
        }
        if shown > 0 || subject.is_none() {
            tags.push(tag(def));
        }
    }
    let info = InfoBuilder::new()
        .title(title)
        .version(version)
        .description(Some(ABOUT));
    OpenApiBuilder::new()
        .info(info)
        .servers(Some([Server::new("/")]))
        .paths(paths)
        .components(Some(components.build()))
        .tags(Some(tags))
        .build()
}

fn tag(def: &ModelDef) -> Tag {
    let docs = match def.docs.trim() {
        "" => format!("The model `{}`.", def.name),
        docs => docs.to_owned(),
    };
    TagBuilder::new()
        .name(def.name)
        .description(Some(docs))
        .build()
}

fn http_method(verb: Verb) -> HttpMethod {
    match verb {
        Verb::Put => HttpMethod::Put,
        Verb::Post => HttpMethod::Post,
        Verb::Patch => HttpMethod::Patch,
        Verb::Head => HttpMethod::Head,
        Verb::Get => HttpMethod::Get,
        Verb::Delete => HttpMethod::Delete,
    }
}

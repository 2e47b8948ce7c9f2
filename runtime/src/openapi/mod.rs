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
#[cfg(test)]
mod tests;

use std::collections::HashSet;

#[cfg(feature = "explorer")]
pub use explorer::explorer;
pub(crate) use merge::merge;
use utoipa::openapi::path::{HttpMethod, PathItem, Paths};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{InfoBuilder, OpenApi, OpenApiBuilder, Server, Tag};

use components::Components;

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
    document_of(models, api_root, title, version, false)
}

/// As [`document`]; `nested_writes` tells whether the body of a new instance may hold instances that belong to it.
pub(crate) fn document_of(
    models: &[&'static ModelDef],
    api_root: &str,
    title: &str,
    version: &str,
    nested_writes: bool,
) -> OpenApi {
    let mut components = Components::new(models, nested_writes);
    let public: Vec<_> = models.iter().copied().filter(|def| def.public).collect();
    let mut paths = Paths::new();
    for def in &public {
        let collection = collection(api_root, def);
        let mut served = HashSet::new();
        let mut ids = HashSet::new();
        for route in remoting::routes(def) {
            let path = [collection.as_str(), &route.path].join("/");
            let path = path.trim_end_matches('/').to_owned();
            // As in the router: what stands first in the table wins, whatever the case of a relation's name.
            if !served.insert((path.to_lowercase(), route.endpoint.verb)) {
                continue;
            }
            let operation = operation::operation(&mut components, def, &route, &mut ids);
            let item = PathItem::new(http_method(route.endpoint.verb), operation);
            match paths.paths.get_mut(&path) {
                Some(known) => known.merge_operations(item),
                None => drop(paths.paths.insert(path, item)),
            }
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
        .tags(Some(public.iter().map(|def| tag(def))))
        .build()
}

/// The path of a model's collection.
fn collection(api_root: &str, def: &ModelDef) -> String {
    let segments = api_root.split('/').chain(def.path.split('/'));
    let segments = segments.filter(|segment| !segment.is_empty());
    segments.fold(String::new(), |path, segment| path + "/" + segment)
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

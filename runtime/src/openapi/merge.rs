//! Documents of the application's own routes, beside the models'.
//!
//! utoipa's own merging keeps what is there and drops the rest: parameters and examples that are shared, a schema whose
//! name is taken (so that references lead to another one), security that is said once for all.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value as Json;
use utoipa::openapi::path::{Operation, Parameter, ParameterIn, PathItem};
use utoipa::openapi::{Components, OpenApi, RefOr};

/// Adds `other` to `document`. As in the router, the application's own routes win over the models'; of two components
/// with one name, those of `other` get another one.
pub(crate) fn merge(document: &mut OpenApi, other: OpenApi) {
    let other = rename(document, other);
    for (path, mut item) in other.paths.paths {
        for operation in operations(&mut item).into_iter().flatten() {
            // What holds for one document as a whole must not hold for the models too.
            let security = operation.security.take().or_else(|| other.security.clone());
            operation.security = Some(security.unwrap_or_default());
        }
        item.servers = item.servers.or_else(|| other.servers.clone());
        let known = document.paths.paths.keys();
        let known = known.into_iter().find(|known| shape(known) == shape(&path));
        match known.cloned() {
            Some(known) => {
                rename_parameters(&mut item, &path, &known);
                let models = document.paths.paths.insert(known.clone(), item);
                if let (Some(models), Some(item)) = (models, document.paths.paths.get_mut(&known)) {
                    item.merge_operations(models);
                }
            }
            None => drop(document.paths.paths.insert(path, item)),
        }
    }
    if let Some(webhooks) = other.webhooks {
        document
            .webhooks
            .get_or_insert_default()
            .paths
            .extend(webhooks.paths);
    }
    if let Some(components) = other.components {
        let own = document.components.get_or_insert_default();
        add(own, components);
    }
    let tags = document.tags.get_or_insert_default();
    for tag in other.tags.unwrap_or_default() {
        if !tags.iter().any(|known| known.name == tag.name) {
            tags.push(tag);
        }
    }
}

fn operations(item: &mut PathItem) -> [Option<&mut Operation>; 9] {
    [
        &mut item.get,
        &mut item.put,
        &mut item.post,
        &mut item.delete,
        &mut item.options,
        &mut item.head,
        &mut item.patch,
        &mut item.trace,
        &mut item.query,
    ]
    .map(Option::as_mut)
}

/// The path without the names of its parameters: two paths of one shape are one.
fn shape(path: &str) -> Vec<&str> {
    path.split('/')
        .map(|segment| {
            if segment.starts_with('{') {
                "{}"
            } else {
                segment
            }
        })
        .collect()
}

/// Calls the parameters of `path` as `known` does, which has the same shape.
fn rename_parameters(item: &mut PathItem, path: &str, known: &str) {
    let name = |segment: &str| segment.trim_matches(['{', '}', '*']).to_owned();
    let names: HashMap<_, _> = path
        .split('/')
        .zip(known.split('/'))
        .filter(|(own, _)| own.starts_with('{'))
        .map(|(own, known)| (name(own), name(known)))
        .collect();
    let rename = |parameters: &mut Option<Vec<RefOr<Parameter>>>| {
        for parameter in parameters.iter_mut().flatten() {
            if let RefOr::T(parameter) = parameter
                && matches!(parameter.parameter_in, ParameterIn::Path)
                && let Some(name) = names.get(&parameter.name)
            {
                parameter.name.clone_from(name);
            }
        }
    };
    rename(&mut item.parameters);
    for operation in operations(item).into_iter().flatten() {
        rename(&mut operation.parameters);
    }
}

fn add(own: &mut Components, other: Components) {
    fn append<T>(own: &mut BTreeMap<String, T>, other: BTreeMap<String, T>) {
        for (name, component) in other {
            own.entry(name).or_insert(component);
        }
    }
    append(&mut own.schemas, other.schemas);
    append(&mut own.responses, other.responses);
    append(&mut own.parameters, other.parameters);
    append(&mut own.examples, other.examples);
    append(&mut own.request_bodies, other.request_bodies);
    append(&mut own.headers, other.headers);
    append(&mut own.links, other.links);
    append(&mut own.callbacks, other.callbacks);
    append(&mut own.path_items, other.path_items);
    append(&mut own.media_types, other.media_types);
    // Named by requirements, not by references: one name is one scheme.
    append(&mut own.security_schemes, other.security_schemes);
}

/// `other` with new names for the components whose names mean something else in `document`.
fn rename(document: &OpenApi, other: OpenApi) -> OpenApi {
    let (Ok(own), Ok(mut json)) = (serde_json::to_value(document), serde_json::to_value(&other))
    else {
        return other;
    };
    let mut references = HashMap::new();
    let kinds = json.get_mut("components").and_then(Json::as_object_mut);
    for (kind, components) in kinds.into_iter().flatten() {
        let Some(components) = components
            .as_object_mut()
            .filter(|_| kind != "securitySchemes")
        else {
            continue;
        };
        let names: Vec<_> = components.keys().cloned().collect();
        for name in names {
            let taken = |name: &str| own["components"][kind.as_str()].get(name);
            if taken(&name).is_none_or(|own| components.get(&name) == Some(own)) {
                continue;
            }
            let free = (2..)
                .map(|number| format!("{name}{number}"))
                .find(|free| taken(free).is_none() && !components.contains_key(free));
            if let (Some(free), Some(component)) = (free, components.remove(&name)) {
                let reference = |name: &str| format!("#/components/{kind}/{name}");
                references.insert(reference(&name), reference(&free));
                components.insert(free, component);
            }
        }
    }
    if references.is_empty() {
        return other;
    }
    replace(&mut json, &references);
    serde_json::from_value(json).unwrap_or(other)
}

/// Replaces references, which stand under `$ref` and in mappings of discriminators.
fn replace(json: &mut Json, references: &HashMap<String, String>) {
    match json {
        Json::String(text) => {
            if let Some(new) = references.get(text) {
                text.clone_from(new);
            }
        }
        Json::Array(items) => items.iter_mut().for_each(|item| replace(item, references)),
        Json::Object(members) => members
            .values_mut()
            .for_each(|member| replace(member, references)),
        _ => {}
    }
}

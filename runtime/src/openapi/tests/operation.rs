//! Paths, methods and responses.

use std::collections::HashSet;

use serde_json::{Value as Json, json};

use super::{document, models};
use crate::remoting;

/// Path, verb and operation of everything that is documented.
fn operations(document: &Json) -> Vec<(&String, &String, &Json)> {
    let paths = document["paths"].as_object().unwrap();
    let items = paths
        .iter()
        .map(|(path, item)| (path, item.as_object().unwrap()));
    items
        .flat_map(|(path, item)| {
            item.iter()
                .map(move |(verb, operation)| (path, verb, operation))
        })
        .collect()
}

fn statuses(operation: &Json) -> Vec<&String> {
    operation["responses"].as_object().unwrap().keys().collect()
}

#[test]
fn what_is_served_is_documented_and_nothing_else() {
    let document = document();
    let documented: HashSet<_> = operations(&document)
        .iter()
        .map(|(path, verb, _)| format!("{verb} {path}"))
        .collect();
    let mut served = HashSet::new();
    for def in models().iter().filter(|def| def.public) {
        for route in remoting::served(def) {
            let path = format!("/api/{}/{}", def.path, route.path);
            let verb = route.endpoint.verb.as_str().to_lowercase();
            served.insert(format!("{verb} {}", path.trim_end_matches('/')));
        }
    }
    assert_eq!(documented, served);
}

#[test]
fn the_document_is_the_same_every_time_and_in_the_models_order() {
    let first = document().to_string();
    assert_eq!(first, document().to_string());
    let document = document();
    let tags: Vec<_> = document["tags"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tag| &tag["name"])
        .collect();
    assert_eq!(tags, ["Shop", "Review"]);
    let paths: Vec<_> = document["paths"].as_object().unwrap().keys().collect();
    assert_eq!(paths[0], "/api/Shops");
    assert_eq!(document["info"]["title"], "Shops");
    assert_eq!(document["openapi"], "3.1.0");
}

#[test]
fn operations_have_loopbacks_names_once() {
    let document = document();
    let ids: Vec<_> = operations(&document)
        .iter()
        .map(|(_, _, operation)| operation["operationId"].as_str().unwrap())
        .collect();
    let unique: HashSet<_> = ids.iter().collect();
    assert_eq!(unique.len(), ids.len());
    for id in [
        "Shop.find",
        "Shop.upsert",
        "Shop.upsert.patch",
        "Shop.exists",
        "Shop.exists.head",
        "Shop.prototype.updateAttributes",
        "Shop.prototype.__get__reviews",
        "Shop.prototype.__findById__reviews",
        "Review.prototype.__get__shop",
    ] {
        assert!(ids.contains(&id), "{id}");
    }
    assert_eq!(
        document["paths"]["/api/Shops/{id}/exists"]["get"]["operationId"],
        "Shop.exists"
    );
}

#[test]
fn paths_name_their_parameters() {
    let document = document();
    for (path, verb, operation) in operations(&document) {
        let parameters = operation["parameters"].as_array();
        let named: Vec<_> = parameters
            .into_iter()
            .flatten()
            .filter(|parameter| parameter["in"] == "path")
            .map(|parameter| format!("{{{}}}", parameter["name"].as_str().unwrap()))
            .collect();
        let in_path: Vec<_> = path
            .split('/')
            .filter(|segment| segment.starts_with('{'))
            .collect();
        assert_eq!(named, in_path, "{verb} {path}");
    }
}

#[test]
fn ids_have_the_type_of_the_model_they_belong_to() {
    let document = document();
    let item = &document["paths"]["/api/Shops/{id}/reviews/{fk}"]["get"]["parameters"];
    assert_eq!(item[0]["schema"]["type"], "integer");
    assert_eq!(item[1]["schema"]["type"], "string");
}

#[test]
fn responses_are_those_that_happen() {
    let document = document();
    let paths = &document["paths"];
    let create = &paths["/api/Reviews"]["post"];
    assert_eq!(
        statuses(create),
        ["200", "400", "406", "409", "413", "415", "422", "default"]
    );
    let count = &paths["/api/Reviews/count"]["get"];
    assert_eq!(statuses(count), ["200", "400", "406", "default"]);
    let destroy = &paths["/api/Shops/{id}/reviews"]["delete"];
    assert_eq!(
        statuses(destroy),
        ["204", "400", "401", "404", "406", "default"]
    );
    // Whose included instances may be closed to the caller.
    assert!(statuses(&paths["/api/Shops"]["get"]).contains(&&"401".to_owned()));
    let error =
        document.pointer("/components/responses/NotFound/content/application~1json/schema/$ref");
    assert_eq!(error, Some(&json!("#/components/schemas/Error")));
}

#[test]
fn a_filter_may_select_so_the_answer_is_partial() {
    let document = document();
    let answer = |path: &str, verb: &str| {
        document["paths"][path][verb]["responses"]["200"]["content"]["application/json"]["schema"]
            .clone()
    };
    let reference = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
    assert_eq!(
        answer("/api/Shops", "get")["items"],
        reference("PartialShop")
    );
    assert_eq!(answer("/api/Shops/{id}", "get"), reference("PartialShop"));
    assert_eq!(answer("/api/Shops/{id}", "patch"), reference("Shop"));
    assert_eq!(
        answer("/api/Reviews/{id}/shop", "get")["anyOf"][0],
        reference("Shop")
    );
}

#[test]
fn head_answers_no_body() {
    let document = document();
    let head = &document["paths"]["/api/Shops/{id}"]["head"]["responses"];
    for (status, response) in head.as_object().unwrap() {
        assert!(
            response["content"].is_null() && response["$ref"].is_null(),
            "{status}"
        );
    }
}

#[test]
fn slashes_of_the_root_do_not_matter() {
    for (root, path) in [
        ("/", "/Shops"),
        ("", "/Shops"),
        ("api/v1/", "/api/v1/Shops"),
    ] {
        let document = super::super::document(&models(), root, "Shops", "1.2.3");
        assert!(document.paths.paths.contains_key(path), "{root}");
    }
}

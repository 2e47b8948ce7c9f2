//! Documents of the application's own routes.

use serde_json::{Value as Json, json};

use super::models;
use crate::openapi;

fn merged(other: Json) -> Json {
    let mut document = openapi::document(&models(), "/api", "Shops", "1.2.3");
    openapi::merge(&mut document, serde_json::from_value(other).unwrap());
    serde_json::to_value(document).unwrap()
}

fn other(mut more: Json) -> Json {
    let mut other =
        json!({"openapi": "3.1.0", "info": {"title": "Own", "version": "9"}, "paths": {}});
    let members = more.as_object_mut().map(std::mem::take).unwrap_or_default();
    other.as_object_mut().unwrap().extend(members);
    other
}

fn operation(id: &str) -> Json {
    json!({"operationId": id, "responses": {"200": {"description": "Fine."}}})
}

#[test]
fn paths_tags_and_every_kind_of_component_come_along() {
    let document = merged(other(json!({
        "paths": {"/menu": {"get": operation("menu")}},
        "tags": [{"name": "Menu"}, {"name": "Shop", "description": "Another."}],
        "components": {
            "schemas": {"Dish": {"type": "object"}},
            "parameters": {"Day": {"name": "day", "in": "query", "required": false}},
            "examples": {"Soup": {"value": "soup"}},
        },
    })));
    assert_eq!(document["paths"]["/menu"]["get"]["operationId"], "menu");
    assert!(document["paths"]["/api/Shops"]["get"].is_object());
    for pointer in [
        "schemas/Dish",
        "schemas/Shop",
        "parameters/Day",
        "examples/Soup",
    ] {
        assert!(
            document
                .pointer(&format!("/components/{pointer}"))
                .is_some(),
            "{pointer}"
        );
    }
    let tags: Vec<_> = document["tags"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tag| &tag["name"])
        .collect();
    assert_eq!(tags, ["Shop", "Review", "Menu"]);
    assert_eq!(document["info"]["title"], "Shops");
}

#[test]
fn a_name_that_is_taken_means_what_it_did() {
    let mut get = operation("menu");
    get["responses"]["500"] = json!({
        "description": "Bad.",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
    });
    let document = merged(other(json!({
        "paths": {"/menu": {"get": get}},
        "components": {"schemas": {"Error": {"type": "string"}}},
    })));
    let schema =
        document.pointer("/paths/~1menu/get/responses/500/content/application~1json/schema/$ref");
    assert_eq!(schema, Some(&json!("#/components/schemas/Error2")));
    assert_eq!(
        document["components"]["schemas"]["Error2"]["type"],
        "string"
    );
    assert_eq!(document["components"]["schemas"]["Error"]["type"], "object");
}

#[test]
fn own_routes_win_over_the_models() {
    let mut get = operation("own");
    get["parameters"] =
        json!([{"name": "shop", "in": "path", "required": true, "schema": {"type": "string"}}]);
    let document = merged(other(json!({"paths": {"/api/Shops/{shop}": {"get": get}}})));
    let item = &document["paths"]["/api/Shops/{id}"];
    assert_eq!(item["get"]["operationId"], "own");
    assert_eq!(item["get"]["parameters"][0]["name"], "id");
    assert_eq!(item["delete"]["operationId"], "Shop.deleteById");
    assert_eq!(document["paths"]["/api/Shops/{shop}"], json!(null));
}

#[test]
fn security_of_one_document_is_not_that_of_all() {
    let document = merged(other(json!({
        "paths": {"/menu": {"get": operation("menu")}},
        "security": [{"own": []}],
        "components": {"securitySchemes": {"own": {"type": "http", "scheme": "basic"}}},
    })));
    assert_eq!(document["security"], json!(null));
    assert_eq!(
        document["paths"]["/menu"]["get"]["security"],
        json!([{"own": []}])
    );
    assert!(document["components"]["securitySchemes"]["own"].is_object());
    let document = merged(other(
        json!({"paths": {"/menu": {"get": operation("menu")}}}),
    ));
    assert_eq!(document["paths"]["/menu"]["get"]["security"], json!([]));
}

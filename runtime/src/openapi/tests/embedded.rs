//! What is said of models that hold others within, or list their ids.

use serde_json::{Value as Json, json};

use crate::prelude::*;

#[derive(Model)]
#[model(public = false)]
struct Address {
    #[model(id, generated)]
    id: String,
    street: String,
    city: Option<String>,
    #[model(hidden)]
    code: Option<String>,
    #[model(protected)]
    note: Option<String>,
}

#[derive(Model)]
#[acl(open)]
struct Account {
    #[model(id, generated)]
    id: i64,
    name: String,
}

#[derive(Model)]
#[acl(open)]
struct Client {
    #[model(id, generated)]
    id: i64,
    account_ids: Vec<i64>,
    #[relation(references_many)]
    accounts: ReferencesMany<Account>,
    /// Where bills go.
    #[relation(embeds_one)]
    billing_address: EmbedsOne<Address>,
    #[relation(embeds_many, property = "addresses")]
    homes: EmbedsMany<Address>,
}

fn document() -> Json {
    let models = [Client::DEF, Account::DEF];
    serde_json::to_value(super::super::document(&models, "/api", "Clients", "1")).unwrap()
}

fn members(schema: &Json) -> Vec<&str> {
    let members = schema["properties"].as_object().unwrap().keys();
    members.map(String::as_str).collect()
}

#[test]
fn what_is_within_is_answered_without_what_others_may_not_see() {
    let document = document();
    let schemas = &document["components"]["schemas"];
    let within = &schemas["Address"];
    assert_eq!(members(within), ["id", "street", "city"]);
    // What its owner has brought along may have no id.
    assert_eq!(within["required"], json!(["street"]));
    let client = &schemas["Client"]["properties"];
    assert_eq!(
        client["addresses"]["items"]["$ref"],
        "#/components/schemas/Address"
    );
    assert_eq!(
        client["homes"]["items"]["$ref"],
        "#/components/schemas/PartialAddress"
    );
    assert_eq!(
        members(&schemas["PartialAddress"]),
        ["id", "street", "city", "note"]
    );
}

#[test]
fn a_request_may_bring_along_what_is_hidden() {
    let document = document();
    let schemas = &document["components"]["schemas"];
    let new = &schemas["NewClient"];
    assert_eq!(members(new), ["accountIds", "_billingAddress", "addresses"]);
    assert_eq!(new["required"], Json::Null);
    assert_eq!(new["properties"]["accountIds"]["default"], json!([]));
    let within = &schemas["NewAddress"];
    assert!(members(within).contains(&"code"));
    assert_eq!(within["required"], json!(["street"]));
}

#[test]
fn relations_have_the_operations_of_their_kinds() {
    let document = document();
    let paths = document["paths"].as_object().unwrap();
    let verbs = |path: &str| {
        let verbs = paths[path].as_object().unwrap().keys();
        verbs.map(String::as_str).collect::<Vec<_>>()
    };
    let of = |relation: &str| format!("/Clients/{{id}}/{relation}");
    let root = if paths.contains_key(&of("homes")) {
        ""
    } else {
        "/api"
    };
    let of = |relation: &str| format!("{root}{}", of(relation));
    assert_eq!(
        verbs(&of("billingAddress")),
        ["get", "put", "post", "delete"]
    );
    assert_eq!(verbs(&of("homes")), ["get", "post", "delete"]);
    assert_eq!(verbs(&of("homes/{fk}")), ["get", "put", "delete"]);
    assert!(!paths.contains_key(&of("homes/rel/{fk}")));
    assert_eq!(verbs(&of("accounts/rel/{fk}")), ["put", "delete", "head"]);
    let link = &paths[&of("accounts/rel/{fk}")]["put"];
    assert_eq!(link["requestBody"], Json::Null);
    let answer = &link["responses"]["200"]["content"]["application/json"]["schema"]["$ref"];
    assert_eq!(answer, "#/components/schemas/Account");
    assert!(link["responses"]["422"].is_object());
}

#[test]
fn examples_hide_what_is_hidden() {
    let document = document();
    let create = document["paths"]
        .as_object()
        .unwrap()
        .values()
        .find_map(|path| {
            let post = &path["post"];
            (post["operationId"] == "Client.prototype.__create__billingAddress").then_some(post)
        });
    let answer = &create.unwrap()["responses"]["200"]["content"]["application/json"]["example"];
    assert!(
        answer["street"].is_string() && answer["code"].is_null(),
        "{answer}"
    );
}

//! Access rules, for programs and in words.

use serde_json::{Value as Json, json};

use super::{document, models};
use crate::access::{CallerKind, Subject};
use crate::openapi::{Settings, document_of};

fn operation(path: &str, verb: &str) -> Json {
    document()["paths"][path][verb].clone()
}

fn words(path: &str, verb: &str) -> String {
    operation(path, verb)["description"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[test]
fn what_everyone_may_do_needs_no_token_and_takes_one() {
    let tokens = json!([{}, {"accessToken": []}, {"accessTokenInQuery": []}]);
    assert_eq!(operation("/api/Shops", "get")["security"], tokens);
    assert_eq!(words("/api/Shops", "get"), "Everyone may call this.");
}

#[test]
fn everything_else_needs_one() {
    let tokens = json!([{"accessToken": []}, {"accessTokenInQuery": []}]);
    for (path, verb) in [("/api/Shops", "post"), ("/api/Shops/{id}", "delete")] {
        assert_eq!(operation(path, verb)["security"], tokens, "{verb} {path}");
    }
}

#[test]
fn the_rule_is_said_in_words() {
    let cases = [
        (
            "/api/Shops",
            "post",
            "Everyone with an access token may call this.",
        ),
        (
            "/api/Shops/{id}",
            "patch",
            "Only the owner or members of the role `admin` may call this.",
        ),
        (
            "/api/Shops/count",
            "get",
            "Everyone may call this, but not members of the role `banned`.",
        ),
        (
            "/api/Shops/upsertWithWhere",
            "post",
            // No instance is named, so there is no owner.
            "Only callers without an access token or members of the role `admin` may call this.",
        ),
        ("/api/Shops/{id}/reviews", "get", "Everyone may call this."),
        // The target has no rule at all.
        ("/api/Shops/{id}/secret", "get", "Nobody may call this."),
    ];
    for (path, verb, expected) in cases {
        assert_eq!(words(path, verb), expected, "{verb} {path}");
    }
}

#[test]
fn tokens_stand_where_loopbacks_clients_put_them() {
    let schemes = document()["components"]["securitySchemes"].clone();
    assert_eq!(schemes["accessToken"]["in"], "header");
    assert_eq!(schemes["accessToken"]["name"], "Authorization");
    assert_eq!(schemes["accessTokenInQuery"]["in"], "query");
    assert_eq!(schemes["accessTokenInQuery"]["name"], "access_token");
}

fn written(settings: Settings, subject: Option<&Subject>) -> Json {
    let document = document_of(&models(), "/api", "Shops", "1.2.3", settings, subject);
    serde_json::to_value(document).unwrap()
}

#[test]
fn programs_call_by_a_key() {
    let settings = Settings {
        api_keys: true,
        ..Settings::default()
    };
    let document = written(settings, None);
    let scheme = &document["components"]["securitySchemes"]["apiKey"];
    assert_eq!(
        (&scheme["in"], &scheme["name"]),
        (&json!("header"), &json!("X-Api-Key"))
    );
    let one_of = json!([{"accessToken": []}, {"accessTokenInQuery": []}, {"apiKey": []}]);
    assert_eq!(document["paths"]["/api/Shops"]["post"]["security"], one_of);
}

#[test]
fn refusals_are_documented_with_their_status() {
    let refusals = |document: &Json, path: &str, verb: &str| {
        let responses = document["paths"][path][verb]["responses"].as_object();
        let statuses = responses.unwrap().keys().map(String::as_str);
        let refusals = statuses.filter(|status| matches!(*status, "401" | "403"));
        refusals.map(str::to_owned).collect::<Vec<_>>()
    };
    let shops = |acl_error_status, rules_in_rows| Settings {
        acl_error_status,
        rules_in_rows,
        ..Settings::default()
    };
    for (settings, path, verb, expected) in [
        (shops(401, false), "/api/Shops/{id}", "delete", &["401"][..]),
        (
            shops(403, false),
            "/api/Shops/{id}",
            "delete",
            &["401", "403"],
        ),
        // What a filter includes may be closed.
        (shops(403, false), "/api/Shops", "get", &["401", "403"]),
        (shops(403, false), "/api/Shops/{id}/exists", "get", &[]),
        // Nobody without a token is refused, and some with one.
        (shops(403, false), "/api/Shops/count", "get", &["403"]),
        (shops(401, false), "/api/Shops/count", "get", &["401"]),
        // A row may close what the program opens.
        (
            shops(403, true),
            "/api/Shops/{id}/exists",
            "get",
            &["401", "403"],
        ),
    ] {
        let document = written(settings, None);
        assert_eq!(refusals(&document, path, verb), expected, "{verb} {path}");
    }
    let document = written(shops(403, false), None);
    let items = document["paths"].as_object().unwrap().values();
    for operation in items.flat_map(|item| item.as_object().unwrap().values()) {
        let open = operation["security"]
            .as_array()
            .unwrap()
            .contains(&json!({}));
        let refused = operation["responses"]["401"].is_object();
        assert!(open || refused, "{}", operation["operationId"]);
    }
    let hidden = written(shops(404, false), None);
    let responses = |path: &str| hidden["paths"][path]["post"]["responses"].clone();
    assert!(responses("/api/Shops/update")["404"].is_object());
    // Whoever is logged in may create.
    assert!(responses("/api/Shops")["404"].is_null());
}

#[test]
fn a_document_for_some_callers_has_what_they_may_call() {
    let written = |kind| written(Settings::default(), Some(&Subject::new(&[kind])));
    let has = |document: &Json, path: &str, verb: &str| document["paths"][path][verb].is_object();
    let everyone = written(CallerKind::Anonymous);
    assert!(has(&everyone, "/api/Shops", "get"));
    assert!(has(&everyone, "/api/Shops/count", "get"));
    assert!(!has(&everyone, "/api/Shops", "post"));
    assert!(everyone["paths"].get("/api/Shops/{id}/replace").is_none());
    let banned = written(CallerKind::Role("banned".into()));
    assert!(banned["paths"].get("/api/Shops/count").is_none());
    let owner = written(CallerKind::Owner);
    assert!(has(&owner, "/api/Shops/{id}", "delete") && !has(&owner, "/api/Shops", "put"));
    // An operation is called the same in every document.
    let id = |document: &Json| document["paths"]["/api/Shops/{id}"]["patch"]["operationId"].clone();
    assert_eq!(id(&owner), id(&document()));
}

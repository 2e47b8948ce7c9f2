//! Access rules, for programs and in words.

use serde_json::{Value as Json, json};

use super::document;

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
            "Only callers without an access token, the owner or members of the role `admin` may call this.",
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

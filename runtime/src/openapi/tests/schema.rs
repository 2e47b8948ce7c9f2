//! Schemas of what is answered and of what is sent.

use regex::Regex;
use serde_json::{Value as Json, json};

use super::{document, schema};

fn property(model: &str, name: &str) -> Json {
    schema(model)["properties"][name].clone()
}

fn list(json: &Json) -> Vec<&str> {
    json.as_array()
        .into_iter()
        .flatten()
        .filter_map(Json::as_str)
        .collect()
}

#[test]
fn every_answer_has_what_is_required_of_it() {
    let shop = schema("Shop");
    let required = list(&shop["required"]);
    for name in ["id", "name", "style", "opened", "rent", "tags", "hours"] {
        assert!(required.contains(&name), "{name}");
    }
    for name in ["city", "location", "extra", "size", "reviews"] {
        assert!(!required.contains(&name), "{name}");
    }
    assert_eq!(schema("PartialShop")["required"], json!(null));
}

#[test]
fn hidden_properties_are_sent_and_never_answered() {
    for answer in ["Shop", "PartialShop", "ShopWhere"] {
        assert_eq!(property(answer, "alarmCode"), json!(null), "{answer}");
    }
    assert_eq!(property("NewShop", "alarmCode")["writeOnly"], true);
    let order = property("ShopFilter", "order").to_string();
    assert!(
        order.contains("seats") && !order.contains("alarmCode"),
        "{order}"
    );
}

#[test]
fn a_new_instance_must_bring_what_the_server_cannot_know() {
    let required = schema("NewShop")["required"].clone();
    let expected = [
        "name",
        "rent",
        "area",
        "stars",
        "seats",
        "terrace",
        "licence",
        "tags",
        "hours",
        "alarmCode",
    ];
    assert_eq!(list(&required), expected);
    // A generated id is the server's, another one the caller's.
    assert_eq!(property("NewShop", "id"), json!(null));
    assert_eq!(
        list(&schema("NewReview")["required"]),
        ["id", "comments", "shopId"]
    );
}

#[test]
fn a_patch_requires_nothing_and_fills_in_nothing() {
    let patch = schema("ShopPatch");
    assert_eq!(patch["required"], json!(null));
    assert_eq!(patch["properties"]["style"]["default"], json!(null));
    assert_eq!(patch["properties"]["id"], json!(null));
}

#[test]
fn the_path_decides_about_the_key() {
    let new = schema("NewReviewInShop");
    assert_eq!(new["properties"]["shopId"], json!(null));
    assert_eq!(list(&new["required"]), ["id", "comments"]);
}

#[test]
fn types_are_those_of_the_json() {
    let cases = [
        ("id", json!({"type": "integer", "format": "int64"})),
        ("city", json!({"type": ["string", "null"]})),
        ("opened", json!({"type": "string", "format": "date-time"})),
        (
            "inspected",
            json!({"type": ["string", "null"], "format": "date"}),
        ),
        ("rent", json!({"type": "string", "format": "decimal"})),
        ("area", json!({"type": "number", "format": "double"})),
        (
            "stars",
            json!({"type": "integer", "format": "int32", "minimum": 0, "maximum": 255}),
        ),
        ("seats", json!({"type": "integer", "format": "int32"})),
        ("terrace", json!({"type": "boolean"})),
        ("licence", json!({"type": "string", "format": "uuid"})),
        (
            "tags",
            json!({"type": "array", "items": {"type": "string"}}),
        ),
        (
            "size",
            json!({"type": ["string", "null"], "enum": ["small", "large", null]}),
        ),
        ("hours", json!({"$ref": "#/components/schemas/Hours"})),
    ];
    for (name, expected) in cases {
        let mut property = property("Shop", name);
        if let Some(members) = property.as_object_mut() {
            members
                .retain(|key, _| !["description", "examples", "default"].contains(&key.as_str()));
        }
        assert_eq!(property, expected, "{name}");
    }
    for (name, reference) in [("location", "GeoPoint"), ("picture", "Buffer")] {
        let reference = json!({"$ref": format!("#/components/schemas/{reference}")});
        assert_eq!(
            property("Shop", name)["anyOf"],
            json!([reference, {"type": "null"}]),
            "{name}"
        );
    }
    assert_eq!(property("Shop", "extra")["type"], json!(null));
    assert_eq!(list(&schema("Hours")["required"]), ["from"]);
}

#[test]
fn requests_say_the_rules() {
    let name = property("NewShop", "name");
    assert_eq!(
        (&name["minLength"], &name["maxLength"]),
        (&json!(2), &json!(80))
    );
    let style = property("NewShop", "style");
    assert_eq!(style["enum"], json!(["espresso", "filter"]));
    assert_eq!(style["default"], "espresso");
    let stars = &property("NewShop", "stars")["anyOf"][0];
    assert_eq!(
        (&stars["minimum"], &stars["maximum"]),
        (&json!(1), &json!(5))
    );
    assert_eq!(property("NewShop", "alarmCode")["pattern"], "^[0-9]{5}$");
    let opened = property("NewShop", "opened");
    assert!(
        opened["description"].to_string().contains("current time"),
        "{opened}"
    );
}

#[test]
fn requests_say_what_coercion_takes() {
    assert_eq!(
        property("NewShop", "seats")["type"],
        json!(["integer", "string", "boolean"])
    );
    assert_eq!(
        property("NewShop", "terrace")["type"],
        json!(["boolean", "number", "string"])
    );
    assert_eq!(
        property("NewShop", "rent")["type"],
        json!(["string", "number"])
    );
    assert_eq!(
        property("NewShop", "opened")["type"],
        json!(["string", "number"])
    );
    // 5 is a text of one character, which is too short.
    assert_eq!(property("NewShop", "name")["type"], "string");
}

#[test]
fn documentation_comes_along() {
    assert_eq!(schema("Shop")["description"], "A shop that people review.");
    assert_eq!(
        property("Shop", "name")["description"],
        "The sign over the door."
    );
    let reviews = property("Shop", "reviews");
    assert_eq!(
        reviews["items"]["$ref"],
        "#/components/schemas/PartialReview"
    );
    assert!(
        reviews["description"]
            .to_string()
            .contains("What people say."),
        "{reviews}"
    );
}

#[test]
fn filters_know_properties_and_relations() {
    let condition = schema("ShopWhere");
    let names = condition["properties"].as_object().unwrap();
    for known in ["name", "nor", "location.lat", "tags.0"] {
        assert!(names.contains_key(known), "{known}");
    }
    for unknown in ["nope", "name.0", "tags.x", "alarmCode"] {
        assert!(!names.contains_key(unknown), "{unknown}");
    }
    assert_eq!(condition["additionalProperties"], false);
    assert_eq!(
        condition["properties"]["name"]["$ref"],
        "#/components/schemas/TextComparison"
    );
    assert_eq!(
        condition["properties"]["stars"]["$ref"],
        "#/components/schemas/Comparison"
    );
    // Points are near at the top level alone.
    let near = |name: &str| {
        let location = &schema(name)["properties"]["location"];
        location.to_string().contains("maxDistance")
    };
    assert!(near("ShopNearWhere") && !near("ShopWhere"));
    assert_eq!(
        condition["properties"]["opened"]["$ref"],
        "#/components/schemas/DateComparison"
    );
    assert_eq!(
        condition["properties"]["or"]["items"]["$ref"],
        "#/components/schemas/ShopWhere"
    );
    let include = schema("ShopInclude").to_string();
    assert!(include.contains(r#"["reviews","secret"]"#), "{include}");
    let order = property("ShopFilter", "order")["anyOf"][0]["pattern"].clone();
    let order = Regex::new(order.as_str().unwrap()).unwrap();
    for fits in ["", "name", "name DESC", "name desc, id ASC", "location.lat"] {
        assert!(order.is_match(fits), "{fits}");
    }
    for does_not in ["nope", "name down", "alarmCode", "location"] {
        assert!(!order.is_match(does_not), "{does_not}");
    }
}

#[test]
fn examples_pass_the_rules() {
    let document = document();
    let example = &document["paths"]["/api/Shops"]["post"]["requestBody"]["content"]["application/json"]
        ["example"];
    assert_eq!(example["name"], "Ada");
    assert_eq!(example["style"], "espresso");
    assert_eq!(example["stars"], 4);
    assert_eq!(example["alarmCode"], "12345");
    assert_eq!(example["hours"], json!({"from": 1, "to": 1}));
    for required in list(&schema("NewShop")["required"]) {
        assert!(!example[required].is_null(), "{required}");
    }
    assert_eq!(example["opened"], json!(null), "the server knows the time");
}

#[test]
fn every_reference_leads_somewhere() {
    fn check(json: &Json, document: &Json) {
        match json {
            Json::Array(items) => items.iter().for_each(|item| check(item, document)),
            Json::Object(members) => {
                if let Some(Json::String(reference)) = members.get("$ref") {
                    let target = document.pointer(&reference[1..]);
                    assert!(target.is_some(), "{reference}");
                }
                members.values().for_each(|member| check(member, document));
            }
            _ => {}
        }
    }
    let document = document();
    check(&document, &document);
}

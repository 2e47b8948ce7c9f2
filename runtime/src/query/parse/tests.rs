//! Whatever a caller sends as a filter is understood, or refused with a word on what is wrong.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::subsequence;
use serde_json::{Map, Value as Json, json};

use crate::model::{GeoPoint, ModelDef, PropertyDef, RelationDef, RelationKind};
use crate::query::Filter;
use crate::remoting::filter as filter_of_query;
use crate::{Error, Result};

static SHOP: ModelDef = ModelDef::new(
    "Shop",
    "Shops",
    "shop",
    &[
        PropertyDef::of::<i64>("id", "id").id(),
        PropertyDef::of::<Option<String>>("name", "name"),
        PropertyDef::of::<Option<i32>>("year", "year"),
        PropertyDef::of::<Option<f64>>("ratio", "ratio"),
        PropertyDef::of::<Option<bool>>("open", "open"),
        PropertyDef::of::<Vec<String>>("tags", "tags"),
        PropertyDef::of::<Json>("meta", "meta"),
        PropertyDef::of::<Option<GeoPoint>>("spot", "spot"),
        PropertyDef::of::<Option<String>>("secret", "secret").hidden(),
    ],
)
.relations(&[
    RelationDef::new(RelationKind::HasMany, "branches", || &SHOP, "year"),
    RelationDef::new(RelationKind::HasOne, "sister", || &SHOP, "year"),
]);

/// Words that mean something in a filter, so that what is generated gets beyond the first member.
const WORDS: &[&str] = &[
    "where",
    "order",
    "limit",
    "skip",
    "offset",
    "fields",
    "include",
    "and",
    "or",
    "nor",
    "id",
    "name",
    "year",
    "ratio",
    "open",
    "tags",
    "meta",
    "meta.a.b",
    "tags.0",
    "spot",
    "secret",
    "gt",
    "gte",
    "lt",
    "lte",
    "between",
    "inq",
    "nin",
    "neq",
    "like",
    "nlike",
    "ilike",
    "nilike",
    "regexp",
    "near",
    "maxDistance",
    "unit",
    "miles",
    "relation",
    "scope",
    "branches",
    "sister",
    "0",
    "1",
    "2",
    "name DESC",
    "1,2",
    "/^a/i",
    "(",
    "%a_",
    "2020-01-01",
    "null",
    "true",
];

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        9 => proptest::sample::select(WORDS).prop_map(str::to_owned),
        1 => any::<String>(),
    ]
}

fn json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        (-5_i64..5).prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        word().prop_map(Json::from),
    ];
    leaf.prop_recursive(6, 60, 5, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..5).prop_map(Json::from),
            vec((word(), inner), 0..5).prop_map(|members| Json::Object(Map::from_iter(members))),
        ]
    })
}

/// A refusal is the caller's to understand.
fn refused(error: &Error) -> bool {
    error.status() == 400 && !error.message().is_empty()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_json_is_read_or_refused(filter in json()) {
        let read = Filter::from_json(&SHOP, filter, false);
        prop_assert!(read.as_ref().map_or_else(refused, |_| true), "{read:?}");
    }

    #[test]
    fn any_where_is_read_or_refused(condition in json()) {
        let read = Filter::from_json(&SHOP, json!({ "where": condition }), false);
        prop_assert!(read.as_ref().map_or_else(refused, |_| true), "{read:?}");
    }

    #[test]
    fn any_query_string_is_read_or_refused(query in any::<String>()) {
        let read = filter_of_query(&SHOP, &query);
        prop_assert!(read.as_ref().map_or_else(refused, |_| true), "{read:?}");
    }

    #[test]
    fn any_brackets_are_read_or_refused(
        pairs in vec((vec(word(), 0..8), word()), 0..6),
    ) {
        let pairs = pairs.iter().map(|(path, value)| format!("filter{}={value}", brackets(path)));
        let read = filter_of_query(&SHOP, &pairs.collect::<Vec<_>>().join("&"));
        prop_assert!(read.as_ref().map_or_else(refused, |_| true), "{read:?}");
    }

    /// The same filter as JSON text and in brackets.
    #[test]
    fn brackets_mean_what_json_means(
        conditions in vec(condition(), 0..4),
        order in proptest::option::of(proptest::sample::select(&["name", "year DESC", "id asc"][..])),
        limit in 0_u32..9,
        skip in 0_u32..9,
    ) {
        let mut filter = json!({ "limit": limit, "skip": skip });
        let mut pairs = vec![format!("filter[limit]={limit}"), format!("filter[skip]={skip}")];
        if let Some(order) = order {
            filter["order"] = order.into();
            pairs.push(format!("filter[order]={}", order.replace(' ', "%20")));
        }
        for (number, (name, operator, value)) in conditions.iter().enumerate() {
            filter["where"]["and"][number.to_string()] = json!({ *name: { *operator: value } });
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            pairs.push(format!("filter[where][and][{number}][{name}][{operator}]={text}"));
        }
        let from_brackets = filter_of_query(&SHOP, &pairs.join("&"));
        let text = form_urlencoded::byte_serialize(filter.to_string().as_bytes()).collect::<String>();
        let from_text = filter_of_query(&SHOP, &format!("filter={text}"));
        prop_assert_eq!(from_brackets.map_err(|error| error.to_string()), from_text.map_err(|error| error.to_string()));
    }

    /// The forms that brackets have for lists and nested members.
    #[test]
    fn lists_in_brackets_mean_lists(
        years in vec(any::<i32>(), 0..30),
        names in vec("[a-zé%_ ]{1,5}", 1..5),
        fields in subsequence(&["id", "name", "year", "tags"][..], 0..4),
        include in subsequence(&["branches", "sister"][..], 0..2),
        places in any::<bool>(),
    ) {
        let filter = json!({
            "where": { "year": { "nin": years }, "name": { "inq": names } },
            "order": ["name DESC", "id"],
            "fields": fields,
            "include": include.iter().map(|name| json!({ "relation": name, "scope": { "limit": 2 } })).collect::<Vec<_>>(),
        });
        let mut pairs = Vec::new();
        flatten("filter", &filter, places, &mut pairs);
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        // Brackets have no empty list.
        let mut said = filter.clone();
        if years.is_empty() {
            said["where"].as_object_mut().unwrap().remove("year");
        }
        let from_json = Filter::from_json(&SHOP, said, false);
        let from_brackets = filter_of_query(&SHOP, &query);
        prop_assert_eq!(from_brackets.map_err(|error| error.to_string()), from_json.map_err(|error| error.to_string()));
    }

    /// Wherever the mistake is, the message has the caller's own word.
    #[test]
    fn a_mistake_is_named(
        word in "[a-z]{12,20}",
        place in 0..MISTAKES.len(),
        levels in vec(proptest::sample::select(&["and", "or", "nor"][..]), 0..5),
    ) {
        let (mistake, code) = MISTAKES[place];
        let mistake: Json = serde_json::from_str(&mistake.replace("WORD", &word)).unwrap();
        let filter = match mistake.get("where") {
            Some(condition) => {
                let nested = levels.iter().fold(condition.clone(), |inner, word| json!({ *word: [{ "year": 1 }, inner] }));
                json!({ "where": nested })
            }
            None => levels.iter().fold(mistake, |inner, _| json!({ "include": { "relation": "branches", "scope": inner } })),
        };
        let error = Filter::from_json(&SHOP, filter, false).unwrap_err();
        prop_assert_eq!((error.status(), error.code()), (400, code));
        prop_assert!(error.message().contains(&word), "{error}");
    }
}

/// Filters with one mistake, and the error's code.
const MISTAKES: &[(&str, Option<&str>)] = &[
    (r#"{"where": {"WORD": 1}}"#, Some("UNKNOWN_PROPERTY")),
    (r#"{"where": {"name.WORD": 1}}"#, Some("UNKNOWN_PROPERTY")),
    (r#"{"where": {"year": {"inq": "WORD"}}}"#, None),
    (r#"{"where": {"name": {"like": ["WORD"]}}}"#, None),
    (
        r#"{"where": {"name": {"regexp": "(WORD"}}}"#,
        Some("INVALID_REGEXP"),
    ),
    (r#"{"where": {"or": "WORD"}}"#, None),
    (r#"{"where": {"and": ["WORD"]}}"#, None),
    (r#"{"order": "WORD"}"#, Some("UNKNOWN_PROPERTY")),
    (r#"{"order": "name WORD"}"#, None),
    (r#"{"limit": "WORD"}"#, None),
    (r#"{"skip": "WORD"}"#, None),
    (r#"{"include": "WORD"}"#, Some("UNKNOWN_RELATION")),
];

/// The pairs of a query string that stand for `json` below `key`; the items of a list with their places or without.
fn flatten(key: &str, json: &Json, places: bool, pairs: &mut Vec<(String, String)>) {
    match json {
        Json::Object(members) => {
            for (name, member) in members {
                flatten(&format!("{key}[{name}]"), member, places, pairs);
            }
        }
        Json::Array(items) => {
            for (place, item) in items.iter().enumerate() {
                // An item of several pairs needs its place.
                let place = if places || item.is_object() {
                    place.to_string()
                } else {
                    String::new()
                };
                flatten(&format!("{key}[{place}]"), item, places, pairs);
            }
        }
        Json::String(text) => pairs.push((key.to_owned(), text.clone())),
        other => pairs.push((key.to_owned(), other.to_string())),
    }
}

fn brackets(path: &[String]) -> String {
    path.iter().map(|part| format!("[{part}]")).collect()
}

fn condition() -> impl Strategy<Value = (&'static str, &'static str, Json)> {
    let operator = || proptest::sample::select(&["gt", "gte", "lt", "lte", "neq"][..]);
    prop_oneof![
        (Just("year"), operator(), any::<i32>().prop_map(Json::from)),
        (Just("name"), operator(), "[a-z]{1,5}".prop_map(Json::from)),
        (Just("open"), operator(), any::<bool>().prop_map(Json::from)),
    ]
}

/// No filter takes the stack, or more time than its text.
#[test]
fn deep_and_long_filters_end() -> Result<()> {
    let mut nested = json!({ "year": 1 });
    for _ in 0..100 {
        nested = json!({ "and": [nested] });
    }
    let error = Filter::from_json(&SHOP, json!({ "where": nested }), false).err();
    assert_eq!(
        error.as_ref().and_then(Error::code),
        Some("FILTER_TOO_DEEP")
    );
    let texts = [
        format!("filter={}1{}", "[".repeat(100_000), "]".repeat(100_000)),
        format!("filter={{\"where\":{}", "{\"and\":[".repeat(100_000)),
        format!("filter{}=1", "[and]".repeat(100_000)),
        "filter[where][and][]=1&".repeat(50_000),
    ];
    for text in texts {
        let read = filter_of_query(&SHOP, &text);
        assert!(read.as_ref().map_or_else(refused, |_| true), "{read:?}");
    }
    let many: Vec<_> = (0..50_000)
        .map(|number| json!({ "year": number }))
        .collect();
    let read = Filter::from_json(&SHOP, json!({ "where": { "or": many } }), false)?;
    assert!(!read.condition.matches(&crate::model::Record::new(&SHOP)));
    // Lists within lists, deeper than any text may be.
    let mut nested = json!("branches");
    for _ in 0..5_000 {
        nested = Json::Array(vec![nested]);
    }
    let filter = Json::Object(Map::from_iter([("include".to_owned(), nested)]));
    let read = Filter::from_json(&SHOP, filter, false)?;
    assert_eq!(read.include.len(), 1);
    Ok(())
}

/// Each may take a megabyte, and the time to make it.
#[test]
fn regular_expressions_are_counted() {
    let filter = |count| {
        let one = json!({ "name": { "regexp": "a" } });
        let scope = json!({ "where": { "or": vec![one; count] } });
        json!({ "where": scope["where"], "include": { "relation": "branches", "scope": scope } })
    };
    assert!(Filter::from_json(&SHOP, filter(16), false).is_ok());
    let error = Filter::from_json(&SHOP, filter(17), false).unwrap_err();
    assert_eq!(
        (error.status(), error.code()),
        (400, Some("TOO_MANY_REGEXPS"))
    );
}

/// Looking for what was meant takes no longer than reading it.
#[test]
fn a_long_name_resembles_nothing() {
    let name = "x".repeat(1_000_000);
    let error = Filter::from_json(&SHOP, json!({ "where": { name: 1 } }), false).unwrap_err();
    assert!(!error.message().contains("did you mean"));
}

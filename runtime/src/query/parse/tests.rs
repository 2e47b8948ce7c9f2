//! Whatever a caller sends as a filter is understood, or refused with a word on what is wrong.

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};

use crate::model::{GeoPoint, ModelDef, PropertyDef};
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
);

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
    Ok(())
}

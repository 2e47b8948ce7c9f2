//! What every key-value store must do.

use std::time::{Duration, Instant};

use futures_util::TryStreamExt;
use serde_json::{Value as Json, json};

use crate::connectors::key_value::{Expiry, Glob, KeyValueStore};
use crate::model::{ModelDef, PropertyDef};

const PROPERTIES: &[PropertyDef; 2] =
    &[PropertyDef::KEY, PropertyDef::of::<Json>("value", "value")];

pub(crate) static SHELF: ModelDef = ModelDef::key_value("LwShelf", "LwShelves", PROPERTIES);

/// Its name looks like a pattern that finds the other one's keys.
static OTHER: ModelDef = ModelDef::key_value("Lw*", "LwOthers", PROPERTIES);

/// Keys that some store or other has stumbled over.
const KEYS: &[&str] = &[
    "k",
    "K",
    "a b",
    "a:b",
    ":",
    "*",
    "?",
    "[ab]",
    "a\\b",
    "a\"b'",
    "a/b?c=d#e%2F",
    "line\nbreak\r\n",
    "nul\0",
    "☕🫖é",
    "__proto__",
    "keys",
];

pub(super) async fn ping(store: &dyn KeyValueStore) {
    store.ping().await.unwrap();
}

pub(super) async fn values_come_back_as_they_went(store: &dyn KeyValueStore) {
    empty(store).await;
    let values = [
        json!(false),
        json!(0),
        json!(-1.5),
        json!(i64::MAX),
        json!(1e300),
        json!(""),
        json!("☕ \0 \" \u{2028}"),
        json!([]),
        json!({}),
        json!({"b": 1, "a": [null, {"c": "2015-01-01T00:00:00.000Z"}]}),
        json!("x".repeat(1 << 20)),
    ];
    for value in values {
        store.set(&SHELF, "k", value.clone(), None).await.unwrap();
        assert_eq!(store.get(&SHELF, "k").await.unwrap(), Some(value));
    }
}

pub(super) async fn what_is_created_replaces_nothing(store: &dyn KeyValueStore) {
    empty(store).await;
    let create = |value: i64, ttl| store.create(&SHELF, "k", json!(value), ttl);
    // One of many at once.
    let created = futures_util::future::join_all((0..8).map(|value| create(value, None))).await;
    let created = created.into_iter().map(Result::unwrap);
    assert_eq!(created.filter(|created| *created).count(), 1);
    let first = store.get(&SHELF, "k").await.unwrap();
    assert!(!create(9, None).await.unwrap());
    assert_eq!(store.get(&SHELF, "k").await.unwrap(), first);
    store.delete(&SHELF, "k").await.unwrap();
    assert!(create(9, Some(Duration::from_secs(60))).await.unwrap());
    assert_eq!(store.get(&SHELF, "k").await.unwrap(), Some(json!(9)));
    let expiry = store.expiry(&SHELF, "k").await.unwrap();
    assert!(matches!(expiry, Expiry::After(left) if left <= Duration::from_secs(60)));
}

pub(super) async fn keys_may_be_anything(store: &dyn KeyValueStore) {
    empty(store).await;
    let long = "x".repeat(20_000);
    let all: Vec<_> = KEYS.iter().copied().chain([long.as_str()]).collect();
    for key in &all {
        store.set(&SHELF, key, json!(key), None).await.unwrap();
    }
    for key in &all {
        assert_eq!(store.get(&SHELF, key).await.unwrap(), Some(json!(key)));
    }
    let mut expected: Vec<_> = all.iter().map(|key| (*key).to_owned()).collect();
    expected.sort();
    assert_eq!(keys(store, &SHELF, "*").await, expected);
    for key in &all {
        assert!(store.delete(&SHELF, key).await.unwrap(), "{key:?}");
        assert!(!store.delete(&SHELF, key).await.unwrap(), "{key:?}");
        assert_eq!(store.get(&SHELF, key).await.unwrap(), None);
    }
    assert!(keys(store, &SHELF, "*").await.is_empty());
}

pub(super) async fn each_model_has_its_own_keys(store: &dyn KeyValueStore) {
    empty(store).await;
    store.set(&SHELF, "k", json!(1), None).await.unwrap();
    store.set(&SHELF, "mine", json!(1), None).await.unwrap();
    store.set(&OTHER, "k", json!(2), None).await.unwrap();
    assert_eq!(store.get(&SHELF, "k").await.unwrap(), Some(json!(1)));
    assert_eq!(keys(store, &OTHER, "*").await, ["k"]);
    assert!(store.delete(&OTHER, "k").await.unwrap());
    assert_eq!(keys(store, &SHELF, "*").await, ["k", "mine"]);
}

pub(super) async fn patterns_find_what_they_say(store: &dyn KeyValueStore) {
    empty(store).await;
    for key in [
        "k1", "k2", "k☕", "k12", "a:b", "*", "k*", "[ab]", "a", "K1",
    ] {
        store.set(&SHELF, key, json!(1), None).await.unwrap();
    }
    let cases: &[(&str, &[&str])] = &[
        ("k?", &["k*", "k1", "k2", "k☕"]),
        ("k[12]", &["k1", "k2"]),
        ("k[^12]*", &["k*", "k☕"]),
        ("[0-9a-b]", &["a"]),
        ("*:*", &["a:b"]),
        (r"\*", &["*"]),
        (r"k\*", &["k*"]),
        (r"\[ab\]", &["[ab]"]),
        ("k1", &["k1"]),
        ("", &[]),
        ("none*", &[]),
    ];
    for (pattern, expected) in cases {
        assert_eq!(keys(store, &SHELF, pattern).await, *expected, "{pattern}");
    }
}

pub(super) async fn many_keys_come_each_once(store: &dyn KeyValueStore) {
    empty(store).await;
    let mut expected: Vec<_> = (0..2500).map(|number| format!("key {number}")).collect();
    for key in &expected {
        store.set(&SHELF, key, json!(1), None).await.unwrap();
    }
    expected.sort();
    assert_eq!(keys(store, &SHELF, "*").await, expected);
    empty(store).await;
}

pub(super) async fn values_expire_for_every_method(store: &dyn KeyValueStore) {
    const BRIEF: Duration = Duration::from_millis(20);
    empty(store).await;
    store
        .set(&SHELF, "set", json!(1), Some(BRIEF))
        .await
        .unwrap();
    store.set(&SHELF, "told", json!(1), None).await.unwrap();
    assert!(store.expire(&SHELF, "told", BRIEF).await.unwrap());
    for key in ["set", "told"] {
        let deadline = Instant::now() + Duration::from_secs(10);
        while store.get(&SHELF, key).await.unwrap().is_some() {
            assert!(Instant::now() < deadline, "`{key}` does not expire");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let expiry = store.expiry(&SHELF, key).await.unwrap();
        assert_eq!(expiry, Expiry::Unknown);
        assert!(!store.expire(&SHELF, key, BRIEF).await.unwrap());
        assert!(!store.delete(&SHELF, key).await.unwrap());
    }
    assert!(keys(store, &SHELF, "*").await.is_empty());
}

pub(super) async fn the_time_that_is_left(store: &dyn KeyValueStore) {
    const HOUR: Duration = Duration::from_secs(3600);
    empty(store).await;
    let expiry = async || store.expiry(&SHELF, "k").await.unwrap();
    assert_eq!(expiry().await, Expiry::Unknown);
    assert!(!store.expire(&SHELF, "k", HOUR).await.unwrap());

    store.set(&SHELF, "k", json!(1), None).await.unwrap();
    assert_eq!(expiry().await, Expiry::Never);
    assert!(store.expire(&SHELF, "k", HOUR).await.unwrap());
    let Expiry::After(left) = expiry().await else {
        panic!("it does not expire")
    };
    assert!(left <= HOUR && left > HOUR / 2, "{left:?}");

    // What is set anew stays, unless told otherwise.
    store.set(&SHELF, "k", json!(2), None).await.unwrap();
    assert_eq!(expiry().await, Expiry::Never);
    // As long as anybody may ask for.
    let longest = Duration::from_millis((1 << 53) - 1);
    store
        .set(&SHELF, "k", json!(3), Some(longest))
        .await
        .unwrap();
    assert_eq!(store.get(&SHELF, "k").await.unwrap(), Some(json!(3)));
}

async fn keys(store: &dyn KeyValueStore, model: &'static ModelDef, pattern: &str) -> Vec<String> {
    let glob = Glob::new(pattern).unwrap();
    let keys = store.keys(model, &glob).try_collect().await;
    let mut keys: Vec<_> = keys.unwrap();
    keys.sort();
    keys
}

async fn empty(store: &dyn KeyValueStore) {
    for model in [&SHELF, &OTHER] {
        for key in keys(store, model, "*").await {
            store.delete(model, &key).await.unwrap();
        }
    }
}

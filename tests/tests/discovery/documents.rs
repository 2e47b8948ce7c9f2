//! A MongoDB database that other programs have filled, each as it pleased.

use std::str::FromStr as _;

use loopwright_tests::mongodb_url;
use mongodb::Database;
use mongodb::bson::oid::ObjectId;
use mongodb::bson::spec::BinarySubtype;
use mongodb::bson::{Binary, Bson, DateTime, Decimal128, Document, Regex, Timestamp, doc};
use reqwest::Method;
use serde_json::json;

use crate::{Served, TestResult, is_empty, tables};

/// The URL of the database, unless MongoDB is not installed.
pub async fn filled() -> TestResult<Option<String>> {
    let Some(url) = mongodb_url() else {
        return Ok(None);
    };
    let database = open(&url).await?;
    for (collection, documents) in documents()? {
        let collection = database.collection::<Document>(collection);
        collection.insert_many(documents).await?;
    }
    let view = database.create_collection("recent");
    view.view_on("customers").pipeline([]).await?;
    Ok(Some(url))
}

async fn open(url: &str) -> TestResult<Database> {
    let client = mongodb::Client::with_uri_str(url).await?;
    Ok(client.default_database().ok_or("no database in the URL")?)
}

fn documents() -> TestResult<Vec<(&'static str, Vec<Document>)>> {
    let decimal = |text| Decimal128::from_str(text);
    let (ada, bob) = (ObjectId::from_bytes([1; 12]), ObjectId::from_bytes([2; 12]));
    let now = DateTime::from_millis(1_700_000_000_123);
    let point = doc! { "type": "Point", "coordinates": [8.5, 47.25] };
    let ring = vec![
        vec![0.0, 0.0],
        vec![1.0, 0.0],
        vec![1.0, 1.0],
        vec![0.0, 0.0],
    ];
    let area = doc! { "type": "Polygon", "coordinates": [ring] };
    let bytes = |subtype| Binary {
        subtype,
        bytes: vec![7; 16],
    };
    Ok(vec![
        // As Mongoose writes: subdocuments have ids, documents a version.
        (
            "customers",
            vec![
                doc! {
                    "_id": ada, "name": "Ada", "email": "ada@example.com", "balance": decimal("12.50")?, "since": now,
                    "address": { "_id": bob, "street": "Main", "zip-code": "8000", "place": point.clone() },
                    "tags": ["a", "b"], "scores": [1, 2.5], "likes": [bob], "vip": true, "__v": 0,
                },
                doc! {
                    "_id": bob, "name": "Bob", "balance": decimal("-0.00000001")?, "since": now, "vip": Bson::Null,
                    "address": { "_id": ada, "street": "Side" }, "tags": [], "scores": [], "invitedBy": ada, "__v": 3_i64,
                },
            ],
        ),
        // As a JavaScript shell writes: every number is a double.
        (
            "orders",
            vec![
                doc! {
                    "_id": 1.0, "customerId": ada, "total": 3.0, "type": "web", "reference": "x",
                    "lines": [{ "sku": "tea", "price": decimal("1.10")? }, { "sku": "cup", "gift": { "from": "Bob" } }],
                },
                doc! { "_id": 2.0, "customerId": bob, "total": 4.5, "reference": 17, "type": "web", "lines": [] },
                doc! { "_id": 3, "customerId": bob, "total": 1_i64, "reference": { "deep": [1] }, "lines": [] },
            ],
        ),
        (
            "shop.places",
            vec![
                doc! { "_id": "a", "at": point.clone(), "shape": area, "far": doc! { "lat": 1, "lng": 2 }, "map": point.clone() },
                doc! {
                    "_id": "b", "at": point.clone(), "shape": point, "far": doc! { "lat": 100, "lng": 2 },
                    "map": doc! { "type": "Point", "coordinates": [2_600_000, 1_200_000] },
                },
            ],
        ),
        // What no property holds, beside what one does.
        (
            "oddities",
            vec![
                doc! {
                    "_id": 1, "id": "own", "class": "x", "self": 1, "pattern": "a", "stamp": 1, "ratio": 1, "exact": decimal("1")?,
                    "file": bytes(BinarySubtype::Generic), "key": bytes(BinarySubtype::Uuid), "a.b": 1, "$cost": 2,
                },
                doc! {
                    "_id": 2, "id": "own", "class": "y", "self": 2, "exact": decimal("NaN")?, "ratio": f64::NAN,
                    "pattern": Regex { pattern: "a".try_into()?, options: "".try_into()? },
                    "stamp": Timestamp { time: 1, increment: 1 },
                    "file": bytes(BinarySubtype::Generic), "key": bytes(BinarySubtype::Uuid),
                },
                doc! { "_id": 3, "exact": decimal("9999999999999999999999999999999999")?, "only": { "nested": {}, "list": [[]] } },
            ],
        ),
        (
            "fs.files",
            vec![
                doc! { "_id": ada, "length": 5_i64, "chunkSize": 261_120, "uploadDate": now, "filename": "a.txt" },
            ],
        ),
        (
            "daily",
            vec![doc! { "_id": { "day": now, "shop": 1 }, "sum": 5 }],
        ),
        ("mixture", vec![doc! { "_id": 1 }, doc! { "_id": "one" }]),
    ])
}

/// Asks for everything, and adds to each collection what is like its first document.
pub async fn check(served: &Served, text: &str, url: &str) -> TestResult {
    let database = open(url).await?;
    let tables = tables(text);
    let known: Vec<_> = tables.values().map(String::as_str).collect();
    let expected = ["customers", "fs.files", "oddities", "orders", "shop.places"];
    assert_eq!(known, expected);
    for left_out in [
        "//! - `daily`: ",
        "//! - `mixture`: ",
        "/// - `a.b`: ",
        "/// - `$cost`: ",
    ] {
        assert!(text.contains(left_out), "{left_out}");
    }
    for (model, (path, _)) in served.collections().await? {
        let collection = database.collection::<Document>(&tables[&model]);
        let expected = collection.count_documents(doc! {}).await?;
        let count = served.get(&format!("{path}/count"), &[]).await?;
        assert_eq!(count["count"], expected, "{model}");
        let rows = served.get(&path, &[]).await?;
        let rows = rows.as_array().ok_or("no list")?;
        assert_eq!(u64::try_from(rows.len())?, expected, "{model}");

        let mut new = rows.first().ok_or("no document")?.clone();
        match model.as_str() {
            "ShopPlace" => new["id"] = json!("new"),
            _ => drop(new.as_object_mut().ok_or("no object")?.remove("id")),
        }
        let created = served.send(Method::POST, &path, new.clone()).await?;
        new["id"] = created["id"].clone();
        assert!(!is_empty(&new["id"]), "{created}");
        assert_eq!(created, new);
        let id = created["id"].to_string();
        let path = format!("{path}/{}", id.trim_matches('"'));
        assert_eq!(served.get(&path, &[]).await?, new);
        assert_eq!(collection.count_documents(doc! {}).await?, expected + 1);
    }
    Ok(())
}

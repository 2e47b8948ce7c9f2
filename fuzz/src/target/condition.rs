use loopwright::boot::Records;
use loopwright::prelude::*;
use loopwright::{Application, Config};
use serde_json::{Value as Json, json};
use tokio::runtime::{Builder, Runtime};

use crate::model::{Owner, Shop};
use crate::served::shop;

/// A filter as JSON, which finds in a SQL database what [`Condition::matches`] finds, in the same order.
///
/// # Panics
/// It finds something else.
pub fn condition(data: &[u8]) {
    thread_local! {
        static BOTH: (Runtime, Application, Application) = both();
    }
    BOTH.with(|(runtime, memory, sqlite)| runtime.block_on(agree(memory, sqlite, data)));
}

fn both() -> (Runtime, Application, Application) {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let start = |url| runtime.block_on(fill(url)).unwrap();
    let (memory, sqlite) = (start("memory:"), start("sqlite::memory:"));
    (runtime, memory, sqlite)
}

/// An application whose data source, at `url`, has rows of all kinds.
///
/// # Errors
/// The data source can't be reached.
pub async fn fill(url: &str) -> Result<Application> {
    let app = App::new()
        .config(Config::default())
        .data_source("db", url)
        .models::<(Owner, Shop)>();
    let application = app.build().await?;
    let shops = application.records("Shop")?;
    for json in rows() {
        shops.create(json).await?;
    }
    Ok(application)
}

/// Both applications find the same.
///
/// # Panics
/// They don't.
pub async fn agree(one: &Application, other: &Application, data: &[u8]) {
    let Ok(Json::Object(mut filter)) = serde_json::from_slice(data) else {
        return;
    };
    // The order of what is equal in the order is nobody's business.
    let order = filter.remove("order").filter(|order| !order.is_null());
    let mut order = match order {
        Some(Json::Array(order)) => order,
        order => order.into_iter().collect(),
    };
    if !order
        .iter()
        .any(|key| key.as_str().is_some_and(|key| key.trim().starts_with("id")))
    {
        order.push("id".into());
    }
    filter.insert("order".into(), order.into());
    let filter = Json::Object(filter);
    let shops = |application: &Application| application.records("Shop").unwrap();
    let found = found(&shops(one), &filter).await;
    assert_eq!(self::found(&shops(other), &filter).await, found, "{filter}");
}

async fn found(shops: &Records, filter: &Json) -> Result<Vec<Json>, String> {
    shops.find(filter.clone()).await.map_err(|error| {
        assert!(
            error.status() < 500,
            "{filter}: {error} {:?}",
            std::error::Error::source(&error)
        );
        error.to_string()
    })
}

fn rows() -> Vec<Json> {
    let record = shop(1, "Bel").into_record();
    let usual = Shop::DEF.properties.iter().zip(record.values());
    let usual = usual.filter_map(|(property, value)| {
        Some((property.name.to_owned(), value.as_ref()?.to_json()))
    });
    let mut rows = vec![Json::Object(usual.collect())];
    let texts = [
        "a",
        "A",
        "ä",
        "a%",
        "a_b",
        "",
        "\u{1f600}",
        "1",
        "null",
        "x\ny",
        "\\",
    ];
    for (number, text) in texts.into_iter().enumerate() {
        rows.push(json!({
            "name": text,
            "year": ([-1, 0, 1, 1999, 2020][number % 5]),
            "ratio": ([-0.5, 0.0, 0.1, 1e15, 3.0][number % 5]),
            "price": (["0", "1.5", "-2.25"][number % 3]),
            "open": ([true, false][number % 2]),
            "since": (["1970-01-01T00:00:00.000Z", "2020-02-29T12:00:00.500Z"][number % 2]),
            "day": (["2020-01-01", "1999-12-31"][number % 2]),
            "tags": ([json!([]), json!(["a"]), json!(["b", "a", text])][number % 3]),
            "numbers": ([json!([]), json!([1]), json!([1.5, 2])][number % 3]),
            "meta": ([json!(1), json!("1"), json!({"a": {"b": [1, null]}}), json!([{"a": 1}]), json!(true)][number % 5]),
            "address": {"city": text, "zip": number},
            "branches": ([json!([]), json!([{"city": "x", "zip": 1}, {"city": text}])][number % 2]),
            "code": format!("00000000-0000-0000-0000-{:012x}", 7 * number % 11 + 100),
            "picture": {"$type": "base64", "$data": (["YQ==", "YWI=", "Yg==", ""][number % 4])},
            "spot": {"lat": number, "lng": -123},
            "size": (["small", "large"][number % 2]),
        }));
    }
    rows.push(json!({}));
    rows
}

//! Key-value models: over HTTP and from Rust, in every store that comes along.

use std::time::Duration;

use futures_util::TryStreamExt;
use loopwright::Config;
use loopwright::prelude::*;
use loopwright_tests::case;
use loopwright_tests::serve::serve;
use loopwright_tests::{check_document, redis_url};
use serde_json::{Value as Json, json};

type TestResult = std::result::Result<(), Box<dyn std::error::Error>>;

/// Anything by anything.
#[derive(KeyValueModel, Clone, Debug, PartialEq)]
#[acl(open)]
struct Cache(Json);

/// What somebody is about to buy.
#[derive(Property, Clone, Debug, PartialEq)]
struct Goods {
    items: Vec<String>,
    amount: u8,
    note: Option<String>,
}

/// Carts by session.
#[derive(KeyValueModel, Debug, PartialEq)]
#[acl(open)]
struct Cart(Goods);

/// When it rings.
#[derive(KeyValueModel, Debug, PartialEq)]
#[acl(open)]
struct Alarm(DateTime<Utc>);

/// Pictures by their names.
#[derive(KeyValueModel, Debug, PartialEq)]
#[acl(open)]
struct Picture(Vec<u8>);

/// Measures by their names.
#[derive(KeyValueModel, Debug, PartialEq)]
#[acl(open)]
struct Measure(f64);

/// Readable alone.
#[derive(KeyValueModel, Debug, PartialEq)]
#[acl(allow(get, keys), to = everyone)]
#[acl(allow(write), to = role("admin"))]
struct Guarded(Json);

/// Not served.
#[derive(KeyValueModel, Debug, PartialEq)]
#[model(public = false)]
struct Hidden(Json);

/// A model of the other kind, to stand beside them.
#[derive(Model)]
#[acl(open)]
struct Shop {
    #[model(id, generated)]
    id: i64,
}

type All = (Cache, Cart, Alarm, Picture, Measure, Guarded, Hidden);

fn app(store: &str) -> App {
    App::new()
        .config(Config::default())
        .data_source("db", store)
        .models::<All>()
}

macro_rules! in_every_store {
    ($($test:ident)*) => {$(
        mod $test {
            #[tokio::test]
            async fn in_memory() -> super::TestResult {
                super::$test("kv-memory:").await
            }

            #[tokio::test]
            async fn in_redis() -> super::TestResult {
                match super::redis_url() {
                    Some(url) => super::$test(&url).await,
                    None => Ok(()),
                }
            }
        }
    )*};
}

in_every_store! {
    requests_are_answered_as_the_contract_says
    values_come_back_as_their_types
    values_that_can_not_be_kept_are_refused
    times_are_whole_milliseconds
    hostile_requests_are_refused
    everything_at_once
}

async fn requests_are_answered_as_the_contract_says(store: &str) -> TestResult {
    let served = serve(app(store)).await?;
    for case in case::load("key_value.json")? {
        case.run(&served.client, &served.url).await?;
    }
    Ok(())
}

async fn values_come_back_as_their_types(store: &str) -> TestResult {
    let app = app(store).build().await?;
    let goods = || Goods {
        items: vec!["tea".into(), "☕".into()],
        amount: 255,
        note: None,
    };
    let carts = app.key_value::<Cart>()?;
    carts.set("ann", Cart(goods())).await?;
    assert_eq!(carts.get("ann").await?, Some(Cart(goods())));
    assert_eq!(carts.get("bob").await?, None);

    let alarms = app.key_value::<Alarm>()?;
    let moment: DateTime<Utc> = "2015-01-01T00:00:00.123Z".parse()?;
    alarms.set("a", Alarm(moment)).await?;
    assert_eq!(alarms.get("a").await?, Some(Alarm(moment)));

    let pictures = app.key_value::<Picture>()?;
    let bytes: Vec<u8> = (0..=255).collect();
    pictures.set("p", Picture(bytes.clone())).await?;
    assert_eq!(pictures.get("p").await?, Some(Picture(bytes)));

    let hidden = app.key_value::<Hidden>()?;
    hidden
        .set("h", Hidden(json!({"deep": [null, 1.5]})))
        .await?;
    assert_eq!(
        hidden.get("h").await?,
        Some(Hidden(json!({"deep": [null, 1.5]})))
    );

    let mut found: Vec<String> = hidden.keys("?")?.stream().try_collect().await?;
    found.sort();
    assert_eq!(found, ["h"]);
    assert!(hidden.delete("h").await?);
    assert!(!hidden.delete("h").await?);
    Ok(())
}

async fn values_that_can_not_be_kept_are_refused(store: &str) -> TestResult {
    let app = app(store).build().await?;
    let caches = app.key_value::<Cache>()?;
    let refused = caches
        .set("k", Cache(Json::Null))
        .await
        .err()
        .ok_or("null")?;
    assert_eq!(refused.status(), 400);
    let measures = app.key_value::<Measure>()?;
    let refused = measures
        .set("k", Measure(f64::NAN))
        .await
        .err()
        .ok_or("NaN")?;
    assert_eq!(refused.status(), 422);
    for refused in [
        caches.get("").await.map(drop),
        caches.set("", Cache(json!(1))).await,
        caches.expire("", Duration::from_secs(1)).await,
        caches.ttl("").await.map(drop),
        caches.delete("").await.map(drop),
    ] {
        let refused = refused.err().ok_or("an empty key")?;
        assert_eq!(refused.status(), 400);
        assert_eq!(refused.message(), "key must be a non-empty string");
    }
    assert!(caches.keys("*")?.all().await?.is_empty());
    Ok(())
}

async fn times_are_whole_milliseconds(store: &str) -> TestResult {
    let app = app(store).build().await?;
    let caches = app.key_value::<Cache>()?;
    let value = || Cache(json!("v"));
    for ttl in [Duration::ZERO, Duration::from_micros(999), Duration::MAX] {
        let refused = caches
            .set("k", value())
            .ttl(ttl)
            .await
            .err()
            .ok_or("no time")?;
        assert_eq!(refused.message(), "ttl must be a positive integer");
        let refused = caches.expire("k", ttl).await.err().ok_or("no time")?;
        assert_eq!(refused.status(), 400);
    }
    assert_eq!(caches.get("k").await?, None);

    let hour = Duration::from_secs(3600);
    caches.set("k", value()).ttl(hour).await?;
    let left = caches.ttl("k").await?.ok_or("it never expires")?;
    assert!(left <= hour && left > hour / 2, "{left:?}");
    caches.set("k", value()).await?;
    assert_eq!(caches.ttl("k").await?, None);
    caches.expire("k", Duration::from_micros(1500)).await?;
    let deadline = tokio::time::Instant::now() + Duration::from_secs(10);
    while caches.get("k").await?.is_some() {
        assert!(tokio::time::Instant::now() < deadline, "it does not expire");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    for unknown in [
        caches.ttl("k").await.map(drop),
        caches.expire("k", hour).await,
    ] {
        let unknown = unknown.err().ok_or("it has expired")?;
        assert_eq!(unknown.status(), 404);
        assert_eq!(unknown.code(), Some("KEY_NOT_FOUND"));
    }
    Ok(())
}

async fn hostile_requests_are_refused(store: &str) -> TestResult {
    let served = serve(app(store)).await?;
    let (client, url) = (&served.client, &served.url);
    // Almost as large as the HTTP library takes an address.
    let key = "k".repeat(50_000);
    let put = client.put(format!("{url}/api/Caches/{key}")).json(&1);
    assert_eq!(put.send().await?.status(), 204);
    let get = client.get(format!("{url}/api/Caches/{key}"));
    assert_eq!(get.send().await?.json::<Json>().await?, json!(1));

    let large = "v".repeat(200_000);
    let put = client.put(format!("{url}/api/Caches/large")).json(&large);
    assert_eq!(put.send().await?.status(), 413);
    let get = client.get(format!("{url}/api/Caches/large"));
    assert_eq!(get.send().await?.status(), 404);

    let pattern = json!({ "match": "*a[^b]".repeat(1000) }).to_string();
    let keys = client.get(format!("{url}/api/Caches/keys"));
    let keys = keys.query(&[("filter", pattern)]).send().await?;
    assert_eq!(keys.status(), 400);
    // The worst that is allowed, on the worst key.
    let pattern = json!({ "match": "*k[^b]".repeat(170) + "x" }).to_string();
    let keys = client.get(format!("{url}/api/Caches/keys"));
    let keys = keys.query(&[("filter", pattern)]).send().await?;
    assert_eq!(keys.json::<Json>().await?, json!([]));

    // Nesting that would overflow the stack is no JSON for anybody.
    let deep = "[".repeat(40_000) + &"]".repeat(40_000);
    let put = client
        .put(format!("{url}/api/Caches/deep"))
        .header("content-type", "application/json")
        .body(deep);
    assert_eq!(put.send().await?.status(), 400);
    Ok(())
}

/// Whoever sets last has set the whole of it.
async fn everything_at_once(store: &str) -> TestResult {
    let app = app(store).build().await?;
    let caches = app.key_value::<Cache>()?;
    let value = |number: usize| Cache(json!(vec![number; 100]));
    let writers = (0..50).map(|number| {
        let caches = caches.clone();
        tokio::spawn(async move {
            for round in 0..20 {
                let key = format!("{}", round % 4);
                caches.set(&key, value(number)).await?;
                if let Some(Cache(Json::Array(items))) = caches.get(&key).await? {
                    assert!(items.iter().all(|item| *item == items[0]), "{items:?}");
                }
            }
            loopwright::Result::<(), Error>::Ok(())
        })
    });
    for writer in futures_util::future::join_all(writers).await {
        writer??;
    }
    assert_eq!(caches.keys("*")?.all().await?.len(), 4);
    Ok(())
}

#[tokio::test]
async fn a_memory_data_source_keeps_records_and_values() -> TestResult {
    let app = app("memory:").models::<(Shop,)>().build().await?;
    app.repository::<Shop>()?.create(Shop { id: 0 }).await?;
    app.key_value::<Cache>()?.set("k", Cache(json!(1))).await?;
    assert_eq!(app.repository::<Shop>()?.count(Condition::ALL).await?, 1);
    assert_eq!(
        app.key_value::<Cache>()?.get("k").await?,
        Some(Cache(json!(1)))
    );
    Ok(())
}

#[tokio::test]
async fn a_data_source_that_does_not_suit_the_model_ends_the_start() -> TestResult {
    let refusal = async |app: App| {
        let refused = app.build().await.err().ok_or("it starts")?;
        Ok::<_, Box<dyn std::error::Error>>(refused.to_string())
    };
    let said = refusal(app("sqlite::memory:")).await?;
    assert_eq!(
        said,
        "the model `Cache` can't be kept in the data source \"db\", which keeps no values under keys; attach the model to \
         one that does, such as `kv-memory:` or `redis://localhost` (cargo feature `redis`), with \
         `.attach::<Cache>(\"...\")` or in the configuration"
    );
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("data.json");
    let said = refusal(app(&format!("memory://{}", file.display()))).await?;
    assert!(said.contains("keeps no values under keys"), "{said}");

    let said = refusal(app("kv-memory:").models::<(Shop,)>()).await?;
    assert!(said.contains("`Shop`") && said.contains("\"db\""), "{said}");
    assert!(
        said.contains("such as `sqlite://shop.db` or `memory:`"),
        "{said}"
    );

    // Each in its place is a start; a transaction is not to be had there.
    let app = app("kv-memory:")
        .models::<(Shop,)>()
        .data_source("shops", "memory:")
        .attach::<Shop>("shops");
    let app = app.build().await?;
    let refused = app.transaction().begin().await;
    let said = refused.err().ok_or("a transaction")?.to_string();
    assert!(said.contains("no transactions"), "{said}");
    Ok(())
}

#[tokio::test]
async fn transient_models_are_created_and_forgotten() -> TestResult {
    let app = App::new()
        .config(Config::default())
        .data_source("db", "transient:")
        .models::<(Shop,)>();
    let served = serve(app).await?;
    let shops = format!("{}/api/Shops", served.url);
    for id in 1..=2 {
        let created = served.client.post(&shops).json(&json!({})).send().await?;
        assert_eq!(created.json::<Json>().await?, json!({ "id": id }));
    }
    let found = served.client.get(&shops).send().await?;
    assert_eq!(found.json::<Json>().await?, json!([]));
    let count = served.client.get(format!("{shops}/count")).send().await?;
    assert_eq!(count.json::<Json>().await?, json!({ "count": 0 }));
    let found = served.client.get(format!("{shops}/1")).send().await?;
    assert_eq!(found.status(), 404);
    let upserted = served.client.put(&shops).json(&json!({"id": 7}));
    assert_eq!(
        upserted.send().await?.json::<Json>().await?,
        json!({"id": 7})
    );
    let deleted = served.client.delete(format!("{shops}/7")).send().await?;
    assert_eq!(deleted.json::<Json>().await?, json!({ "count": 0 }));
    Ok(())
}

#[tokio::test]
async fn the_document_says_what_is_served() -> TestResult {
    let served = serve(
        app("kv-memory:")
            .models::<(Shop,)>()
            .data_source("shops", "memory:")
            .attach::<Shop>("shops"),
    )
    .await?;
    let text = served
        .client
        .get(format!("{}/openapi.json", served.url))
        .send()
        .await?
        .text()
        .await?;
    let document: Json = serde_json::from_str(&text)?;
    let paths = document["paths"].as_object().ok_or("no paths")?;
    let of_caches: Vec<_> = paths
        .keys()
        .filter(|path| path.contains("Caches"))
        .collect();
    assert_eq!(
        of_caches,
        [
            "/api/Caches/keys",
            "/api/Caches/{key}",
            "/api/Caches/{key}/expire"
        ]
    );
    assert!(!text.contains("Hidden"));
    let set = &document["paths"]["/api/Carts/{key}"]["put"];
    assert_eq!(set["operationId"], "Cart.set");
    let example = &set["requestBody"]["content"]["application/json"]["example"];
    let put = served.client.put(format!("{}/api/Carts/a-key", served.url));
    assert_eq!(put.json(example).send().await?.status(), 204);

    check_document(&text).await?;
    Ok(())
}

//! Ids made of several properties, over HTTP and from Rust, the same on every data source.

use std::error::Error;

use loopwright::Config;
use loopwright::prelude::*;
use loopwright_tests::serve::{Served, serve};
use loopwright_tests::{mongodb_url, mysql_url, postgres_url, sqlite_url};
use reqwest::Method;
use serde_json::{Value as Json, json};

type TestResult = std::result::Result<(), Box<dyn Error>>;

/// Something to read.
#[derive(Model, Clone, Debug, PartialEq)]
#[acl(open)]
struct Post {
    #[model(id, generated)]
    id: i64,
    title: String,
    #[relation(has_many)]
    taggings: HasMany<Tagging>,
}

/// A word about a post.
#[derive(Model, Clone, Debug, PartialEq)]
#[acl(open)]
struct Tagging {
    #[model(id)]
    post_id: i64,
    #[model(id, index)]
    tag: String,
    weight: Option<i64>,
    #[relation(belongs_to)]
    post: BelongsTo<Post>,
}

#[loopwright::methods]
impl Tagging {
    /// The tag in other letters.
    #[remote(get = "/loud")]
    async fn loud(&self) -> Result<String> {
        Ok(self.tag.to_uppercase())
    }
}

/// Keys of three types, whose order in the table is another one.
#[derive(Model, Clone, Debug)]
#[acl(open)]
struct Reading {
    value: f64,
    #[model(id)]
    meter: Uuid,
    #[model(id)]
    day: NaiveDate,
    #[model(id)]
    number: i32,
}

fn tagging(post_id: i64, tag: &str) -> Tagging {
    Tagging {
        post_id,
        tag: tag.to_owned(),
        weight: None,
        post: BelongsTo::default(),
    }
}

async fn start(database: &str) -> std::result::Result<Served, Box<dyn Error>> {
    let app = App::new().config(Config::default());
    let app = app.data_source("db", database);
    serve(app.models::<(Post, Tagging, Reading)>()).await
}

struct Client<'a>(&'a Served);

impl Client<'_> {
    async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<Json>,
    ) -> std::result::Result<(u16, Json), Box<dyn Error>> {
        let request = self
            .0
            .client
            .request(method, format!("{}/api{path}", self.0.url));
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        let response = request.send().await?;
        let status = response.status().as_u16();
        let text = response.text().await?;
        Ok((status, serde_json::from_str(&text).unwrap_or(Json::Null)))
    }

    async fn get(&self, path: &str) -> std::result::Result<(u16, Json), Box<dyn Error>> {
        self.call(Method::GET, path, None).await
    }

    async fn post(
        &self,
        path: &str,
        body: Json,
    ) -> std::result::Result<(u16, Json), Box<dyn Error>> {
        self.call(Method::POST, path, Some(body)).await
    }
}

async fn over_http(database: &str) -> TestResult {
    let served = start(database).await?;
    let client = Client(&served);
    for title in ["One", "Two"] {
        client.post("/Posts", json!({"title": title})).await?;
    }

    // New ones: every key must be given, and all together are given once.
    let rust = json!({"postId": 1, "tag": "rust", "weight": 5});
    assert_eq!(
        client.post("/Taggings", rust.clone()).await?,
        (200, rust.clone())
    );
    let (status, error) = client.post("/Taggings", rust.clone()).await?;
    assert_eq!(status, 409, "{error}");
    assert_eq!(error["error"]["code"], "DUPLICATE_ENTRY");
    assert_eq!(error["error"]["properties"], json!(["postId", "tag"]));
    for (post, tag) in [(1, "web"), (2, "rust"), (2, "Rust")] {
        let (status, answer) = client
            .post("/Taggings", json!({"postId": post, "tag": tag}))
            .await?;
        assert_eq!(status, 200, "{answer}");
    }
    let (status, error) = client.post("/Taggings", json!({"postId": 1})).await?;
    assert_eq!(status, 422, "{error}");
    assert!(
        error["error"]["details"]["codes"]["tag"].is_array(),
        "{error}"
    );

    // Found by both keys.
    assert_eq!(client.get("/Taggings/1,rust").await?, (200, rust.clone()));
    assert_eq!(
        client.get("/Taggings/1,rust/exists").await?,
        (200, json!({"exists": true}))
    );
    assert_eq!(
        client.get("/Taggings/1,Rust/exists").await?,
        (200, json!({"exists": false}))
    );
    assert_eq!(
        client.get("/Taggings/1,rust/loud").await?,
        (200, json!("RUST"))
    );
    assert_eq!(client.get("/Taggings/1,rust/post").await?.1["title"], "One");
    for none in [
        "1", "rust", "1,rust,1", "rust,1", "01,rust", "1%2Crust", ",", "1,", ",rust", "1.0,rust",
        "1,rust,",
    ] {
        let (status, error) = client.get(&format!("/Taggings/{none}")).await?;
        assert_eq!(status, 404, "{none}: {error}");
        let path = format!("/Taggings/{none}/exists");
        assert_eq!(
            client.get(&path).await?,
            (200, json!({"exists": false})),
            "{none}"
        );
        let path = format!("/Taggings/{none}");
        let deleted = client.call(Method::DELETE, &path, None).await?;
        assert_eq!(deleted, (200, json!({"count": 0})), "{none}");
    }

    // A single key is a property like others, and the id is the order that nothing else decides.
    let (_, found) = client
        .get("/Taggings?filter[where][postId]=2&filter[fields][tag]=true")
        .await?;
    assert_eq!(
        found,
        json!([{"tag": "Rust"}, {"tag": "rust"}]),
        "{database}"
    );
    let (_, found) = client
        .get("/Taggings?filter[order]=tag%20DESC&filter[limit]=2")
        .await?;
    let keys = |found: &Json| -> Vec<(i64, String)> {
        let found = found.as_array().into_iter().flatten();
        found
            .map(|one| {
                (
                    one["postId"].as_i64().unwrap_or_default(),
                    one["tag"].as_str().unwrap_or_default().to_owned(),
                )
            })
            .collect()
    };
    assert_eq!(
        keys(&found),
        [(1, "web".to_owned()), (1, "rust".to_owned())]
    );
    assert_eq!(
        client.get("/Taggings/count?where[tag]=rust").await?.1,
        json!({"count": 2})
    );

    // Changed, but for the keys.
    let patched = client.call(
        Method::PATCH,
        "/Taggings/2,rust",
        Some(json!({"weight": 1, "tag": "rust"})),
    );
    assert_eq!(
        patched.await?,
        (200, json!({"postId": 2, "tag": "rust", "weight": 1}))
    );
    for changed in [
        json!({"tag": "other"}),
        json!({"postId": 0}),
        json!({"tag": ""}),
    ] {
        for method in [Method::PATCH, Method::PUT] {
            let (status, error) = client
                .call(method, "/Taggings/2,rust", Some(changed.clone()))
                .await?;
            assert_eq!(status, 400, "{changed}: {error}");
            let message = error["error"]["message"].as_str().unwrap_or_default();
            assert!(message.contains("cannot be updated"), "{message}");
        }
    }
    let replaced = client.call(Method::PUT, "/Taggings/2,rust", Some(json!({"weight": 2})));
    assert_eq!(
        replaced.await?,
        (200, json!({"postId": 2, "tag": "rust", "weight": 2}))
    );
    let missing = client.call(
        Method::PATCH,
        "/Taggings/3,rust",
        Some(json!({"weight": 1})),
    );
    assert_eq!(missing.await?.0, 404);

    // Changed or created.
    let upsert = |body: Json| client.call(Method::PATCH, "/Taggings", Some(body));
    assert_eq!(
        upsert(json!({"postId": 2, "tag": "rust", "weight": 3}))
            .await?
            .1["weight"],
        3
    );
    assert_eq!(upsert(json!({"postId": 0, "tag": ""})).await?.0, 200);
    assert_eq!(client.get("/Taggings/0,").await?.0, 200);
    assert_eq!(upsert(json!({"postId": 2, "weight": 3})).await?.0, 422);
    let replace = client.post(
        "/Taggings/replaceOrCreate",
        json!({"postId": 2, "tag": "rust"}),
    );
    assert_eq!(replace.await?.1["weight"], Json::Null);
    assert_eq!(client.get("/Taggings/count").await?.1, json!({"count": 5}));
    let all = client.post("/Taggings/update?where[postId]=2", json!({"weight": 9}));
    assert_eq!(all.await?.1, json!({"count": 2}));

    // As what belongs to something.
    let (_, found) = client.get("/Posts/1/taggings").await?;
    assert_eq!(
        keys(&found),
        [(1, "rust".to_owned()), (1, "web".to_owned())]
    );
    let (_, found) = client.get("/Posts?filter[include]=taggings").await?;
    assert_eq!(found[1]["taggings"].as_array().map(Vec::len), Some(2));
    let (_, found) = client
        .get("/Taggings?filter[include]=post&filter[where][postId]=2")
        .await?;
    assert_eq!(found[0]["post"]["title"], "Two");
    assert_eq!(client.get("/Posts/1/taggings/1,rust").await?, (200, rust));
    assert_eq!(client.get("/Posts/1/taggings/2,rust").await?.0, 404);
    let (status, answer) = client
        .post("/Posts/1/taggings", json!({"tag": "new"}))
        .await?;
    assert_eq!((status, &answer["postId"]), (200, &json!(1)));
    let changed = client.call(
        Method::PUT,
        "/Posts/1/taggings/1,new",
        Some(json!({"weight": 4})),
    );
    assert_eq!(changed.await?.1["weight"], 4);
    let deleted = client.call(Method::DELETE, "/Posts/1/taggings/1,new", None);
    assert_eq!(deleted.await?.0, 204);
    assert_eq!(client.get("/Taggings/1,new").await?.0, 404);

    let deleted = client.call(Method::DELETE, "/Taggings/1,web", None);
    assert_eq!(deleted.await?, (200, json!({"count": 1})));
    assert_eq!(client.get("/Taggings/1,rust").await?.0, 200);

    // Keys of other types.
    let day = json!({"meter": "6f9619ff-8b86-d011-b42d-00c04fc964ff", "day": "2024-02-29", "number": -1, "value": 2.5});
    assert_eq!(
        client.post("/Readings", day.clone()).await?,
        (200, day.clone())
    );
    let path = "/Readings/6F9619FF-8B86-D011-B42D-00C04FC964FF,2024-02-29,-1";
    assert_eq!(client.get(path).await?, (200, day), "{database}");
    assert_eq!(client.get("/Readings/1,2024-02-29,-1").await?.0, 404);
    Ok(())
}

/// Whatever a key holds, its place in the path is its own.
async fn hostile_keys(database: &str) -> TestResult {
    const HOSTILE: [&str; 13] = [
        "a,b",
        ",",
        "%2C",
        "a/b",
        "..",
        "ä€😀",
        "' OR 1=1 --",
        "a b+c",
        "{\"$ne\":1}",
        "$id",
        "a\"b\\c",
        "?x=1#y",
        "0",
    ];
    let served = start(database).await?;
    let client = Client(&served);
    for (number, tag) in HOSTILE.into_iter().enumerate() {
        let sent = json!({"postId": -7, "tag": tag, "weight": number});
        assert_eq!(
            client.post("/Taggings", sent.clone()).await?,
            (200, sent.clone()),
            "{tag}"
        );
        let encoded: String = tag.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let path = format!("/Taggings/-7,{encoded}");
        assert_eq!(client.get(&path).await?, (200, sent), "{tag}");
        let patched = client.call(Method::PATCH, &path, Some(json!({"weight": 100})));
        assert_eq!(patched.await?.1["weight"], 100, "{tag}");
        let deleted = client.call(Method::DELETE, &path, None).await?;
        assert_eq!(deleted, (200, json!({"count": 1})), "{tag}");
    }
    Ok(())
}

async fn from_rust(database: &str) -> TestResult {
    let served = start(database).await?;
    let posts = served.application.repository::<Post>()?;
    let taggings = served.application.repository::<Tagging>()?;
    let post = posts
        .create(Post {
            id: 0,
            title: "One".into(),
            taggings: HasMany::default(),
        })
        .await?;
    let many = (0..700).map(|number| tagging(post.id, &format!("{number:03}")));
    taggings.create_all(many).await?;
    let id = |tag: &str| (post.id, tag.to_owned());

    assert_eq!(
        taggings.find_by_id(id("007")).await?,
        Some(tagging(post.id, "007"))
    );
    assert!(!taggings.exists(id("700")).await?);
    let ids = (0..700).rev().map(|number| id(&format!("{number:03}")));
    let found = taggings.find_by_ids(ids.chain([id("none")])).await?;
    let tags: Vec<_> = found.iter().map(|found| found.tag.as_str()).collect();
    assert_eq!(
        (tags.len(), tags[0], tags[699]),
        (700, "699", "000"),
        "{database}"
    );
    assert_eq!(found[0].id(), id("699"));

    let changed = taggings
        .update(id("001"), Patch::new().set(Tagging::WEIGHT, Some(3)))
        .await?;
    assert_eq!(changed.weight, Some(3));
    let replaced = taggings.replace(tagging(post.id, "001")).await?;
    assert_eq!(replaced.weight, None);
    let of_post = posts.related(&post, Post::TAGGINGS).await?;
    assert_eq!(of_post.find_by_id(id("002")).await?.tag, "002");
    assert!(taggings.delete_by_id(id("002")).await?);
    assert!(!taggings.delete_by_id(id("002")).await?);

    // Many at once create one, and every one of them succeeds.
    let racing = (0..8).map(|_| taggings.upsert(tagging(post.id, "race")));
    for result in futures_util::future::join_all(racing).await {
        assert_eq!(result?.tag, "race");
    }
    assert_eq!(taggings.count(Tagging::TAG.eq("race")).await?, 1);
    let (_, created) = taggings
        .find_or_create(Tagging::TAG.eq("race"), tagging(post.id, "race"))
        .await?;
    assert!(!created);
    assert_eq!(of_post.delete_all().await?, 700);
    Ok(())
}

/// Makes a test on each data source of each `async fn(url: &str)`.
macro_rules! on_every_data_source {
    ($($test:ident)*) => {$(
        mod $test {
            #[tokio::test]
            async fn in_memory() -> super::TestResult {
                super::$test("memory:").await
            }

            #[tokio::test]
            async fn on_sqlite() -> super::TestResult {
                super::$test(&super::sqlite_url()).await
            }

            #[tokio::test]
            async fn on_postgres() -> super::TestResult {
                match super::postgres_url() {
                    Some(url) => super::$test(&url).await,
                    None => Ok(()),
                }
            }

            #[tokio::test]
            async fn on_mysql() -> super::TestResult {
                match super::mysql_url() {
                    Some(url) => super::$test(&url).await,
                    None => Ok(()),
                }
            }

            #[tokio::test]
            async fn on_mongodb() -> super::TestResult {
                match super::mongodb_url() {
                    Some(url) => super::$test(&url).await,
                    None => Ok(()),
                }
            }
        }
    )*};
}

on_every_data_source! {
    over_http
    hostile_keys
    from_rust
}

/// The memory data source's file holds records by their keys, and so they come back.
#[tokio::test]
async fn a_file_keeps_them() -> TestResult {
    let folder = tempfile::tempdir()?;
    let url = format!("memory://{}", folder.path().join("data.json").display());
    for expected in [0, 2] {
        let served = start(&url).await?;
        let taggings = served.application.repository::<Tagging>()?;
        assert_eq!(taggings.count(Condition::ALL).await?, expected);
        if expected == 0 {
            taggings.create(tagging(1, "2,3")).await?;
            taggings.create(tagging(1, "2")).await?;
        } else {
            let found = taggings.find_by_id((1, "2,3".to_owned())).await?;
            assert_eq!(found, Some(tagging(1, "2,3")));
        }
    }
    Ok(())
}

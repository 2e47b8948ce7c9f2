//! A list is created as a whole, where the caller says so, on every database.

use loopwright::prelude::*;
use loopwright::{App, Config};
use loopwright_tests::on_every_database;
use loopwright_tests::serve::serve;
use serde_json::{Value as Json, json};

type TestResult = std::result::Result<(), Box<dyn std::error::Error>>;

/// Somebody who owns books.
#[derive(Model, Clone, Debug)]
#[acl(open)]
struct Reader {
    #[model(id, generated)]
    id: i64,
    #[relation(has_many)]
    books: HasMany<Book>,
}

/// A book, of which there is one.
#[derive(Model, Clone, Debug)]
#[acl(open)]
struct Book {
    #[model(id, generated)]
    id: i64,
    #[validate(length(max = 9))]
    title: String,
    #[model(unique)]
    number: Option<i32>,
    reader_id: Option<i64>,
}

async fn all_or_none(database: &str) -> TestResult {
    let app = App::new()
        .config(Config::default())
        .data_source("db", database);
    let served = serve(app.models::<(Reader, Book)>()).await?;
    let post = async |path: &str, body: Json| {
        let sent = served
            .client
            .post(format!("{}/api/{path}", served.url))
            .json(&body);
        let response = sent.send().await?;
        Ok::<_, reqwest::Error>((response.status().as_u16(), response.json::<Json>().await?))
    };
    let count = async || {
        let url = format!("{}/api/Books/count", served.url);
        let body: Json = served.client.get(url).send().await?.json().await?;
        Ok::<_, reqwest::Error>(body["count"].clone())
    };
    post("Readers", json!({})).await?;
    let good = |number: i32| json!({"title": "good", "number": number});
    for path in ["Books?atomic=true", "Readers/1/books?atomic=true"] {
        // A rule, a property that is no number, and a value that is taken within the list.
        for bad in [
            json!({"title": "far too long"}),
            json!({"title": "a", "number": "x"}),
            good(1),
            json!(5),
        ] {
            let (status, body) = post(path, json!([good(1), good(2), bad])).await?;
            assert!((400..500).contains(&status), "{path} {bad} {status} {body}");
            let details = &body["error"]["details"];
            assert!(
                details[0].is_null() && details[1].is_null() && details[2].is_object(),
                "{body}"
            );
            assert_eq!(count().await?, 0, "{path} {bad}");
        }
    }
    let (status, body) = post("Readers/1/books?atomic=true", json!([good(1), good(2)])).await?;
    assert_eq!((status, &body[1]["readerId"]), (200, &json!(1)), "{body}");
    assert_eq!(count().await?, 2);
    // LoopBack keeps those that can be.
    let (_, body) = post("Books", json!([good(3), good(3), good(4)])).await?;
    assert!(body["error"]["details"][1].is_object(), "{body}");
    assert_eq!(count().await?, 4);
    assert_eq!(post("Books?atomic=maybe", json!([good(9)])).await?.0, 400);
    Ok(())
}

on_every_database!(all_or_none);

#[tokio::test]
async fn without_transactions_nothing_is_promised() -> TestResult {
    let app = App::new()
        .config(Config::default())
        .data_source("db", "transient:");
    let served = serve(app.models::<(Reader, Book)>()).await?;
    let sent = served
        .client
        .post(format!("{}/api/Books?atomic=true", served.url));
    let response = sent.json(&json!([{"title": "a"}])).send().await?;
    assert_eq!(response.status(), 400);
    let body: Json = response.json().await?;
    assert_eq!(body["error"]["code"], "NO_TRANSACTIONS");
    Ok(())
}

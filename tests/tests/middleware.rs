//! What every request passes around the methods: CORS (contract *rest.md* §7), compression, request ids.

use std::error::Error;

use loopwright::boot::{CompressionConfig, CorsConfig};
use loopwright::{App, Config};
use loopwright_tests::models::All;
use loopwright_tests::serve::{Served, serve};
use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::json;

type TestResult = Result<(), Box<dyn Error>>;

async fn served(config: Config) -> Result<Served, Box<dyn Error>> {
    let app = App::new().config(config).data_source("db", "memory:");
    serve(app.models::<All>()).await
}

fn cors(origins: &[&str], credentials: bool) -> Config {
    let mut cors = CorsConfig::default();
    cors.origins = origins.iter().map(ToString::to_string).collect();
    cors.credentials = credentials;
    let mut config = Config::default();
    config.middleware.cors = Some(cors);
    config
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// Asks whether a page of `origin` may send a `DELETE`.
async fn ask(served: &Served, origin: &str) -> reqwest::Result<reqwest::Response> {
    let url = format!("{}/api/Cars/1", served.url);
    let request = served.client.request(Method::OPTIONS, url);
    let request = request
        .header("origin", origin)
        .header("access-control-request-method", "DELETE")
        .header("access-control-request-headers", "authorization, x-own");
    request.send().await
}

#[tokio::test]
async fn pages_of_other_origins_call_where_they_are_named() -> TestResult {
    let served = served(cors(&["https://shop.example"], true)).await?;
    let answer = ask(&served, "https://shop.example").await?;
    assert_eq!(answer.status(), 204);
    let headers = answer.headers();
    let allowed = |name: &str| text(headers, &format!("access-control-allow-{name}"));
    assert_eq!(allowed("origin"), Some("https://shop.example"));
    assert_eq!(allowed("credentials"), Some("true"));
    assert_eq!(allowed("methods"), Some("GET,HEAD,PUT,PATCH,POST,DELETE"));
    assert_eq!(allowed("headers"), Some("authorization, x-own"));
    assert_eq!(text(headers, "access-control-max-age"), Some("86400"));

    // Also what is refused can be read.
    for (body, status) in [("{\"name\":\"Audi\"}", 200), ("{", 400)] {
        let request = served.client.post(format!("{}/api/Cars", served.url));
        let request = request.header("origin", "https://shop.example");
        let request = request.header("content-type", "application/json");
        let answer = request.body(body).send().await?;
        assert_eq!(answer.status(), status);
        let origin = text(answer.headers(), "access-control-allow-origin");
        assert_eq!(origin, Some("https://shop.example"));
    }

    let answer = ask(&served, "https://elsewhere.example").await?;
    assert_eq!(text(answer.headers(), "access-control-allow-origin"), None);
    Ok(())
}

#[tokio::test]
async fn every_origin_may_be_named() -> TestResult {
    let served = served(cors(&["*"], false)).await?;
    let answer = ask(&served, "https://elsewhere.example").await?;
    let headers = answer.headers();
    let origin = text(headers, "access-control-allow-origin");
    assert_eq!(origin, Some("https://elsewhere.example"));
    assert_eq!(text(headers, "access-control-allow-credentials"), None);
    Ok(())
}

#[tokio::test]
async fn unless_they_are_named_they_call_nothing() -> TestResult {
    let served = served(Config::default()).await?;
    let answer = ask(&served, "https://shop.example").await?;
    assert_eq!(answer.status(), 404);
    assert_eq!(text(answer.headers(), "access-control-allow-origin"), None);
    Ok(())
}

#[tokio::test]
async fn what_is_no_origin_is_told_at_the_start() -> TestResult {
    for wrong in [
        "shop.example",
        "https://shop.example/",
        "https://*.example",
        "https://",
    ] {
        let app = App::new().config(cors(&[wrong], false)).models::<All>();
        let error = app.build().await.err().ok_or("it has started")?.to_string();
        assert!(
            error.contains("cors.origins") && error.contains(wrong),
            "{error}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn answers_are_compressed_where_that_is_wanted() -> TestResult {
    for wanted in [true, false] {
        let mut config = Config::default();
        config.middleware.compression = wanted.then(CompressionConfig::default);
        let served = served(config).await?;
        let cars = format!("{}/api/Cars", served.url);
        let names = (0..50).map(|number| json!({ "name": format!("car {number}") }));
        let names = served.client.post(&cars).json(&names.collect::<Vec<_>>());
        assert_eq!(names.send().await?.status(), 200);

        let request = served.client.get(&cars).header("accept-encoding", "gzip");
        let answer = request.send().await?;
        let encoding = text(answer.headers(), "content-encoding").map(str::to_owned);
        assert_eq!(encoding.is_some(), wanted, "{encoding:?}");
        let begins_as_gzip = answer.bytes().await?.starts_with(&[0x1f, 0x8b]);
        assert_eq!(begins_as_gzip, wanted);

        // A change arrives when it happens, and not when enough of them have gathered.
        let stream = served.client.get(format!("{cars}/change-stream"));
        let stream = stream.header("accept-encoding", "gzip").send().await?;
        let encoding = text(stream.headers(), "content-encoding");
        assert_eq!(encoding, Some("x-no-compression"));
    }
    Ok(())
}

#[tokio::test]
async fn a_request_has_an_id() -> TestResult {
    let served = served(Config::default()).await?;
    let url = format!("{}/api/Cars", served.url);
    let answer = served.client.get(&url).send().await?;
    assert!(text(answer.headers(), "x-request-id").is_some_and(|id| id.len() == 36));
    let request = served.client.get(&url).header("x-request-id", "mine");
    let answer = request.send().await?;
    assert_eq!(text(answer.headers(), "x-request-id"), Some("mine"));
    Ok(())
}

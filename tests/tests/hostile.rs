//! What clumsy and hostile clients send, and databases that refuse: an answer, and the server goes on.

use std::error::Error;
use std::time::Duration;

use loopwright::{App, Config};
use loopwright_tests::models::All;
use loopwright_tests::serve::{Served, serve};
use serde_json::{Value as Json, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

type TestResult = Result<(), Box<dyn Error>>;

fn app(database: &str) -> App {
    App::new()
        .config(Config::default())
        .data_source("db", database)
        .models::<All>()
}

async fn served() -> Result<Served, Box<dyn Error>> {
    serve(app("sqlite::memory:")).await
}

async fn post(
    served: &Served,
    path: &str,
    body: impl Into<reqwest::Body>,
) -> Result<(u16, Json), Box<dyn Error>> {
    let url = format!("{}{path}", served.url);
    let response = served
        .client
        .post(url)
        .header("content-type", "application/json")
        .body(body)
        .send()
        .await?;
    Ok((response.status().as_u16(), response.json().await?))
}

async fn get(served: &Served, path: &str) -> Result<(u16, String), Box<dyn Error>> {
    let response = served
        .client
        .get(format!("{}{path}", served.url))
        .send()
        .await?;
    Ok((response.status().as_u16(), response.text().await?))
}

#[tokio::test]
async fn a_body_that_is_too_large_is_413() -> TestResult {
    let served = served().await?;
    let body = json!({ "name": "x".repeat(200_000) }).to_string();
    let (status, answer) = post(&served, "/api/Cars", body.clone()).await?;
    assert_eq!(status, 413);
    assert_eq!(answer["error"]["name"], "PayloadTooLargeError");
    assert_eq!(answer["error"]["message"], "request entity too large");
    assert_eq!(answer["error"]["type"], "entity.too.large");
    assert_eq!(answer["error"]["limit"], 102_400);
    // Without a length the size shows only while reading.
    let chunks = body
        .into_bytes()
        .chunks(1000)
        .map(|chunk| Ok::<_, std::io::Error>(chunk.to_vec()))
        .collect::<Vec<_>>();
    let stream = reqwest::Body::wrap_stream(futures_util::stream::iter(chunks));
    let (status, answer) = post(&served, "/api/Cars", stream).await?;
    assert_eq!(status, 413);
    assert_eq!(answer["error"]["type"], "entity.too.large");
    assert_eq!(get(&served, "/api/Cars").await?, (200, "[]".into()));
    Ok(())
}

#[tokio::test]
async fn text_that_is_no_utf8_is_400() -> TestResult {
    let served = served().await?;
    let (status, answer) = post(&served, "/api/Cars", b"{\"name\": \"\xff\xfe\"}".to_vec()).await?;
    assert_eq!(
        (status, &answer["error"]["name"]),
        (400, &json!("SyntaxError"))
    );
    assert_eq!(get(&served, "/api/Cars").await?, (200, "[]".into()));
    Ok(())
}

#[tokio::test]
async fn filters_that_nest_ten_thousand_deep_are_400() -> TestResult {
    let served = served().await?;
    let deep =
        |open: &str, close: &str| format!("{}{{}}{}", open.repeat(10_000), close.repeat(10_000));
    // In the query such a filter exceeds the size of a header, so it comes in a body.
    let body = format!("{{\"filter\":{{\"where\":{}}}}}", deep("{\"and\":[", "]}"));
    let url = format!("{}/api/Cars", served.url);
    let request = served
        .client
        .get(url)
        .header("content-type", "application/json")
        .body(body.clone());
    assert_eq!(request.send().await?.status(), 400);
    assert_eq!(post(&served, "/api/Cars", body).await?.0, 400);
    // What fits the size limit, but not the depth.
    let (status, _) = post(
        &served,
        "/api/Cars",
        format!("{{\"tags\":{}1{}}}", "[".repeat(10_000), "]".repeat(10_000)),
    )
    .await?;
    assert_eq!(status, 400);
    let nested = (0..60).fold("{\"year\":1}".to_owned(), |inner, _| {
        format!("{{\"and\":[{inner}]}}")
    });
    let (status, answer) =
        get(&served, &format!("/api/Cars?filter={{\"where\":{nested}}}")).await?;
    assert_eq!(status, 400, "{answer}");
    assert!(answer.contains("FILTER_TOO_DEEP"), "{answer}");
    let brackets = "[and][0]".repeat(500);
    let (status, _) = get(
        &served,
        &format!("/api/Cars?filter[where]{brackets}[year]=1"),
    )
    .await?;
    assert_eq!(status, 400);
    assert_eq!(get(&served, "/api/Cars").await?, (200, "[]".into()));
    Ok(())
}

#[tokio::test]
async fn a_pattern_longer_than_anybody_writes_is_400() -> TestResult {
    let served = served().await?;
    // With a text like it, it would take the product of both lengths.
    for (bytes, status) in [(1_000, 200), (1_001, 400)] {
        let pattern = "a".repeat(bytes - 2);
        for operator in ["like", "nlike", "ilike", "nilike"] {
            let path = format!("/api/Cars?filter[where][name][{operator}]=%25{pattern}b");
            let (answered, answer) = get(&served, &path).await?;
            assert_eq!(answered, status, "{operator} {bytes}: {answer}");
            assert_eq!(
                answer.contains("PATTERN_TOO_LONG"),
                status == 400,
                "{answer}"
            );
        }
    }
    Ok(())
}

#[tokio::test]
async fn an_include_that_goes_round_in_circles_ends() -> TestResult {
    let served = served().await?;
    let circle = |depth| {
        (0..depth).fold("\"orders\"".to_owned(), |inner, _| {
            format!("{{\"orders\":{{\"customer\":{inner}}}}}")
        })
    };
    assert_eq!(
        get(
            &served,
            &format!("/api/Customers?filter={{\"include\":{}}}", circle(3))
        )
        .await?
        .0,
        200
    );
    let (status, answer) = get(
        &served,
        &format!("/api/Customers?filter={{\"include\":{}}}", circle(30)),
    )
    .await?;
    assert_eq!(status, 400, "{answer}");
    Ok(())
}

#[tokio::test]
async fn an_include_that_multiplies_rows_is_400() -> TestResult {
    let served = served().await?;
    let (status, answer) = post(&served, "/api/Customers", r#"{"name": "Ann"}"#).await?;
    assert_eq!(status, 200, "{answer}");
    let orders: Vec<_> = (0..100)
        .map(|n| json!({"item": n.to_string(), "customerId": 1}))
        .collect();
    let (status, answer) = post(&served, "/api/Orders", json!(orders).to_string()).await?;
    assert_eq!(status, 200, "{answer}");
    // Each round makes a hundred out of one: a million copies after three.
    let rounds = (0..3).fold("\"orders\"".to_owned(), |inner, _| {
        format!("{{\"orders\":{{\"customer\":{inner}}}}}")
    });
    let path = format!("/api/Customers?filter={{\"include\":{rounds}}}");
    let (status, answer) = get(&served, &path).await?;
    assert_eq!(status, 400, "{}", answer.len());
    assert!(answer.contains("INCLUDE_TOO_LARGE"), "{answer}");
    Ok(())
}

#[tokio::test]
async fn bytes_that_are_no_http_hurt_nobody() -> TestResult {
    let served = served().await?;
    let address = served.url.trim_start_matches("http://");
    for garbage in [
        &b"\0\xff\r\n\r\n"[..],
        b"GET /api/Cars\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nhost: x\r\n\r\n",
        b"POST /api/Cars HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n",
    ] {
        let mut socket = TcpStream::connect(address).await?;
        socket.write_all(garbage).await?;
        socket.shutdown().await?;
        let mut answer = Vec::new();
        tokio::time::timeout(Duration::from_secs(10), socket.read_to_end(&mut answer)).await??;
        let answer = String::from_utf8_lossy(&answer);
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 4"),
            "{answer}"
        );
    }
    // A body that breaks off.
    let mut socket = TcpStream::connect(address).await?;
    socket.write_all(b"POST /api/Cars HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 50\r\n\r\n{\"name\":\"Au").await?;
    drop(socket);
    assert_eq!(get(&served, "/api/Cars").await?, (200, "[]".into()));
    Ok(())
}

#[tokio::test]
async fn a_panic_in_a_handler_is_a_500_for_that_request_alone() -> TestResult {
    let routes = axum::Router::new().route(
        "/panic",
        axum::routing::get(|| async {
            if true {
                panic!("boom")
            }
        }),
    );
    let mut config = Config::default();
    config.debug = false;
    let served = serve(
        App::new()
            .config(config)
            .data_source("db", "sqlite::memory:")
            .models::<All>()
            .routes(routes),
    )
    .await?;
    let (status, answer) = get(&served, "/panic").await?;
    assert_eq!(status, 500);
    assert!(
        answer.contains("Internal Server Error") && !answer.contains("boom"),
        "{answer}"
    );
    // By the id the log line is found.
    assert!(answer.contains("requestId"), "{answer}");
    assert_eq!(get(&served, "/api/Cars").await?.0, 200);
    Ok(())
}

#[tokio::test]
async fn a_read_only_database_refuses_writes_and_answers_reads() -> TestResult {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("cars.db");
    let url = format!("sqlite://{}", path.display());
    let first = serve(app(&url)).await?;
    assert_eq!(
        post(&first, "/api/Cars", r#"{"name": "Audi"}"#).await?.0,
        200
    );
    drop(first);
    let served = serve(app(&format!("{url}?mode=ro"))).await?;
    let (status, answer) = post(&served, "/api/Cars", r#"{"name": "BMW"}"#).await?;
    assert_eq!(
        (status, &answer["error"]["code"]),
        (500, &json!("DATA_SOURCE_READ_ONLY")),
        "{answer}"
    );
    assert_eq!(
        get(&served, "/api/Cars/count").await?,
        (200, r#"{"count":1}"#.into())
    );
    Ok(())
}

#[tokio::test]
async fn a_locked_database_is_503_and_then_works_again() -> TestResult {
    use sea_orm::{ConnectionTrait, Database};

    let folder = tempfile::tempdir()?;
    let url = format!("sqlite://{}", folder.path().join("cars.db").display());
    let served = serve(app(&url)).await?;
    let other = Database::connect(&url).await?;
    other.execute_unprepared("BEGIN EXCLUSIVE").await?;
    let response = served
        .client
        .post(format!("{}/api/Cars", served.url))
        .json(&json!({"name": "Audi"}))
        .send()
        .await?;
    assert_eq!(response.status(), 503);
    assert!(response.headers().contains_key("retry-after"));
    let answer: Json = response.json().await?;
    assert_eq!(answer["error"]["code"], "DATA_SOURCE_UNAVAILABLE");
    other.execute_unprepared("ROLLBACK").await?;
    assert_eq!(
        post(&served, "/api/Cars", r#"{"name": "Audi"}"#).await?.0,
        200
    );
    assert_eq!(
        get(&served, "/api/Cars/count").await?,
        (200, r#"{"count":1}"#.into())
    );
    Ok(())
}

#[tokio::test]
async fn of_many_that_take_one_unique_value_exactly_one_wins() -> TestResult {
    let folder = tempfile::tempdir()?;
    let served = serve(app(&format!(
        "sqlite://{}",
        folder.path().join("cars.db").display()
    )))
    .await?;
    let attempts = (0..20).map(|index| {
        let request = served.client.post(format!("{}/api/Cars", served.url));
        request
            .json(&json!({"name": format!("Car {index}"), "plate": "V-1"}))
            .send()
    });
    let answers = futures_util::future::try_join_all(attempts).await?;
    let mut statuses: Vec<_> = answers
        .iter()
        .map(|answer| answer.status().as_u16())
        .collect();
    statuses.sort_unstable();
    assert_eq!(
        statuses.iter().filter(|status| **status == 200).count(),
        1,
        "{statuses:?}"
    );
    assert_eq!(
        statuses.iter().filter(|status| **status == 422).count(),
        19,
        "{statuses:?}"
    );
    Ok(())
}

#[tokio::test]
async fn upserts_of_one_new_id_race_without_an_error() -> TestResult {
    let folder = tempfile::tempdir()?;
    let served = serve(app(&format!(
        "sqlite://{}",
        folder.path().join("cars.db").display()
    )))
    .await?;
    let attempts = (0..20).map(|year| {
        let request = served.client.put(format!("{}/api/Cars", served.url));
        request
            .json(&json!({"id": 7, "name": "Audi", "year": year}))
            .send()
    });
    for answer in futures_util::future::try_join_all(attempts).await? {
        assert_eq!(answer.status(), 200, "{}", answer.text().await?);
    }
    assert_eq!(
        get(&served, "/api/Cars/count").await?,
        (200, r#"{"count":1}"#.into())
    );
    Ok(())
}

//! More than can be done at once: some waits, the rest is told to come again.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::{get, post};
use futures_util::future::join_all;
use loopwright::boot::{DataSourceConfig, MetricsConfig};
use loopwright::prelude::*;
use loopwright::{App, Config};
use loopwright_tests::serve::{Served, serve};
use loopwright_tests::{postgres_url, sqlite_url};
use reqwest::Response;
use serde_json::Value as Json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, oneshot};
use tokio::time::timeout;

use crate::program::BOUND;
use crate::{Note, TestResult};

fn app(config: Config) -> App {
    App::new().config(config).models::<(Note,)>()
}

async fn ask(served: &Served, path: &str) -> TestResult<Response> {
    let request = served.client.get(format!("{}{path}", served.url));
    Ok(timeout(BOUND, request.send()).await??)
}

/// The code of a 503, which says when to come again.
async fn comes_again(refused: Response) -> TestResult<String> {
    assert_eq!(refused.status(), 503);
    assert_eq!(refused.headers()["retry-after"], "1");
    let body: Json = refused.json().await?;
    Ok(body["error"]["code"]
        .as_str()
        .unwrap_or_default()
        .to_owned())
}

/// Keeps the data source's only connection until the sender is used.
async fn occupied(served: &Served) -> TestResult<oneshot::Sender<()>> {
    let (release, released) = oneshot::channel::<()>();
    let (taken, is_taken) = oneshot::channel();
    let transaction = served.application.transaction();
    tokio::spawn(transaction.run(|tx| async move {
        let notes = tx.repository::<Note>()?;
        notes.count(Condition::ALL).await?;
        // Nobody listens when the test has failed.
        let _ = (taken.send(()), released.await);
        Ok(())
    }));
    timeout(BOUND, is_taken).await??;
    Ok(release)
}

fn one_connection(url: &str, acquire_timeout: Duration) -> Config {
    let mut source = DataSourceConfig::new(url);
    source.max_connections = Some(1);
    source.acquire_timeout = Some(acquire_timeout);
    // Who asks a file by its threads waits for no connection.
    source.shared_connections = Some(0);
    let mut config = Config::default();
    config.data_sources.insert("db".into(), source);
    config
}

#[tokio::test]
async fn a_request_waits_for_a_connection_no_longer_than_it_may() -> TestResult {
    let sqlite = sqlite_url();
    for url in [Some(sqlite.to_string()), postgres_url()] {
        let Some(url) = url else { continue };
        let served = serve(app(one_connection(&url, Duration::from_millis(300)))).await?;
        let release = occupied(&served).await?;
        let refused = ask(&served, "/api/Notes").await?;
        assert_eq!(comes_again(refused).await?, "DATA_SOURCE_UNAVAILABLE");
        release.send(()).map_err(|()| "the transaction is over")?;
        assert_eq!(ask(&served, "/api/Notes").await?.status(), 200);
    }
    Ok(())
}

#[tokio::test]
async fn no_more_wait_than_are_taken_on() -> TestResult {
    let url = sqlite_url();
    let mut config = one_connection(&url, BOUND);
    config.server.max_requests = 5;
    let served = Arc::new(serve(app(config)).await?);
    let release = occupied(&served).await?;
    let (refused, mut codes) = tokio::sync::mpsc::unbounded_channel();
    let asking = (0..50).map(|_| {
        let (served, refused) = (served.clone(), refused.clone());
        async move {
            let answer = ask(&served, "/api/Notes").await?;
            let status = answer.status().as_u16();
            if status == 503 {
                refused.send(comes_again(answer).await?)?;
            }
            TestResult::Ok(status)
        }
    });
    let refusals = async {
        for _ in 0..45 {
            assert_eq!(codes.recv().await.ok_or("nobody asks")?, "SERVER_BUSY");
        }
        release.send(()).map_err(|()| "the transaction is over")?;
        TestResult::Ok(())
    };
    let (answers, refused) = tokio::join!(join_all(asking), timeout(BOUND, refusals));
    refused??;
    let statuses = answers.into_iter().collect::<TestResult<Vec<_>>>()?;
    let done = statuses.iter().filter(|status| **status == 200);
    assert_eq!(done.count(), 5, "{statuses:?}");
    assert_eq!(ask(&served, "/api/Notes").await?.status(), 200);
    Ok(())
}

#[tokio::test]
async fn who_watches_is_always_answered() -> TestResult {
    let (entered, go_on) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let waits = {
        let (entered, go_on) = (entered.clone(), go_on.clone());
        move || async move {
            entered.add_permits(1);
            // It is never closed.
            drop(go_on.acquire().await);
        }
    };
    let mut config = Config::default();
    config.metrics = Some(MetricsConfig::default());
    config.server.max_requests = 2;
    let app = app(config).data_source("db", "memory:");
    let served = serve(app.routes(Router::new().route("/wait", get(waits)))).await?;
    let waiting = join_all([ask(&served, "/wait"), ask(&served, "/wait")]);
    let meanwhile = async {
        timeout(BOUND, entered.acquire_many(2)).await??.forget();
        let refused = ask(&served, "/api/Notes").await?;
        assert_eq!(comes_again(refused).await?, "SERVER_BUSY");
        for path in ["/health/live", "/health/ready", "/metrics"] {
            assert_eq!(ask(&served, path).await?.status(), 200, "{path}");
        }
        go_on.add_permits(1);
        TestResult::Ok(())
    };
    let (waited, meanwhile) = tokio::join!(waiting, meanwhile);
    meanwhile?;
    for answer in waited {
        assert_eq!(answer?.status(), 200);
    }
    assert_eq!(ask(&served, "/api/Notes").await?.status(), 200);
    Ok(())
}

#[tokio::test]
async fn a_body_that_trickles_takes_nobodys_place_and_is_408() -> TestResult {
    let mut config = Config::default();
    config.server.max_requests = 1;
    config.server.body_timeout = Duration::from_millis(500);
    let app = app(config).data_source("db", "memory:");
    let length = |text: String| async move { text.len().to_string() };
    let served = serve(app.routes(Router::new().route("/length", post(length)))).await?;
    let mut slow = Vec::new();
    // The models' own way of reading, and a handler's.
    for path in ["/api/Notes", "/length", "/api/Notes", "/length"] {
        let mut socket = TcpStream::connect(served.url.trim_start_matches("http://")).await?;
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: notes\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{{\"te"
        );
        socket.write_all(head.as_bytes()).await?;
        slow.push(socket);
    }
    assert_eq!(ask(&served, "/api/Notes").await?.status(), 200);
    for mut socket in slow {
        let mut answer = String::new();
        timeout(BOUND, socket.read_to_string(&mut answer)).await??;
        assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
        assert!(answer.contains("connection: close"), "{answer}");
        let (_, body) = answer.split_once("\r\n\r\n").ok_or("no body")?;
        let body: Json = serde_json::from_str(body)?;
        assert_eq!(body["error"]["code"], "BODY_TIMEOUT");
    }
    assert_eq!(
        ask(&served, "/api/Notes/count").await?.text().await?,
        r#"{"count":0}"#
    );
    Ok(())
}

#[tokio::test]
async fn a_connection_with_half_a_body_on_it_is_not_used_again() -> TestResult {
    let served = serve(app(Config::default()).data_source("db", "memory:")).await?;
    let url = format!("{}/api/Notes", served.url);
    let large = serde_json::json!({ "text": "x".repeat(200_000) });
    let refused = served.client.post(&url).json(&large).send().await?;
    assert_eq!(refused.status(), 413);
    assert_eq!(refused.headers()["connection"], "close");
    let note = serde_json::json!({ "text": "short" });
    let taken = served.client.post(&url).json(&note).send().await?;
    assert_eq!(taken.status(), 200);
    assert!(taken.headers().get("connection").is_none());
    Ok(())
}

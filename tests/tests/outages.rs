//! Servers that are away, refuse, hang, die and run full: a clear error in bounded time, and no restart of the
//! application when they are back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use loopwright::Config;
use loopwright::boot::DataSourceConfig;
use loopwright::connectors::Connector as _;
use loopwright::connectors::mongodb::{MongoConnector, MongoOptions};
use loopwright::connectors::sql::SqlConnector;
use loopwright::connectors::sql::sea_orm::{ConnectionTrait as _, Database};
use loopwright::prelude::*;
use loopwright_tests::models::{All, Customer, customer};
use loopwright_tests::serve::{Served, serve};
use loopwright_tests::{PrivateServer, mysql_url, postgres_url, private_server, sqlite_url};
use reqwest::StatusCode;
use serde_json::{Value as Json, json};
use tokio::time::timeout;

type TestResult = std::result::Result<(), Box<dyn std::error::Error>>;

/// Nobody waits longer than this for anything here.
const BOUND: Duration = Duration::from_secs(20);

/// A data source that loses patience soon.
fn source(url: &str) -> DataSourceConfig {
    let mut source = DataSourceConfig::new(url);
    source.connect_timeout = Some(Duration::from_secs(1));
    source.acquire_timeout = Some(Duration::from_secs(1));
    source.statement_timeout = Some(Duration::from_secs(1));
    source
}

fn app(source: DataSourceConfig) -> App {
    let mut config = Config::default();
    config.data_sources.insert("db".into(), source);
    App::new().config(config).models::<All>()
}

/// What is said at the start when the data source can't be used.
async fn refusal(url: &str) -> std::result::Result<String, Box<dyn std::error::Error>> {
    let start = timeout(BOUND, app(source(url)).build()).await?;
    let error = start.err().ok_or("it has started")?.to_string();
    assert!(error.contains("\"db\""), "{error}");
    assert!(!error.contains("secret"), "{error}");
    Ok(error)
}

#[tokio::test]
async fn a_start_that_can_not_succeed_says_why() -> TestResult {
    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind(("127.0.0.1", 0))?
        .local_addr()?
        .port();
    for scheme in ["postgres", "mysql"] {
        let error = refusal(&format!("{scheme}://me:secret@127.0.0.1:{port}/shop")).await?;
        assert!(error.contains("check that it runs"), "{error}");
    }
    for url in [postgres_url(), mysql_url()].into_iter().flatten() {
        let (server, _) = url.rsplit_once('/').ok_or("no database in the URL")?;
        let error = refusal(&format!("{server}/no_such_database")).await?;
        assert!(error.contains("has no database of the name"), "{error}");
        let (scheme, address) = server.split_once("://").ok_or("no scheme")?;
        let (_, address) = address.split_once('@').ok_or("no user")?;
        let error = refusal(&format!("{scheme}://nobody:secret@{address}/mysql")).await?;
        assert!(
            error.contains("refuses the user or the password"),
            "{error}"
        );
    }
    Ok(())
}

async fn get(
    served: &Served,
) -> std::result::Result<(StatusCode, Json), Box<dyn std::error::Error>> {
    let url = format!("{}/api/Customers/count", served.url);
    let answer = timeout(BOUND, served.client.get(url).send()).await??;
    Ok((answer.status(), answer.json().await?))
}

async fn post(
    served: &Served,
) -> std::result::Result<(StatusCode, Json), Box<dyn std::error::Error>> {
    let url = format!("{}/api/Customers", served.url);
    let request = served.client.post(url).json(&json!({ "name": "Zoe" }));
    let answer = timeout(BOUND, request.send()).await??;
    Ok((answer.status(), answer.json().await?))
}

/// A server that keeps what it has acknowledged, though it is killed.
fn durable(kind: &str) -> Option<PrivateServer> {
    match kind {
        "postgres" => private_server(kind, &["-c", "synchronous_commit=on"]),
        "mysql" => private_server(kind, &["--innodb-flush-log-at-trx-commit=1"]),
        _ => private_server(kind, &[]),
    }
}

/// Writes pairs until it is told to stop, and answers the ids of those that were acknowledged.
async fn write_pairs(application: Application, stop: Arc<AtomicBool>) -> Result<Vec<i64>> {
    let mut acknowledged = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let pair = application.transaction().run(|tx| async move {
            let customers = tx.repository::<Customer>()?;
            customers.create(customer("first")).await?;
            customers.create(customer("second")).await
        });
        match pair.await {
            Ok(second) => acknowledged.push(second.id),
            Err(error) if error.status() == 503 => {}
            Err(error) => return Err(error),
        }
    }
    Ok(acknowledged)
}

async fn a_killed_server_is_survived(kind: &str) -> TestResult {
    let Some(server) = durable(kind) else {
        return Ok(());
    };
    let mut source = source(&server.url);
    // After a restart, a replica set takes a moment to be found again.
    source.statement_timeout = Some(Duration::from_secs(5));
    let served = serve(app(source)).await?;
    let mut acknowledged = Vec::new();
    for _ in 0..3 {
        let stop = Arc::new(AtomicBool::new(false));
        let writers: Vec<_> = (0..4)
            .map(|_| tokio::spawn(write_pairs(served.application.clone(), stop.clone())))
            .collect();
        let customers = served.application.repository::<Customer>()?;
        let before = customers.count(Condition::ALL).await?;
        let until = Instant::now() + BOUND;
        while customers.count(Condition::ALL).await? < before + 40 && Instant::now() < until {
            tokio::task::yield_now().await;
        }
        server.kill()?;
        let (status, body) = get(&served).await?;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{body}");
        let message = body["error"]["message"].as_str().unwrap_or_default();
        assert!(message.starts_with("the data source "), "{message}");
        assert_eq!(body["error"]["code"], "DATA_SOURCE_UNAVAILABLE");

        server.restart()?;
        // Connections that died with the server cost nobody a request.
        let (status, body) = get(&served).await?;
        assert_eq!(status, StatusCode::OK, "{body}");
        let (status, body) = post(&served).await?;
        assert_eq!(status, StatusCode::OK, "{body}");
        let zoe = body["id"].as_i64().ok_or("no id")?;
        stop.store(true, Ordering::Relaxed);
        for writer in writers {
            acknowledged.extend(timeout(BOUND, writer).await???);
        }
        assert!(customers.delete_by_id(zoe).await?);
        let count = customers.count(Condition::ALL).await?;
        assert_eq!(count % 2, 0, "half a transaction");
        for id in &acknowledged {
            assert!(customers.exists(*id).await?, "{id} is lost");
        }
    }
    assert!(acknowledged.len() > 40, "hardly anything was written");
    Ok(())
}

#[tokio::test]
async fn a_killed_postgres_is_survived() -> TestResult {
    a_killed_server_is_survived("postgres").await
}

#[tokio::test]
async fn a_killed_mariadb_is_survived() -> TestResult {
    a_killed_server_is_survived("mysql").await
}

#[tokio::test]
async fn a_killed_mongodb_is_survived() -> TestResult {
    a_killed_server_is_survived("mongodb").await
}

async fn a_server_that_hangs_is_waited_for_with_measure(kind: &str) -> TestResult {
    let Some(server) = private_server(kind, &[]) else {
        return Ok(());
    };
    let served = serve(app(source(&server.url))).await?;
    assert_eq!(get(&served).await?.0, StatusCode::OK);
    server.pause()?;
    for (status, body) in [get(&served).await?, post(&served).await?] {
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{body}");
        assert_eq!(body["error"]["code"], "DATA_SOURCE_UNAVAILABLE");
    }
    let transaction = served.application.transaction().run(|tx| async move {
        let customers = tx.repository::<Customer>()?;
        customers.create(customer("Never")).await
    });
    let transaction = timeout(BOUND, transaction).await?;
    assert_eq!(transaction.err().ok_or("it has ended")?.status(), 503);
    // A start finds out too.
    let error = refusal(&server.url).await?;
    assert!(error.contains("check that it runs"), "{error}");
    server.resume()?;
    let until = Instant::now() + BOUND;
    while get(&served).await?.0 != StatusCode::OK {
        assert!(Instant::now() < until, "it does not come back");
    }
    assert_eq!(post(&served).await?.0, StatusCode::OK);
    Ok(())
}

#[tokio::test]
async fn a_postgres_that_hangs_is_waited_for_with_measure() -> TestResult {
    a_server_that_hangs_is_waited_for_with_measure("postgres").await
}

#[tokio::test]
async fn a_mongodb_that_hangs_is_waited_for_with_measure() -> TestResult {
    a_server_that_hangs_is_waited_for_with_measure("mongodb").await
}

#[tokio::test]
async fn a_mongodb_that_hangs_ends_what_may_take_long() -> TestResult {
    let Some(server) = private_server("mongodb", &[]) else {
        return Ok(());
    };
    let options = MongoOptions::new().statement_timeout(Duration::from_secs(1));
    let mongo = MongoConnector::connect(&server.url, options).await?;
    mongo.autoupdate(&[Customer::DEF]).await?;
    let mut changes = mongo.changes(Customer::DEF).await?;
    server.pause()?;
    let update = timeout(BOUND, mongo.autoupdate(&[Customer::DEF])).await?;
    assert_eq!(update.err().ok_or("it was done")?.status(), 503);
    let watch = timeout(BOUND, mongo.changes(Customer::DEF)).await?;
    assert_eq!(watch.err().ok_or("it has begun")?.status(), 503);
    let told = timeout(BOUND, changes.next()).await?;
    let error = told.ok_or("no word of it")?.err().ok_or("a change")?;
    assert_eq!(error.code(), Some("DATA_SOURCE_UNAVAILABLE"), "{error}");
    assert!(timeout(BOUND, changes.next()).await?.is_none());
    server.resume()?;
    Ok(())
}

/// Each limit counts while the others are out of reach.
#[tokio::test]
async fn each_limit_of_mongodb_counts() -> TestResult {
    const LONG: Duration = Duration::from_secs(3600);
    const SHORT: Duration = Duration::from_millis(300);

    let mut start = source("mongodb://127.0.0.1:1/shop");
    (start.acquire_timeout, start.statement_timeout) = (Some(LONG), Some(LONG));
    start.connect_timeout = Some(SHORT);
    let error = timeout(BOUND, app(start).build()).await?.err();
    let error = error.ok_or("it has started")?;
    assert!(error.to_string().contains("can't be reached"), "{error}");

    let mut pooled = source("mongodb://127.0.0.1:1/shop");
    pooled.replicas = vec!["mongodb://127.0.0.1:2/shop".into()];
    let error = timeout(BOUND, app(pooled).build()).await?.err();
    let error = error.ok_or("it has started")?.to_string();
    assert!(error.contains("`replicas` means nothing"), "{error}");
    assert!(error.contains("readPreference"), "{error}");

    let Some(server) = private_server("mongodb", &[]) else {
        return Ok(());
    };
    let mut running = source(&server.url);
    (running.connect_timeout, running.statement_timeout) = (Some(LONG), Some(LONG));
    running.acquire_timeout = Some(SHORT);
    let served = serve(app(running)).await?;
    assert_eq!(get(&served).await?.0, StatusCode::OK);
    server.kill()?;
    let (status, body) = get(&served).await?;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{body}");
    Ok(())
}

#[tokio::test]
async fn a_statement_that_takes_too_long_is_ended() -> TestResult {
    for (url, slow) in [
        (postgres_url(), "SELECT pg_sleep(60)::text"),
        // It ends a sleep without an error, and a search with one.
        (
            mysql_url(),
            "SELECT COUNT(*) FROM information_schema.columns a, information_schema.columns b, \
             information_schema.columns c, information_schema.columns d",
        ),
    ] {
        let Some(url) = url else { continue };
        let mut source = source(&url);
        source.max_connections = Some(1);
        source.acquire_timeout = Some(BOUND);
        let application = app(source).build().await?;
        let sql = application.connector::<SqlConnector>("db")?;
        let error = timeout(BOUND, sql.query(slow, [])).await?;
        let error = error.err().ok_or("it has ended in time")?;
        assert_eq!(error.code(), Some("STATEMENT_TIMEOUT"), "{error}");
        assert_eq!(error.status(), 503);
        // The only connection is as good as new.
        sql.query("SELECT 1", []).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_slow_statement_of_sqlite_is_not_waited_for() -> TestResult {
    let url = sqlite_url();
    let mut source = source(&url);
    source.acquire_timeout = Some(Duration::from_millis(100));
    source.statement_timeout = Some(Duration::from_millis(100));
    let application = app(source).build().await?;
    let sql = application.connector::<SqlConnector>("db")?;
    let slow = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000000) SELECT COUNT(*) FROM n";
    let error = timeout(BOUND, sql.query(slow, [])).await?;
    let error = error.err().ok_or("it has ended in time")?;
    assert_eq!(error.code(), Some("STATEMENT_TIMEOUT"), "{error}");
    assert_eq!(error.status(), 503);
    assert!(error.message().contains("`statement_timeout`"), "{error}");
    Ok(())
}

#[tokio::test]
async fn a_server_without_a_connection_left_says_so() -> TestResult {
    let Some(server) = private_server("postgres", &["-c", "max_connections=6"]) else {
        return Ok(());
    };
    let mut crowd = Vec::new();
    let mut options = loopwright::connectors::sql::sea_orm::ConnectOptions::new(&server.url);
    options.max_connections(1).min_connections(1);
    while let Ok(connection) = Database::connect(options.clone()).await {
        crowd.push(connection);
        assert!(crowd.len() < 20, "the server takes everybody");
    }
    let error = refusal(&server.url).await?;
    assert!(error.contains("takes no more connections"), "{error}");
    for connection in crowd {
        connection.close().await?;
    }
    app(source(&server.url)).build().await?;
    Ok(())
}

/// Stores customers until there is no room left, which is said, and leaves nothing half-written.
async fn fill(served: &Served) -> TestResult {
    let url = format!("{}/api/Customers", served.url);
    let mut written = 0;
    let refused = loop {
        // What a server can't store in less room.
        let name: String = (0..100).map(|_| Uuid::new_v4().to_string()).collect();
        let request = served.client.post(&url).json(&json!({ "name": name }));
        let answer = request.send().await?;
        if !answer.status().is_success() {
            break answer;
        }
        written += 1;
        assert!(written < 5000, "it never runs full");
    };
    assert_eq!(refused.status(), StatusCode::INSUFFICIENT_STORAGE);
    let body: Json = refused.json().await?;
    assert_eq!(body["error"]["code"], "DATA_SOURCE_FULL", "{body}");
    assert_eq!(get(served).await?.1["count"], written);
    Ok(())
}

#[tokio::test]
async fn a_full_disk_below_sqlite_is_said() -> TestResult {
    let url = sqlite_url();
    let mut source = source(&url);
    // It is one connection's limit.
    source.max_connections = Some(1);
    source.shared_connections = Some(0);
    let served = serve(app(source)).await?;
    let connection = served
        .application
        .connector::<SqlConnector>("db")?
        .sea_orm();
    connection
        .execute_unprepared("PRAGMA max_page_count = 60")
        .await?;
    fill(&served).await?;
    connection
        .execute_unprepared("PRAGMA max_page_count = 1000")
        .await?;
    assert_eq!(post(&served).await?.0, StatusCode::OK);
    Ok(())
}

#[tokio::test]
async fn a_full_disk_below_postgres_is_said() -> TestResult {
    let Some(server) = private_server("postgres-full", &[]) else {
        return Ok(());
    };
    let served = serve(app(source(&server.url))).await?;
    fill(&served).await?;
    let connector = served.application.connector::<SqlConnector>("db")?;
    let connection = connector.sea_orm();
    connection.execute_unprepared("TRUNCATE customer").await?;
    assert_eq!(post(&served).await?.0, StatusCode::OK);
    Ok(())
}

#[tokio::test]
async fn a_full_disk_below_mariadb_is_said() -> TestResult {
    let file = "--innodb-data-file-path=ibdata1:12M:autoextend:max:20M";
    let Some(server) = private_server("mysql", &["--innodb-file-per-table=0", file]) else {
        return Ok(());
    };
    let served = serve(app(source(&server.url))).await?;
    fill(&served).await?;
    let customers = served.application.repository::<Customer>()?;
    customers.delete_all(Condition::ALL).await?;
    assert_eq!(post(&served).await?.0, StatusCode::OK);
    Ok(())
}

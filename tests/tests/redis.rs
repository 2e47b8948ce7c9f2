//! Redis as a key-value store: what LoopBack has left there, and a server that comes and goes.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use loopwright::Config;
use loopwright::connectors::key_value::RedisStore;
use loopwright::prelude::*;
use loopwright::testing::store_conformance;
use loopwright_tests::redis_url;
use loopwright_tests::serve::{Served, serve};
use redis::{Connection, RedisResult, cmd};
use serde_json::{Value as Json, json};

type TestResult = std::result::Result<(), Box<dyn std::error::Error>>;

/// How long anything may take until the test gives up.
const PATIENCE: Duration = Duration::from_secs(30);

/// Anything by anything.
#[derive(KeyValueModel, Debug, PartialEq)]
#[acl(open)]
struct Cache(Json);

/// When it rings.
#[derive(KeyValueModel, Debug, PartialEq)]
#[acl(open)]
struct Alarm(DateTime<Utc>);

fn app(url: &str) -> App {
    App::new()
        .config(Config::default())
        .data_source("db", "memory:")
        .data_source("cache", url)
        .models::<(Cache, Alarm)>()
        .attach::<Cache>("cache")
        .attach::<Alarm>("cache")
}

/// A connection that is not loopwright's.
fn outside(url: &str) -> RedisResult<Connection> {
    redis::Client::open(url)?.get_connection()
}

#[tokio::test]
async fn it_does_what_a_store_must() -> TestResult {
    let Some(url) = redis_url() else {
        return Ok(());
    };
    store_conformance(&RedisStore::connect(&url).await?).await;
    Ok(())
}

#[tokio::test]
async fn values_are_where_loopback_keeps_them() -> TestResult {
    let Some(url) = redis_url() else {
        return Ok(());
    };
    let app = app(&url).build().await?;
    let caches = app.key_value::<Cache>()?;
    let hour = Duration::from_secs(3600);
    caches.set("a:b", Cache(json!({"n": 1}))).ttl(hour).await?;
    let mut outside = outside(&url)?;
    let text: String = cmd("GET").arg("Cache:a:b").query(&mut outside)?;
    assert_eq!(text, r#"{"n":1}"#);
    let left: i64 = cmd("PTTL").arg("Cache:a:b").query(&mut outside)?;
    assert!(left > 3_000_000, "{left}");

    // What LoopBack packs unless told to write JSON: numbers are doubles, and dates an extension.
    let mut packed = b"\x82\xa1n\xcb".to_vec();
    packed.extend(7f64.to_be_bytes());
    packed.extend(b"\xa1s\xa2hi");
    let () = cmd("SET")
        .arg("Cache:old")
        .arg(packed)
        .query(&mut outside)?;
    let found = caches.get("old").await?;
    assert_eq!(found, Some(Cache(json!({"n": 7, "s": "hi"}))));
    let mut packed = b"\xc7\x18\x01".to_vec();
    packed.extend(b"2015-01-01T00:00:00.000Z");
    let () = cmd("SET")
        .arg("Alarm:old")
        .arg(packed)
        .query(&mut outside)?;
    let found = app.key_value::<Alarm>()?.get("old").await?;
    assert_eq!(found, Some(Alarm("2015-01-01T00:00:00Z".parse()?)));
    Ok(())
}

#[tokio::test]
async fn what_is_no_value_is_an_error_and_no_panic() -> TestResult {
    let Some(url) = redis_url() else {
        return Ok(());
    };
    let app = app(&url).build().await?;
    let caches = app.key_value::<Cache>()?;
    let mut outside = outside(&url)?;
    let () = cmd("SET")
        .arg("Cache:text")
        .arg("hello")
        .query(&mut outside)?;
    let () = cmd("HSET")
        .arg("Cache:hash")
        .arg(&["a", "b"])
        .query(&mut outside)?;
    let () = cmd("SET")
        .arg("Alarm:number")
        .arg("true")
        .query(&mut outside)?;
    let () = cmd("SET").arg(b"Cache:\xff").arg("1").query(&mut outside)?;
    for key in ["text", "hash"] {
        let error = caches.get(key).await.err().ok_or("it is read")?;
        assert_eq!(error.status(), 500, "{error}");
    }
    let error = app.key_value::<Alarm>()?.get("number").await;
    let error = error.err().ok_or("it is read")?.to_string();
    assert!(error.contains("no value of `Alarm`"), "{error}");
    // What is no text can't be asked for, either.
    let mut keys = caches.keys("*")?.all().await?;
    keys.sort();
    assert_eq!(keys, ["hash", "text"]);
    assert!(caches.delete("hash").await?);
    Ok(())
}

#[tokio::test]
async fn the_connection_is_there_for_everything_else() -> TestResult {
    let Some(url) = redis_url() else {
        return Ok(());
    };
    let app = app(&url).build().await?;
    let store = app.key_value_store::<RedisStore>("cache")?;
    let mut connection = store.redis().await?;
    let count: u64 = cmd("INCR")
        .arg("visits")
        .query_async(&mut connection)
        .await?;
    assert_eq!(count, 1);
    assert!(app.key_value_store::<RedisStore>("db").is_err());
    Ok(())
}

/// A server of the test's own, which may be killed.
struct Server {
    port: u16,
    arguments: &'static [&'static str],
    process: Child,
    folder: tempfile::TempDir,
}

impl Server {
    /// Nothing, when Redis is not installed.
    fn start(arguments: &'static [&'static str]) -> std::io::Result<Option<Self>> {
        // It says why.
        if redis_url().is_none() {
            return Ok(None);
        }
        let port = free_port()?;
        let folder = tempfile::tempdir()?;
        let process = spawn(port, arguments, &folder)?;
        Ok(Some(Server {
            port,
            arguments,
            process,
            folder,
        }))
    }

    /// The address, once the server listens.
    async fn url(&self, credentials: &str) -> String {
        until(async || std::net::TcpStream::connect(("127.0.0.1", self.port)).is_ok()).await;
        format!("redis://{credentials}127.0.0.1:{}/0", self.port)
    }

    /// As `kill -9` does.
    fn kill(&mut self) -> std::io::Result<()> {
        self.process.kill()?;
        self.process.wait().map(drop)
    }

    fn start_again(&mut self) -> std::io::Result<()> {
        self.process = spawn(self.port, self.arguments, &self.folder)?;
        Ok(())
    }

    fn signal(&self, signal: &str) -> std::io::Result<()> {
        let process = self.process.id().to_string();
        let status = Command::new("kill").args([signal, &process]).status()?;
        assert!(status.success());
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have been killed already.
        let _ = self.kill();
    }
}

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

fn spawn(port: u16, arguments: &[&str], folder: &tempfile::TempDir) -> std::io::Result<Child> {
    Command::new("redis-server")
        .args(["--port", &port.to_string(), "--bind", "127.0.0.1"])
        .args([
            "--save",
            "",
            "--appendonly",
            "yes",
            "--appendfsync",
            "always",
        ])
        .arg("--dir")
        .arg(folder.path())
        .args(arguments)
        .stdout(Stdio::null())
        .spawn()
}

async fn until(mut condition: impl AsyncFnMut() -> bool) {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while !condition().await {
        assert!(tokio::time::Instant::now() < deadline, "it never happens");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn get(served: &Served) -> reqwest::Result<(u16, Json)> {
    let request = served.client.get(format!("{}/api/Caches/k", served.url));
    let response = request.timeout(PATIENCE).send().await?;
    Ok((response.status().as_u16(), response.json().await?))
}

#[tokio::test]
async fn a_server_that_is_killed_is_found_again() -> TestResult {
    let Some(mut server) = Server::start(&[])? else {
        return Ok(());
    };
    let served = serve(app(&server.url("").await)).await?;
    let put = served.client.put(format!("{}/api/Caches/k", served.url));
    assert_eq!(put.json(&"v").send().await?.status(), 204);

    server.kill()?;
    let (status, body) = get(&served).await?;
    assert_eq!(status, 503);
    assert_eq!(body["error"]["code"], "DATA_SOURCE_UNAVAILABLE", "{body}");

    server.start_again()?;
    server.url("").await;
    // It may still be reading its file.
    until(async || matches!(get(&served).await, Ok((200, _)))).await;
    assert_eq!(get(&served).await?, (200, json!("v")));

    // Killed and there again between two requests, nobody notices.
    server.kill()?;
    server.start_again()?;
    let mut again = None;
    until(async || {
        again = outside(&format!("redis://127.0.0.1:{}/0", server.port)).ok();
        again.is_some()
    })
    .await;
    assert_eq!(get(&served).await?, (200, json!("v")));
    Ok(())
}

#[tokio::test]
async fn a_server_that_stands_still_is_503_until_it_goes_on() -> TestResult {
    let Some(server) = Server::start(&[])? else {
        return Ok(());
    };
    let served = serve(app(&server.url("").await)).await?;
    assert_eq!(get(&served).await?.0, 404);
    server.signal("-STOP")?;
    let requests = (0..5).map(|_| get(&served));
    for answer in futures_util::future::join_all(requests).await {
        let (status, body) = answer?;
        assert_eq!(status, 503, "{body}");
        assert_eq!(body["error"]["code"], "DATA_SOURCE_UNAVAILABLE", "{body}");
    }
    server.signal("-CONT")?;
    until(async || matches!(get(&served).await, Ok((404, _)))).await;
    Ok(())
}

async fn refusal(url: &str) -> std::result::Result<String, Box<dyn std::error::Error>> {
    let built = tokio::time::timeout(PATIENCE, app(url).build()).await?;
    let error = built.err().ok_or("it starts")?;
    Ok(format!("{error} {error:#?}"))
}

#[tokio::test]
async fn passwords_are_asked_for_and_never_shown() -> TestResult {
    let Some(mut server) = Server::start(&["--requirepass", "se/cret"])? else {
        return Ok(());
    };
    let url = server.url(":se%2Fcret@").await;
    let served = serve(app(&url)).await?;
    assert_eq!(get(&served).await?.0, 404);
    for credentials in [":wr0ng@", "ann:wr0ng@", ""] {
        let said = refusal(&server.url(credentials).await).await?;
        assert!(
            said.contains("the data source \"cache\" can't be used"),
            "{said}"
        );
        assert!(!said.contains("wr0ng") && !said.contains("cret"), "{said}");
    }

    // The password is changed, and changed back: no restart is needed.
    server.kill()?;
    server.arguments = &["--requirepass", "other"];
    server.start_again()?;
    server.url("").await;
    let (status, body) = get(&served).await?;
    assert_eq!(status, 503, "{body}");
    assert!(!body.to_string().contains("cret"), "{body}");
    server.kill()?;
    server.arguments = &["--requirepass", "se/cret"];
    server.start_again()?;
    until(async || matches!(get(&served).await, Ok((404, _)))).await;
    Ok(())
}

#[tokio::test]
async fn a_server_that_is_away_or_silent_ends_the_start() -> TestResult {
    let away = format!("redis://ann:s3cret@127.0.0.1:{}/0", free_port()?);
    let silent = TcpListener::bind(("127.0.0.1", 0))?;
    let silent = format!("redis://ann:s3cret@{}/0", silent.local_addr()?);
    for url in [
        away.as_str(),
        &silent,
        "redis://ann:s3cret@",
        "redis://ann:s3cret@127.0.0.1:99999/0",
        "redis://ann:s3cret@127.0.0.1/x",
        "rediss://ann:s3cret@127.0.0.1/0",
    ] {
        let said = refusal(url).await?;
        assert!(
            said.contains("the data source \"cache\" can't be used"),
            "{said}"
        );
        assert!(!said.contains("s3cret"), "{said}");
    }
    Ok(())
}

//! Methods over a WebSocket, with a client that nobody here wrote (the Python package `websockets`), and with clients that
//! mean no good.

use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use loopwright::Config;
use loopwright::boot::{CorsConfig, WebSocketConfig};
use loopwright::builtin::User;
use loopwright::prelude::*;
use loopwright_tests::serve::{Served, serve};
use loopwright_tests::{Example, run, tool};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::sync::Semaphore;

type TestResult<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tools/web_socket.py");

/// Somebody with an account.
#[derive(Model, Clone, Debug)]
struct Member {
    #[model(base)]
    user: User,
}

/// Something to do.
#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
struct Todo {
    #[model(id, generated)]
    id: i64,
    title: String,
    #[model(version)]
    version: i64,
}

static GO: Semaphore = Semaphore::const_new(0);
static HANGING: AtomicUsize = AtomicUsize::new(0);
static HUNG: AtomicUsize = AtomicUsize::new(0);
static MADE: AtomicUsize = AtomicUsize::new(0);

/// A call that is under way.
struct UnderWay;

impl Drop for UnderWay {
    fn drop(&mut self) {
        HANGING.fetch_sub(1, Ordering::SeqCst);
    }
}

#[loopwright::methods]
impl Todo {
    /// Ends when it is told to.
    #[remote]
    async fn wait() -> Result<()> {
        if let Ok(permit) = GO.acquire().await {
            permit.forget();
        }
        Ok(())
    }

    /// Ends four of those.
    #[remote(get = "/go")]
    async fn go() -> Result<()> {
        GO.add_permits(4);
        Ok(())
    }

    /// Never ends.
    #[remote]
    async fn hang() -> Result<()> {
        HUNG.fetch_add(1, Ordering::SeqCst);
        HANGING.fetch_add(1, Ordering::SeqCst);
        let _under_way = UnderWay;
        std::future::pending().await
    }

    /// Much to read.
    #[remote]
    async fn big() -> Result<String> {
        MADE.fetch_add(1, Ordering::SeqCst);
        Ok("x".repeat(500_000))
    }

    /// How often there was.
    #[remote(get = "/made")]
    async fn made() -> Result<u64> {
        Ok(MADE.load(Ordering::SeqCst) as u64)
    }

    #[remote]
    async fn panic() -> Result<()> {
        panic!("a secret panic")
    }

    #[remote(get = "/page")]
    async fn page() -> Result<axum::response::Response> {
        Ok(axum::response::Response::new("a page".into()))
    }
}

async fn office(change: impl FnOnce(&mut WebSocketConfig)) -> TestResult<Served> {
    let mut web_socket = WebSocketConfig::new("/socket");
    web_socket.max_calls = Some(4);
    change(&mut web_socket);
    let mut config = Config::default();
    config.debug = false;
    config.web_socket = Some(web_socket);
    config.auth.cookie_secret = Some("keyboard cat".into());
    let mut cors = CorsConfig::default();
    cors.origins = vec!["https://shop.example".into()];
    config.middleware.cors = Some(cors);
    let app = App::new()
        .config(config)
        .data_source("db", "memory:")
        .models::<(Member, Todo)>();
    serve(app).await
}

/// Runs the case of the Python program; false where there is no Python.
async fn case(served: &Served, name: &str, more: &[&str]) -> TestResult<bool> {
    let Some(mut python) = tool("python") else {
        return Ok(false);
    };
    python.args([SCRIPT, name, &served.url]).args(more);
    let printed = run(python).await?;
    match printed.status.success() {
        true => Ok(true),
        false => Err(String::from_utf8(printed.stderr)?.into()),
    }
}

#[tokio::test]
async fn messages_are_answered() -> TestResult {
    case(&office(|_| {}).await?, "messages", &[])
        .await
        .map(drop)
}

#[tokio::test]
async fn who_calls_is_known_by_the_handshake_or_by_the_message() -> TestResult {
    let served = office(|_| {}).await?;
    let members = served.application.repository::<Member>()?;
    let user = User::new("ann@office.example", "secret");
    members.create(Member { user }).await?;
    let ann = served.log_in("Members", "ann@office.example").await?;
    // Signed by a program that nobody here wrote.
    let folder = tempfile::tempdir()?;
    let (token, signed) = (folder.path().join("token"), folder.path().join("signed"));
    std::fs::write(&token, ann.token())?;
    let (Some(mut sign), Some(mut encode)) = (tool("openssl"), tool("openssl")) else {
        return Ok(());
    };
    sign.args([
        "dgst",
        "-sha256",
        "-hmac",
        "keyboard cat",
        "-binary",
        "-out",
    ]);
    sign.args([&signed, &token]);
    run(sign).await?;
    encode.args(["base64", "-A", "-in"]).arg(&signed);
    let signature = String::from_utf8(run(encode).await?.stdout)?;
    let signature = signature.trim_end_matches('=');
    let cookie = format!("access_token=s:{}.{signature}", ann.token());
    case(&served, "callers", &[ann.token(), &cookie])
        .await
        .map(drop)
}

#[tokio::test]
async fn changes_are_told_until_nobody_wants_them() -> TestResult {
    case(&office(|_| {}).await?, "changes", &[]).await.map(drop)
}

#[tokio::test]
async fn calls_are_done_side_by_side_up_to_a_number() -> TestResult {
    case(&office(|_| {}).await?, "side_by_side", &[])
        .await
        .map(drop)
}

#[tokio::test]
async fn who_means_no_good_does_no_harm() -> TestResult {
    let served = office(|_| {}).await?;
    if !case(&served, "hostile", &[]).await? {
        return Ok(());
    }
    // The calls of who has left are given up.
    assert!(HUNG.load(Ordering::SeqCst) > 0);
    let given_up = async {
        while HANGING.load(Ordering::SeqCst) > 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), given_up).await?;
    Ok(())
}

#[tokio::test]
async fn who_does_not_read_is_not_worked_for() -> TestResult {
    case(&office(|_| {}).await?, "slow", &[]).await.map(drop)
}

#[tokio::test]
async fn there_are_so_many_connections_and_no_more() -> TestResult {
    let few = |config: &mut WebSocketConfig| config.max_connections = Some(2);
    case(&office(few).await?, "crowded", &[]).await.map(drop)
}

#[tokio::test]
async fn who_is_silent_is_gone() -> TestResult {
    let quick = |config: &mut WebSocketConfig| config.ping = Some(Duration::from_millis(200));
    case(&office(quick).await?, "silent", &[]).await.map(drop)
}

#[tokio::test]
async fn it_is_not_there_unless_it_is_configured() -> TestResult {
    let app = App::new()
        .config(Config::default())
        .data_source("db", "memory:");
    let served = serve(app.models::<(Todo,)>()).await?;
    let answer = served
        .client
        .get(format!("{}/socket", served.url))
        .send()
        .await?;
    assert_eq!(answer.status(), 404);
    // Where it is, other requests are told what it is.
    let served = office(|_| {}).await?;
    let answer = served
        .client
        .get(format!("{}/socket", served.url))
        .send()
        .await?;
    assert_eq!(answer.status(), 400);
    let answer: serde_json::Value = answer.json().await?;
    let message = answer["error"]["message"].as_str().unwrap_or_default();
    assert!(message.contains("WebSocket"), "{answer}");
    Ok(())
}

#[tokio::test]
async fn a_program_that_ends_closes_its_sockets() -> TestResult {
    let example = Example::start("projects", &[("LOOPWRIGHT_WEB_SOCKET__PATH", "/socket")]).await?;
    let Some(mut python) = tool("python") else {
        return Ok(());
    };
    python.args([SCRIPT, "shutdown", &example.url]);
    let mut client = tokio::process::Command::from(python)
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let printed = client.stdout.take().ok_or("no output")?;
    let mut line = String::new();
    BufReader::new(printed).read_line(&mut line).await?;
    assert_eq!(line, "open\n");
    let ended = example.terminate().await?;
    assert!(ended.status.success(), "{}", ended.log);
    assert!(client.wait().await?.success());
    Ok(())
}

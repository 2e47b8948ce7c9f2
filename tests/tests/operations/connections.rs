//! Clients that are slow, silent, gone, or too many.

use serde_json::Value as Json;
#[cfg(target_os = "linux")]
use socket2::SockRef;
use tokio::time::timeout;

use crate::TestResult;
use crate::program::{BOUND, Connection, Program};

/// Whoever asks as one should is answered.
async fn serves(program: &Program) -> TestResult {
    let answer = timeout(BOUND, reqwest::get(program.url("/api/Notes"))).await??;
    assert_eq!(answer.status(), 200);
    Ok(())
}

/// The status, the head and LoopBack's envelope of an answer after which the connection closes.
async fn refusal(connection: &mut Connection) -> TestResult<(String, Json)> {
    let head = connection.head().await?;
    assert!(head.contains("connection: close"), "{head}");
    let body = connection.rest().await?;
    Ok((head, serde_json::from_str(&body)?))
}

#[tokio::test]
async fn a_head_that_never_ends_is_408() -> TestResult {
    let program = Program::start("[server]\nheader_timeout = \"300ms\"", &[]).await?;
    let mut slow = program.connect().await?;
    slow.send("GET /api/Notes HTTP/1.1\r\nHost: notes\r\nX-Slow: ")
        .await?;
    serves(&program).await?;
    let (head, body) = refusal(&mut slow).await?;
    assert!(head.starts_with("http/1.1 408"), "{head}");
    assert_eq!(body["error"]["code"], "HEADER_TIMEOUT");
    assert_eq!(body["error"]["statusCode"], 408);

    // So is the second one of a connection.
    let mut later = program.connect().await?;
    later
        .send("GET /health/live HTTP/1.1\r\nHost: notes\r\n\r\n")
        .await?;
    let head = later.head().await?;
    assert!(head.starts_with("http/1.1 200"), "{head}");
    later.send("GET").await?;
    let rest = later.rest().await?;
    assert!(rest.contains("HTTP/1.1 408"), "{rest}");
    Ok(())
}

#[tokio::test]
async fn a_connection_that_asks_for_nothing_is_closed() -> TestResult {
    let program = Program::start("[server]\nidle_timeout = \"300ms\"", &[]).await?;
    let mut silent = program.connect().await?;
    let mut idle = program.connect().await?;
    idle.send("GET /health/live HTTP/1.1\r\nHost: notes\r\n\r\n")
        .await?;
    let head = idle.head().await?;
    assert!(!head.contains("connection: close"), "{head}");
    assert_eq!(silent.rest().await?, "");
    assert_eq!(idle.rest().await?, r#"{"status":"live"}"#);
    serves(&program).await
}

#[tokio::test]
async fn a_head_that_is_too_large_is_431() -> TestResult {
    let program = Program::start("", &[]).await?;
    for size in [20_000, 1_000_000] {
        let mut large = program.connect().await?;
        let head = format!(
            "GET /api/Notes HTTP/1.1\r\nHost: notes\r\nX-Large: {}\r\n\r\n",
            "x".repeat(size)
        );
        large.send(&head).await?;
        let (head, body) = refusal(&mut large).await?;
        assert!(head.starts_with("http/1.1 431"), "{head}");
        assert_eq!(body["error"]["code"], "HEADERS_TOO_LARGE");
    }
    // A body that comes with its head is none of it.
    let mut usual = program.connect().await?;
    let note = format!(r#"{{"text":"{}"}}"#, "x".repeat(90_000));
    let request = format!(
        "POST /api/Notes HTTP/1.1\r\nHost: notes\r\nX-Large: {}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{note}",
        "x".repeat(15_000),
        note.len()
    );
    usual.send(&request).await?;
    let head = usual.head().await?;
    assert!(head.starts_with("http/1.1 200"), "{head}");
    Ok(())
}

#[tokio::test]
async fn who_reads_nothing_is_given_up() -> TestResult {
    let config = "body_limit = 2000000\n[server]\nwrite_timeout = \"300ms\"\n";
    let mut program = Program::start(config, &[("RUST_LOG", "loopwright=debug")]).await?;
    let client = reqwest::Client::new();
    // More than what the sockets of both sides take in.
    for _ in 0..16 {
        let note = serde_json::json!({ "text": "x".repeat(1_000_000) });
        let request = client.post(program.url("/api/Notes")).json(&note);
        assert_eq!(request.send().await?.status(), 200);
    }
    let mut silent = program.connect().await?;
    silent
        .send("GET /api/Notes HTTP/1.1\r\nHost: notes\r\n\r\n")
        .await?;
    program.logs("a connection has failed").await?;
    let received = silent.rest().await?.len();
    assert!((1..16_000_000).contains(&received), "{received}");

    // Who reads gets all of it.
    let all = client.get(program.url("/api/Notes")).send().await?;
    assert!(all.bytes().await?.len() > 16_000_000);
    Ok(())
}

#[tokio::test]
async fn beyond_the_most_there_is_503_and_room_is_made() -> TestResult {
    let config = "[server]\nmax_connections = 2\n";
    // Each refusal is logged, and nobody reads that here.
    let program = Program::start(config, &[("RUST_LOG", "off")]).await?;
    let mut idle = program.connect().await?;
    idle.send("GET /health/live HTTP/1.1\r\nHost: notes\r\n\r\n")
        .await?;
    idle.head().await?;
    let mut half = program.connect().await?;
    half.send("GET /health/live HTTP/1.1\r\n").await?;

    let mut third = program.connect().await?;
    third
        .send("GET /api/Notes HTTP/1.1\r\nHost: notes\r\n\r\n")
        .await?;
    let (head, body) = refusal(&mut third).await?;
    assert!(head.starts_with("http/1.1 503"), "{head}");
    assert!(head.contains("retry-after: 1"), "{head}");
    assert_eq!(body["error"]["code"], "TOO_MANY_CONNECTIONS");

    let comes_again = async {
        while reqwest::get(program.url("/api/Notes")).await?.status() != 200 {}
        TestResult::Ok(())
    };
    timeout(BOUND, comes_again).await??;
    // Who asked for nothing has left; who was asking has not.
    assert_eq!(idle.rest().await?, r#"{"status":"live"}"#);
    half.send("Host: notes\r\n\r\n").await?;
    let head = half.head().await?;
    assert!(head.starts_with("http/1.1 200"), "{head}");
    Ok(())
}

#[tokio::test]
async fn hundreds_that_ask_for_nothing_cost_nobody_an_answer() -> TestResult {
    let mut program = Program::start("", &[]).await?;
    let mut idle = Vec::new();
    for _ in 0..500 {
        idle.push(program.connect().await?);
    }
    serves(&program).await?;
    program.terminate().await?;
    for mut connection in idle {
        assert_eq!(connection.rest().await?, "");
    }
    let (status, log) = program.ended().await?;
    assert!(status.success(), "{log}");
    Ok(())
}

/// The kernel of the other side drops whatever comes: nothing is acknowledged, as if the cable were cut.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn who_is_gone_without_a_word_is_found_out() -> TestResult {
    use socket2::SockFilter;

    /// `BPF_RET`: nothing of what has come is kept.
    const NOTHING: SockFilter = SockFilter::new(0x06, 0, 0, 0);

    let config = "[metrics]\n[server]\nkeepalive = \"1s\"\nwrite_timeout = \"1s\"\n";
    let program = Program::start(config, &[]).await?;
    let mut gone = program.connect().await?;
    gone.send("GET /api/Notes/change-stream HTTP/1.1\r\nHost: notes\r\n\r\n")
        .await?;
    let head = gone.head().await?;
    assert!(head.starts_with("http/1.1 200"), "{head}");
    let under_way = async || {
        let metrics = reqwest::get(program.url("/metrics")).await?.text().await?;
        let line = metrics
            .lines()
            .find_map(|line| line.strip_prefix("loopwright_requests_under_way "));
        TestResult::Ok(line.ok_or("no such metric")?.to_owned())
    };
    assert_eq!(under_way().await?, "1");
    SockRef::from(gone.socket()).attach_filter(&[NOTHING])?;
    let found_out = async {
        while under_way().await? != "0" {}
        TestResult::Ok(())
    };
    timeout(BOUND, found_out).await??;
    Ok(())
}

#[tokio::test]
async fn a_server_that_could_serve_nobody_is_refused() -> TestResult {
    let zero = ("LOOPWRIGHT_SERVER__BODY_TIMEOUT", "0s");
    let (code, said) = crate::program::refused("", &[zero]).await?;
    assert_eq!(code, Some(1));
    assert!(said.contains("server.body_timeout"), "{said}");
    Ok(())
}

//! The end of a process that serves.

use crate::TestResult;
use crate::program::{Connection, Program, refused};

const BODY: &str = r#"{"text": "from before the end"}"#;

/// A request whose body the program waits for.
async fn upload(program: &Program) -> TestResult<Connection> {
    let mut connection = program.connect().await?;
    let head = format!(
        "POST /api/Notes HTTP/1.1\r\nHost: notes\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Expect: 100-continue\r\n\r\n",
        BODY.len()
    );
    connection.send(&head).await?;
    // It has begun to read.
    let head = connection.head().await?;
    assert!(head.starts_with("http/1.1 100"), "{head}");
    let (first, _) = BODY.split_at(10);
    connection.send(first).await?;
    Ok(connection)
}

#[tokio::test]
async fn an_upload_finishes_and_idle_connections_close() -> TestResult {
    let mut program = Program::start("", &[]).await?;
    let mut idle = program.connect().await?;
    idle.send("GET /health/live HTTP/1.1\r\nHost: notes\r\n\r\n")
        .await?;
    let head = idle.head().await?;
    assert!(head.starts_with("http/1.1 200"), "{head}");
    // A browser opens connections for later.
    let mut silent = program.connect().await?;
    let mut upload = upload(&program).await?;

    program.terminate().await?;
    let (_, second) = BODY.split_at(10);
    upload.send(second).await?;
    let head = upload.head().await?;
    assert!(head.starts_with("http/1.1 200"), "{head}");
    assert!(head.contains("connection: close"), "{head}");
    let body = upload.rest().await?;
    assert!(body.contains("from before the end"), "{body}");
    assert!(idle.rest().await?.contains("live"));
    assert_eq!(silent.rest().await?, "");

    let (status, log) = program.ended().await?;
    assert!(status.success(), "{log}");
    assert!(log.contains("stopped"), "{log}");
    Ok(())
}

#[tokio::test]
async fn streams_end() -> TestResult {
    let mut program = Program::start("", &[]).await?;
    let stream = reqwest::get(program.url("/api/Notes/change-stream")).await?;
    assert_eq!(stream.status(), 200);
    program.signal("INT").await?;
    program.logs("finishing the requests").await?;
    stream.text().await?;
    let (status, log) = program.ended().await?;
    assert!(status.success(), "{log}");
    Ok(())
}

#[tokio::test]
async fn what_takes_too_long_is_given_up_and_the_exit_code_says_so() -> TestResult {
    let mut program = Program::start("", &[("LOOPWRIGHT_SHUTDOWN_TIMEOUT", "100ms")]).await?;
    let mut never = upload(&program).await?;
    program.terminate().await?;
    let (status, log) = program.ended().await?;
    assert_eq!(status.code(), Some(1), "{log}");
    assert!(log.contains("were given up: 1"), "{log}");
    assert!(log.contains("shutdown_timeout"), "{log}");
    assert_eq!(never.rest().await.unwrap_or_default(), "");
    Ok(())
}

#[tokio::test]
async fn half_a_request_is_none() -> TestResult {
    let mut program = Program::start("shutdown_timeout = \"100ms\"", &[]).await?;
    let mut half = program.connect().await?;
    half.send("GET /api/No").await?;
    // Whatever comes second is read after what came first.
    assert!(
        reqwest::get(program.url("/api/Notes"))
            .await?
            .status()
            .is_success()
    );
    program.terminate().await?;
    let (status, log) = program.ended().await?;
    assert!(status.success(), "{log}");
    Ok(())
}

#[tokio::test]
async fn a_second_signal_ends_at_once() -> TestResult {
    for (second, code) in [("TERM", 143), ("INT", 130)] {
        let mut program = Program::start("shutdown_timeout = \"1h\"", &[]).await?;
        let _never = upload(&program).await?;
        program.terminate().await?;
        program.signal(second).await?;
        let (status, log) = program.ended().await?;
        assert_eq!(status.code(), Some(code), "{log}");
    }
    Ok(())
}

#[tokio::test]
async fn a_delay_gives_time_to_find_out() -> TestResult {
    let mut program = Program::start("shutdown_delay = \"1h\"", &[]).await?;
    let ready = reqwest::get(program.url("/health/ready")).await?;
    assert_eq!(ready.status(), 200);
    program.terminate().await?;

    let ready = reqwest::get(program.url("/health/ready")).await?;
    assert_eq!(ready.status(), 503);
    assert_eq!(ready.headers()["retry-after"], "1");
    assert_eq!(ready.text().await?, r#"{"status":"draining"}"#);
    assert_eq!(
        reqwest::get(program.url("/health/live")).await?.status(),
        200
    );
    // Who has not found out is answered all the same, and asked to go elsewhere next time.
    let notes = reqwest::get(program.url("/api/Notes")).await?;
    assert_eq!(notes.status(), 200);
    let connection = notes.headers().get("connection");
    assert_eq!(connection.ok_or("no header")?, "close");

    program.signal("TERM").await?;
    assert_eq!(program.ended().await?.0.code(), Some(143));
    Ok(())
}

#[tokio::test]
async fn a_port_that_is_taken_is_said() -> TestResult {
    let taken = std::net::TcpListener::bind(("127.0.0.1", 0))?;
    let port = taken.local_addr()?.port().to_string();
    let (code, said) = refused("", &[("PORT", &port)]).await?;
    assert_eq!(code, Some(1));
    assert!(said.contains(&port), "{said}");
    assert!(said.contains("another program listens there"), "{said}");
    assert!(said.contains("choose another port"), "{said}");
    Ok(())
}

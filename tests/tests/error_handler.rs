//! What errors look like (contract *middleware.md* §6): LoopBack's REST handler, and its strong-error-handler.

use axum::Router;
use axum::routing::get;
use loopwright::remoting::Envelope;
use loopwright::{App, Config, Error};
use loopwright_tests::models::All;
use loopwright_tests::serve::{Served, serve};
use loopwright_tests::{run, tool};
use serde_json::{Value as Json, json};

type TestResult<T = ()> = Result<T, Box<dyn std::error::Error>>;

async fn tea() -> Result<(), Error> {
    let error = Error::new(418, "tea & <b>biscuits</b>").with_code("TEA");
    Err(error
        .with_details(json!({"milk": [1, 2]}))
        .with_property("secretSpoon", 7))
}

async fn broken() -> Result<(), Error> {
    Err(Error::internal("the kettle is broken").with_source("fuse 1234"))
}

async fn kitchen(envelope: Envelope, debug: bool, safe: &[&str]) -> TestResult<Served> {
    let mut config = Config::default();
    config.debug = debug;
    config.errors.envelope = envelope;
    config.errors.safe_fields = safe.iter().map(ToString::to_string).collect();
    let routes = Router::new()
        .route("/tea", get(tea))
        .route("/broken", get(broken));
    let app = App::new().config(config).data_source("db", "memory:");
    serve(app.models::<All>().routes(routes)).await
}

async fn ask(served: &Served, path: &str, accept: &str) -> TestResult<(u16, String, String)> {
    let request = served.client.get(format!("{}{path}", served.url));
    let answer = request.header("accept", accept).send().await?;
    let kind = answer.headers()["content-type"].to_str()?.to_owned();
    Ok((answer.status().as_u16(), kind, answer.text().await?))
}

#[tokio::test]
async fn the_strong_handler_says_what_is_safe() -> TestResult {
    let served = kitchen(Envelope::Strong, false, &[]).await?;
    let (status, kind, body) = ask(&served, "/tea", "*/*").await?;
    assert_eq!(
        (status, kind.as_str()),
        (418, "application/json; charset=utf-8")
    );
    let expected = r#"{"error":{"statusCode":418,"name":"Error","message":"tea & <b>biscuits</b>","code":"TEA","details":{"milk":[1,2]}}}"#;
    assert_eq!(body, expected);
    let (status, _, body) = ask(&served, "/broken", "application/json").await?;
    let body: Json = serde_json::from_str(&body)?;
    assert_eq!(
        (status, &body["error"]["message"]),
        (500, &json!("Internal Server Error"))
    );
    assert_eq!(
        body["error"].as_object().map(serde_json::Map::len),
        Some(3),
        "{body}"
    );
    // Errors of models, and of nothing at all, too.
    let (_, _, body) = ask(&served, "/api/Cars/99", "*/*").await?;
    let expected = r#"{"error":{"statusCode":404,"name":"Error","message":"Unknown \"Car\" id \"99\".","code":"MODEL_NOT_FOUND"}}"#;
    assert_eq!(body, expected);
    let (_, _, body) = ask(&served, "/nothing", "*/*").await?;
    assert_eq!(
        body,
        r#"{"error":{"statusCode":404,"name":"Error","message":"Cannot GET /nothing"}}"#
    );

    let served = kitchen(Envelope::Strong, false, &["secretSpoon"]).await?;
    let (_, _, body) = ask(&served, "/tea", "*/*").await?;
    assert!(body.contains(r#""secretSpoon":7"#), "{body}");
    let served = kitchen(Envelope::Strong, true, &[]).await?;
    let (_, _, body) = ask(&served, "/broken", "*/*").await?;
    let body: Json = serde_json::from_str(&body)?;
    let stack = body["error"]["stack"].as_str().unwrap_or_default();
    assert!(
        stack.contains("kettle") && stack.contains("caused by: fuse 1234"),
        "{body}"
    );
    Ok(())
}

#[tokio::test]
async fn the_caller_chooses_the_format() -> TestResult {
    let served = kitchen(Envelope::Strong, false, &[]).await?;
    let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    for (accept, kind) in [
        (browser, "text/html; charset=utf-8"),
        ("text/xml", "text/xml; charset=utf-8"),
        ("application/xml", "text/xml; charset=utf-8"),
        (
            "text/html;q=0.1, application/json",
            "application/json; charset=utf-8",
        ),
        ("image/png", "application/json; charset=utf-8"),
        ("application/problem+json", "application/problem+json"),
    ] {
        let (status, found, body) = ask(&served, "/tea", accept).await?;
        assert_eq!((status, found.as_str()), (418, kind), "{accept}: {body}");
    }
    let (_, _, page) = ask(&served, "/tea", browser).await?;
    for part in [
        "<title>Error</title>",
        "<h1>Error</h1>\n<h2><em>418</em> tea &amp; &lt;b&gt;biscuits&lt;/b&gt;</h2>",
        "<div><b>code</b>: TEA</div>",
    ] {
        assert!(page.contains(part), "{part}\n{page}");
    }
    assert!(
        !page.contains("<b>biscuits") && !page.contains("secretSpoon"),
        "{page}"
    );
    let (_, _, xml) = ask(&served, "/tea", "text/xml").await?;
    assert!(xml.starts_with("<?xml version='1.0'?>\n<error>\n    <statusCode>418</statusCode>\n    <name>Error</name>"), "{xml}");
    // A path may hold anything.
    let (_, _, page) = ask(&served, "/%3Cscript%3Ealert(1)%3C/script%3E'\"", browser).await?;
    assert!(!page.contains("<script"), "{page}");

    // As LoopBack's REST handler has it, it is JSON whatever the caller takes.
    let served = kitchen(Envelope::Rest, false, &[]).await?;
    let (_, kind, body) = ask(&served, "/tea", browser).await?;
    assert_eq!(kind, "application/json; charset=utf-8");
    assert!(
        body.starts_with(r#"{"error":{"name":"Error","status":418"#),
        "{body}"
    );
    Ok(())
}

/// What a reader nobody here wrote makes of it.
#[tokio::test]
async fn the_xml_is_xml() -> TestResult {
    const READ: &str = "import sys, xml.etree.ElementTree as tree; print(tree.fromstring(sys.argv[1]).findtext('message'), end='')";
    let served = kitchen(Envelope::Strong, false, &[]).await?;
    let (_, _, xml) = ask(&served, "/tea", "text/xml").await?;
    let Some(mut python) = tool("python") else {
        return Ok(());
    };
    python.args(["-c", READ, &xml]);
    let read = run(python).await?;
    assert_eq!(String::from_utf8(read.stdout)?, "tea & <b>biscuits</b>");
    Ok(())
}

//! What callers see.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};
use tower::ServiceExt;

type TestResult<T = ()> = Result<T, Box<dyn std::error::Error>>;

{{call}}

#[tokio::test]
async fn messages_are_greetings() -> TestResult {
    let application = application().await?;
    for (path, greeting) in [
        ("/api/Messages/greet", "Sender says hello to receiver"),
        ("/api/Messages/greet?msg=hi", "Sender says hi to receiver"),
    ] {
        let request = Request::get(path).body(String::new())?;
        let (status, answer) = call(&application, request).await?;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(answer, json!({ "greeting": greeting }));
    }
    Ok(())
}

#[tokio::test]
async fn nothing_else_is_open() -> TestResult {
    let application = application().await?;
    let request = Request::get("/api/Messages").body(String::new())?;
    let (status, _) = call(&application, request).await?;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    Ok(())
}

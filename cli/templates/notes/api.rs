//! What callers see.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};
use tower::ServiceExt;

type TestResult<T = ()> = Result<T, Box<dyn std::error::Error>>;

{{call}}

fn post(body: &Value) -> TestResult<Request<String>> {
    let request = Request::post("/api/Notes").header("content-type", "application/json");
    Ok(request.body(body.to_string())?)
}

#[tokio::test]
async fn notes_are_kept() -> TestResult {
    let application = application().await?;
    let note = json!({ "title": "Milk", "content": "Two bottles." });
    let (status, created) = call(&application, post(&note)?).await?;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(created["title"], "Milk");

    let request = Request::get("/api/Notes").body(String::new())?;
    let (status, found) = call(&application, request).await?;
    assert_eq!((status, found), (StatusCode::OK, json!([created])));
    Ok(())
}

#[tokio::test]
async fn a_note_has_a_title() -> TestResult {
    let application = application().await?;
    let (status, refusal) = call(&application, post(&json!({ "content": "?" }))?).await?;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refusal["error"]["name"], "ValidationError");
    Ok(())
}

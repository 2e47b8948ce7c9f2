//! What callers see.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use serde_json::Value;
use tower::ServiceExt;

type TestResult<T = ()> = Result<T, Box<dyn std::error::Error>>;

{{call}}

#[tokio::test]
async fn the_document_is_served() -> TestResult {
    let application = application().await?;
    let request = Request::get("/openapi.json").body(String::new())?;
    let (status, document) = call(&application, request).await?;
    assert_eq!(status, StatusCode::OK);
    assert!(document["openapi"].is_string());
    Ok(())
}

#[tokio::test]
async fn what_is_not_there_is_not_found() -> TestResult {
    let application = application().await?;
    let request = Request::get("/api/Nothing").body(String::new())?;
    let (status, answer) = call(&application, request).await?;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert_eq!(answer["error"]["statusCode"], 404);
    Ok(())
}

//! What callers see.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};
use tower::ServiceExt;

type TestResult<T = ()> = Result<T, Box<dyn std::error::Error>>;

{{call}}

fn post(path: &str, body: &Value) -> TestResult<Request<String>> {
    let request = Request::post(path).header("content-type", "application/json");
    Ok(request.body(body.to_string())?)
}

#[tokio::test]
async fn users_register_and_log_in() -> TestResult {
    let application = application().await?;
    let ann = json!({ "email": "ann@example.com", "password": "correct horse" });
    let (status, user) = call(&application, post("/api/Users", &ann)?).await?;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(user["email"], "ann@example.com");
    assert!(user.get("password").is_none());

    let (status, token) = call(&application, post("/api/Users/login", &ann)?).await?;
    assert_eq!(status, StatusCode::OK);
    let token = token["id"].as_str().ok_or("no token")?;

    let path = format!("/api/Users/{}", user["id"]);
    let request = Request::get(&path).header("authorization", token);
    let (status, found) = call(&application, request.body(String::new())?).await?;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(found["email"], "ann@example.com");

    let (status, _) = call(&application, Request::get(&path).body(String::new())?).await?;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    Ok(())
}

#[tokio::test]
async fn a_wrong_password_is_refused() -> TestResult {
    let application = application().await?;
    let bob = json!({ "email": "bob@example.com", "password": "guess" });
    let (status, _) = call(&application, post("/api/Users/login", &bob)?).await?;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    Ok(())
}

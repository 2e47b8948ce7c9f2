//! Routes of the application's own, which know who calls.

use axum::Router;
use axum::routing::{get, post};
use loopwright::Config;
use loopwright::access::Caller;
use loopwright::builtin::{AccessToken, Acl, RoleMapping, User};
use loopwright::prelude::*;
use loopwright_tests::on_every_database;
use loopwright_tests::serve::{Served, serve};
use serde_json::{Value as Json, json};

type TestResult<T = ()> = Result<T, Box<dyn std::error::Error>>;

/// Somebody who writes.
#[derive(Model, Clone, Debug)]
struct Writer {
    #[model(base)]
    user: User,
}

/// What its owner sees and changes.
#[derive(Model, Clone, Debug, Default)]
#[acl(allow(read, create), to = authenticated)]
#[acl(allow(write), to = owner)]
#[acl(allow(all), to = role("editor"))]
#[policy(all, to = owner)]
struct Page {
    #[model(id, generated)]
    id: i64,
    title: String,
    user_id: i64,
}

/// The titles that the caller sees.
async fn titles(pages: Repository<Page, AsCaller>, caller: Caller) -> Result<String> {
    let pages = pages.find().all().await?;
    let titles: Vec<_> = pages.into_iter().map(|page| page.title).collect();
    Ok(format!(
        "{}: {}",
        caller.user_id().unwrap_or("nobody"),
        titles.join(", ")
    ))
}

/// What the caller may do with the page that is named.
async fn may(
    application: Application,
    caller: Caller,
    axum::extract::Path((method, id)): axum::extract::Path<(String, String)>,
) -> Result<String> {
    let id = Some(id.as_str()).filter(|id| *id != "-");
    let allowed = application.allows(&caller, "Page", &method, id).await?;
    Ok(allowed.to_string())
}

async fn fail() -> Result<()> {
    Err(Error::new(409, "The press is broken").with_code("PRESS_BROKEN"))
}

async fn fail_inside() -> Result<()> {
    Err(Error::internal("the password of the press is 1234"))
}

async fn press(url: &str) -> TestResult<Served> {
    let routes = Router::new()
        .route("/titles", get(titles))
        .route("/may/{method}/{id}", get(may))
        .route("/fail", post(fail))
        .route("/fail-inside", post(fail_inside));
    let mut config = Config::default();
    config.debug = false;
    let app = App::new()
        .config(config)
        .data_source("db", url)
        .models::<(Writer, Page, Acl)>()
        .routes(routes);
    let served = serve(app).await?;
    let writers = served.application.repository::<Writer>()?;
    let pages = served.application.repository::<Page>()?;
    for name in ["ann", "bob"] {
        let user = User::new(format!("{name}@press.example"), "secret");
        let writer = writers.create(Writer { user }).await?;
        let title = format!("by {name}");
        let user_id = writer.user.id;
        pages
            .create(Page {
                id: 0,
                title,
                user_id,
            })
            .await?;
    }
    Ok(served)
}

async fn send(served: &Served, path: &str, token: &str) -> TestResult<(u16, String)> {
    let request = served.client.get(format!("{}{path}", served.url));
    let answer = request.header("authorization", token).send().await?;
    Ok((answer.status().as_u16(), answer.text().await?))
}

on_every_database! {
    own_routes_know_who_calls
}

async fn own_routes_know_who_calls(url: &str) -> TestResult {
    let served = press(url).await?;
    let ann = served.log_in("Writers", "ann@press.example").await?;
    let bob = served.log_in("Writers", "bob@press.example").await?;
    let said = |path: String, token: String| {
        let served = &served;
        async move { send(served, &path, &token).await }
    };
    let titles = |token: &str| said("/titles".into(), token.into());
    assert_eq!(titles(ann.token()).await?, (200, "1: by ann".into()));
    assert_eq!(titles("").await?, (200, "nobody: ".into()));
    assert_eq!(titles("forged").await?, (200, "nobody: ".into()));
    let by_query = format!("/titles?access_token={}", bob.token());
    assert_eq!(
        said(by_query, String::new()).await?,
        (200, "2: by bob".into())
    );

    let may =
        |token: &str, method: &str, id: &str| said(format!("/may/{method}/{id}"), token.into());
    for (token, method, id, expected) in [
        (ann.token(), "find", "-", "true"),
        ("", "find", "-", "false"),
        (ann.token(), "updateAttributes", "1", "true"),
        (ann.token(), "patchAttributes", "1", "true"),
        (ann.token(), "updateAttributes", "2", "false"),
        (ann.token(), "updateAttributes", "99", "false"),
        (ann.token(), "updateAttributes", "1 or 1=1", "false"),
        (ann.token(), "updateAll", "-", "false"),
        (bob.token(), "deleteById", "2", "true"),
    ] {
        let (status, allowed) = may(token, method, id).await?;
        assert_eq!((status, allowed.as_str()), (200, expected), "{method} {id}");
    }
    // Roles and rows count as in requests.
    served.grant("editor", RoleMapping::OF_USER, 1).await?;
    let row = json!({"model": "Page", "property": "deleteById", "accessType": "*",
        "principalType": "USER", "principalId": "1", "permission": "DENY"});
    served.application.records("ACL")?.create(row).await?;
    assert_eq!(
        may(ann.token(), "updateAll", "-").await?,
        (200, "true".into())
    );
    assert_eq!(
        may(ann.token(), "deleteById", "1").await?,
        (200, "false".into())
    );
    assert_eq!(may(ann.token(), "burn", "1").await?.0, 500);
    Ok(())
}

#[tokio::test]
async fn a_token_whose_time_is_over_is_refused_there_too() -> TestResult {
    let served = press("memory:").await?;
    let ann = served.log_in("Writers", "ann@press.example").await?;
    let tokens = served.application.repository::<AccessToken>()?;
    let past = Patch::new().set(AccessToken::TTL, Some(0));
    tokens.update(ann.token().to_owned(), past).await?;
    let (status, body) = send(&served, "/titles", ann.token()).await?;
    let body: Json = serde_json::from_str(&body)?;
    assert_eq!(
        (status, &body["error"]["code"]),
        (401, &json!("INVALID_TOKEN"))
    );
    Ok(())
}

#[tokio::test]
async fn a_token_for_some_methods_alone_opens_no_route() -> TestResult {
    let served = press("memory:").await?;
    let ann = served.log_in("Writers", "ann@press.example").await?;
    let tokens = served.application.repository::<AccessToken>()?;
    let scopes = |scope: &str| Patch::new().set(AccessToken::SCOPES, Some(vec![scope.to_owned()]));
    for (scope, expected) in [("reset-password", 401), ("READ", 401), ("DEFAULT", 200)] {
        tokens.update(ann.token().to_owned(), scopes(scope)).await?;
        let (status, _) = send(&served, "/titles", ann.token()).await?;
        assert_eq!(status, expected, "{scope}");
    }
    Ok(())
}

#[tokio::test]
async fn what_a_relation_leads_to_has_its_say() -> TestResult {
    let served = press("memory:").await?;
    let ann = Caller::user("1", []).of_model(Writer::DEF);
    for (method, expected) in [("findById", true), ("__get__accessTokens", false)] {
        let allowed = served.application.allows(&ann, "Writer", method, Some("1"));
        assert_eq!(allowed.await?, expected, "{method}");
    }
    assert!(
        served
            .application
            .allows(&ann, "Writer", "findById", Some("%"))
            .await
            .is_err()
    );
    Ok(())
}

#[tokio::test]
async fn what_is_said_beside_an_error_stays() -> TestResult {
    async fn fail() -> impl axum::response::IntoResponse {
        (
            [("set-cookie", "a=b")],
            Error::new(409, "The press is broken"),
        )
    }
    let app = App::new()
        .data_source("db", "memory:")
        .config(Config::default());
    let served = serve(app.routes(Router::new().route("/fail", get(fail)))).await?;
    let answer = served
        .client
        .get(format!("{}/fail", served.url))
        .send()
        .await?;
    assert_eq!(
        (
            answer.status().as_u16(),
            answer.headers()["set-cookie"].to_str()?
        ),
        (409, "a=b")
    );
    assert_eq!(
        answer.json::<Json>().await?["error"]["message"],
        "The press is broken"
    );
    Ok(())
}

#[tokio::test]
async fn errors_are_answered_as_those_of_models() -> TestResult {
    let served = press("memory:").await?;
    let post = |path: &str, accept: &str| {
        let request = served.client.post(format!("{}{path}", served.url));
        request.header("accept", accept).send()
    };
    let answer = post("/fail", "*/*").await?;
    assert_eq!(answer.status(), 409);
    let error = json!({"name": "Error", "status": 409, "message": "The press is broken", "statusCode": 409,
        "code": "PRESS_BROKEN"});
    assert_eq!(answer.json::<Json>().await?, json!({ "error": error }));
    let answer = post("/fail", "application/problem+json").await?;
    assert_eq!(
        answer.json::<Json>().await?["detail"],
        "The press is broken"
    );
    let answer = post("/fail-inside", "*/*").await?;
    assert_eq!(answer.status(), 500);
    let body = answer.json::<Json>().await?;
    assert_eq!(body["error"]["message"], "Internal Server Error");
    assert!(body["error"]["requestId"].is_string(), "{body}");
    Ok(())
}

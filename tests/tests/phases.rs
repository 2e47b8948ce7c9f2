//! Phases: what requests pass, in which order, by path and method (contract *middleware.md* §1, §2 and §5).

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::{Method, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use loopwright::boot::{
    At, CompressionConfig, CorsConfig, FaviconConfig, Middleware, RateLimitConfig,
    SecurityHeadersConfig, StaticFilesConfig, TimeoutConfig,
};
use loopwright::{App, Config, Error};
use loopwright_tests::models::All;
use loopwright_tests::serve::{Served, serve};
use serde_json::Value as Json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tower_sessions::{MemoryStore, Session, SessionManagerLayer};

type TestResult<T = ()> = Result<T, Box<dyn std::error::Error>>;

/// What has been passed.
#[derive(Clone, Default)]
struct Passed(Arc<Mutex<Vec<&'static str>>>);

impl Passed {
    fn at(&self, phase: &'static str, name: &'static str) -> Middleware {
        let passed = self.clone();
        Middleware::new(
            phase,
            from_fn(move |request: Request, next: Next| {
                passed
                    .0
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(name);
                next.run(request)
            }),
        )
    }

    fn taken(&self) -> Vec<&'static str> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn app(config: Config) -> App {
    App::new()
        .config(config)
        .data_source("db", "memory:")
        .models::<All>()
}

async fn send(served: &Served, request: &str) -> TestResult<(u16, String)> {
    let (verb, path) = request.split_once(' ').ok_or("a verb and a path")?;
    let url = format!("{}{path}", served.url);
    let answer = served.client.request(verb.parse()?, url).send().await?;
    Ok((answer.status().as_u16(), answer.text().await?))
}

#[tokio::test]
async fn phases_are_passed_in_their_order() -> TestResult {
    let passed = Passed::default();
    let at = |phase, name| passed.at(phase, name);
    let own = {
        let passed = passed.clone();
        get(move || async move {
            passed
                .0
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push("own");
            "own"
        })
    };
    let mut config = Config::default();
    config.phases = vec!["parse".into(), "late".into()];
    let app = app(config)
        .phases(["auth", "audit", "parse"])
        .routes(Router::new().route("/own", own))
        .middleware(at("final", "final"))
        .middleware(at("late", "late"))
        .middleware(at("initial", "initial"))
        .middleware(at("routes:after", "routes:after"))
        .middleware(at("auth", "auth"))
        .middleware(at("files", "files"))
        .middleware(at("initial", "initial2"))
        .middleware(at("audit", "audit"))
        .middleware(at("initial:after", "initial:after"))
        .middleware(at("session", "session"))
        .middleware(at("routes:before", "routes:before"))
        .middleware(at("parse", "parse"))
        .middleware(at("initial:before", "initial:before"))
        .middleware(at("routes", "routes"));
    let served = serve(app).await?;
    let before = [
        "initial:before",
        "initial",
        "initial2",
        "initial:after",
        "session",
        "auth",
        "audit",
        "parse",
        "late",
        "routes:before",
    ];
    let unanswered = ["routes", "routes:after", "files", "final"];
    for (request, status, more) in [
        ("GET /own", 200, &["own"][..]),
        ("GET /api/Cars", 200, &unanswered[..1]),
        ("GET /api/Nothing", 404, &unanswered[..1]),
        ("GET /nothing", 404, &unanswered[..]),
    ] {
        let (found, body) = send(&served, request).await?;
        assert_eq!(found, status, "{request}: {body}");
        assert_eq!(passed.taken(), [&before[..], more].concat(), "{request}");
    }
    Ok(())
}

#[tokio::test]
async fn some_requests_pass_it_and_others_do_not() -> TestResult {
    async fn refuse(_request: Request, _next: Next) -> Response {
        (StatusCode::IM_A_TEAPOT, "no").into_response()
    }
    async fn fail(_request: Request, _next: Next) -> Response {
        Error::new(409, "not now")
            .with_code("LATER")
            .into_response()
    }
    async fn panic(_request: Request, _next: Next) -> Response {
        panic!("the secret is 1234");
    }
    let mut config = Config::default();
    config.debug = false;
    let mut moved = At::default();
    moved.paths = Some(vec!["/moved".into()]);
    config.middleware.own.insert("movable".into(), moved);
    let mut off = At::default();
    off.enabled = Some(false);
    config.middleware.own.insert("breakable".into(), off);
    let app = app(config)
        .middleware(
            Middleware::new("auth", from_fn(refuse))
                .paths(["/api/Cars"])
                .methods([Method::POST]),
        )
        .middleware(Middleware::new("auth", from_fn(fail)).paths(["/fail"]))
        .middleware(Middleware::new("auth", from_fn(panic)).paths(["/panic"]))
        .middleware(
            Middleware::new("auth", from_fn(refuse))
                .named("movable")
                .paths(["/here"]),
        )
        .middleware(Middleware::new("auth", from_fn(refuse)).named("breakable"));
    let served = serve(app).await?;
    for (request, expected) in [
        ("POST /api/Cars", 418),
        ("POST /API/cars/1", 418),
        ("POST /api//Cars", 418),
        ("POST /api/%43ars", 418),
        ("GET /api/Cars", 200),
        ("POST /api/CarsAndMore", 404),
        ("GET /moved/x", 418),
        ("GET /here", 404),
    ] {
        assert_eq!(send(&served, request).await?.0, expected, "{request}");
    }
    let (status, body) = send(&served, "GET /fail").await?;
    let body: Json = serde_json::from_str(&body)?;
    assert_eq!((status, &body["error"]["code"]), (409, &"LATER".into()));
    let (status, body) = send(&served, "GET /panic").await?;
    assert_eq!(status, 500);
    assert!(
        !body.contains("1234") && body.contains("requestId"),
        "{body}"
    );
    Ok(())
}

#[tokio::test]
async fn what_can_not_be_is_told_at_the_start() -> TestResult {
    let passed = Passed::default();
    let with = |change: fn(&mut Config)| {
        let mut config = Config::default();
        change(&mut config);
        app(config)
    };
    let own = |name: &str| {
        let mut config = Config::default();
        config.middleware.own.insert(name.into(), At::default());
        app(config)
    };
    for (app, expected) in [
        (
            with(|_| {}).middleware(passed.at("nope", "x")),
            "Unknown phase: nope; there are initial, session",
        ),
        (
            with(|_| {}).middleware(passed.at("auth:during", "x")),
            "Unknown phase: auth:during",
        ),
        (
            with(|_| {}).phases(["routes", "initial"]),
            "Ordering conflict: cannot add \"initial\" after \"routes\"",
        ),
        (
            with(|config| config.phases = vec!["a:b".into()]),
            "\"a:b\" is no name of a phase",
        ),
        (
            own("missing"),
            "middleware.own.missing: the program has registered nothing by this name",
        ),
        (
            with(|config| {
                let files = StaticFilesConfig::new("no/such/folder");
                config
                    .middleware
                    .static_files
                    .insert("client".into(), files);
            }),
            "middleware.static_files.client: there is no such folder: no/such/folder",
        ),
        (
            with(|config| {
                let mut icon = FaviconConfig::default();
                icon.file = Some("no.ico".into());
                config.middleware.favicon = Some(icon);
            }),
            "middleware.favicon: can't read no.ico",
        ),
        (
            with(|config| config.middleware.rate_limit = Some(RateLimitConfig::new(0))),
            "middleware.rate_limit: `per_second` and `burst` are whole numbers from 1 on",
        ),
        (
            with(|config| {
                let mut cors = CorsConfig::default();
                cors.origins = vec!["shop.example".into()];
                config.middleware.cors = Some(cors);
            }),
            "middleware.cors.origins: \"shop.example\" is no origin",
        ),
    ] {
        let error = app.build().await.err().ok_or("it starts")?.to_string();
        assert!(error.contains(expected), "{error}");
    }
    Ok(())
}

#[tokio::test]
async fn the_icon_is_answered_before_all() -> TestResult {
    let mut config = Config::default();
    config.middleware.favicon = Some(FaviconConfig::default());
    let served = serve(app(config)).await?;
    let icon = || served.client.get(format!("{}/favicon.ico", served.url));
    let answer = icon().send().await?;
    let headers = answer.headers().clone();
    assert_eq!(headers["content-type"], "image/x-icon");
    assert_eq!(headers["cache-control"], "public, max-age=31536000");
    assert!(answer.bytes().await?.starts_with(&[0, 0, 1, 0]));
    let again = icon()
        .header("if-none-match", &headers["etag"])
        .send()
        .await?;
    assert_eq!(again.status(), 304);
    for (verb, status) in [(Method::OPTIONS, 200), (Method::POST, 405)] {
        let url = format!("{}/favicon.ico", served.url);
        let answer = served.client.request(verb, url).send().await?;
        assert_eq!(answer.status(), status);
        assert_eq!(answer.headers()["allow"], "GET, HEAD, OPTIONS");
    }
    Ok(())
}

#[tokio::test]
async fn files_are_served_where_nothing_else_is() -> TestResult {
    let folder = tempfile::tempdir()?;
    let write = |name: &str, text: &str| {
        let path = folder.path().join("client").join(name);
        std::fs::create_dir_all(path.parent().ok_or("no folder")?)?;
        std::fs::write(path, text)?;
        Ok::<_, Box<dyn std::error::Error>>(())
    };
    write("index.html", "<h1>Shop</h1>")?;
    write("deep/page.html", "page")?;
    write("deep/index.html", "deep")?;
    write(".env", "SECRET=1")?;
    write("api/Cars", "never seen")?;
    std::fs::write(folder.path().join("outside.txt"), "SECRET=2")?;
    let client = folder.path().join("client");
    let mut config = Config::default();
    let files = StaticFilesConfig::new(&client);
    config
        .middleware
        .static_files
        .insert("client".into(), files);
    let mut below = StaticFilesConfig::new(&client);
    below.path = "/assets/".into();
    below.max_age = Duration::from_secs(60);
    below.fallback = Some(client.join("index.html"));
    config
        .middleware
        .static_files
        .insert("assets".into(), below);
    let served = serve(app(config)).await?;
    for (request, status, body) in [
        // LoopBack's status is at `/` unless a page is.
        ("GET /", 200, "<h1>Shop</h1>"),
        ("GET /deep/page.html", 200, "page"),
        ("GET /deep/", 200, "deep"),
        ("GET /assets/deep/page.html", 200, "page"),
        ("GET /assets/an/address/in/the/page", 200, "<h1>Shop</h1>"),
        ("GET /api/Cars", 200, "[]"),
    ] {
        assert_eq!(
            send(&served, request).await?,
            (status, body.to_owned()),
            "{request}"
        );
    }
    for request in [
        "GET /.env",
        "GET /%2eenv",
        "GET /..%2foutside.txt",
        "GET /deep/..%5c..%5coutside.txt",
        "GET /assetsdeep/page.html",
        "POST /deep/page.html",
        "GET /missing.html",
    ] {
        let (status, body) = send(&served, request).await?;
        assert_eq!(status, 404, "{request}: {body}");
        assert!(!body.contains("SECRET"), "{request}");
    }
    // A client that takes nothing out of its paths.
    let mut raw = tokio::net::TcpStream::connect(served.url.trim_start_matches("http://")).await?;
    raw.write_all(
        b"GET /assets/../../outside.txt HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
    )
    .await?;
    let mut answer = String::new();
    raw.read_to_string(&mut answer).await?;
    assert!(
        answer.starts_with("HTTP/1.1 404") && !answer.contains("SECRET"),
        "{answer}"
    );
    let url = format!("{}/assets/deep/page.html", served.url);
    let answer = served
        .client
        .get(&url)
        .header("range", "bytes=1-2")
        .send()
        .await?;
    assert_eq!(answer.headers()["cache-control"], "public, max-age=60");
    assert_eq!(
        (answer.status().as_u16(), answer.text().await?),
        (206, "ag".into())
    );
    // To a folder without its slash leads a redirect, within the path.
    let plain = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()?;
    let answer = plain
        .get(format!("{}/assets/deep", served.url))
        .send()
        .await?;
    assert_eq!(answer.headers()["location"], "/assets/deep/");
    Ok(())
}

#[tokio::test]
async fn headers_and_times_are_kept() -> TestResult {
    async fn slow() -> &'static str {
        tokio::time::sleep(Duration::from_secs(60)).await;
        "late"
    }
    let mut config = Config::default();
    let mut headers = SecurityHeadersConfig::default();
    headers.hsts = Some(Duration::from_secs(86_400));
    config.middleware.security_headers = Some(headers);
    config.middleware.timeout = Some(TimeoutConfig::new(Duration::from_millis(200)));
    let served = serve(app(config).routes(Router::new().route("/slow", get(slow)))).await?;
    let answer = served
        .client
        .get(format!("{}/slow", served.url))
        .send()
        .await?;
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        (
            "strict-transport-security",
            "max-age=86400; includeSubDomains",
        ),
        ("retry-after", "1"),
    ] {
        assert_eq!(answer.headers()[name], value);
    }
    assert_eq!(answer.status(), 503);
    assert_eq!(
        answer.json::<Json>().await?["error"]["code"],
        "REQUEST_TIMEOUT"
    );
    Ok(())
}

#[tokio::test]
async fn what_is_below_the_domain_may_be_left_out() -> TestResult {
    let mut headers = SecurityHeadersConfig::default();
    headers.hsts = Some(Duration::from_secs(60));
    headers.hsts_subdomains = false;
    let mut config = Config::default();
    config.middleware.security_headers = Some(headers);
    let served = serve(app(config)).await?;
    let answer = served.client.get(format!("{}/api/Cars", served.url));
    let headers = answer.send().await?.headers().clone();
    assert_eq!(headers["strict-transport-security"], "max-age=60");
    Ok(())
}

#[tokio::test]
async fn an_address_that_calls_too_often_waits() -> TestResult {
    let mut config = Config::default();
    let mut limit = RateLimitConfig::new(1);
    limit.burst = Some(3);
    limit.behind_proxy = true;
    limit.at.paths = Some(vec!["/api/Cars".into()]);
    config.middleware.rate_limit = Some(limit);
    config.middleware.compression = Some(CompressionConfig::default());
    let served = serve(app(config)).await?;
    let call = async |path: &str, from: &str| {
        let request = served.client.get(format!("{}{path}", served.url));
        let answer = request.header("x-forwarded-for", from).send().await?;
        let wait = answer.headers().get("retry-after").is_some();
        Ok::<_, reqwest::Error>((answer.status().as_u16(), wait))
    };
    for _ in 0..3 {
        assert_eq!(call("/api/Cars", "1.1.1.1").await?, (200, false));
    }
    // What stands before the last word is anybody's.
    assert_eq!(call("/api/Cars", "9.9.9.9, 1.1.1.1").await?, (429, true));
    let refused = served.client.get(format!("{}/api/%43ars", served.url));
    let refused = refused
        .header("x-forwarded-for", "1.1.1.1:80")
        .header("accept-encoding", "gzip");
    let refused = refused.send().await?;
    assert_eq!(refused.status(), 429);
    // It is not said to be compressed, which it is not.
    assert!(refused.headers().get("content-encoding").is_none());
    assert_eq!(
        refused.json::<Json>().await?["error"]["code"],
        "TOO_MANY_REQUESTS"
    );
    assert_eq!(call("/health/live", "1.1.1.1").await?.0, 200);
    assert_eq!(call("/api/Cars", "2.2.2.2").await?, (200, false));
    assert_eq!(call("/api/Orders", "1.1.1.1").await?.0, 200);
    Ok(())
}

#[tokio::test]
async fn a_layer_of_somebody_elses_fits_in() -> TestResult {
    async fn count(session: Session) -> Result<String, Error> {
        let unusable = |error| Error::internal("the session is lost").with_source(error);
        let visits: u32 = session
            .get("visits")
            .await
            .map_err(unusable)?
            .unwrap_or_default();
        session
            .insert("visits", visits + 1)
            .await
            .map_err(unusable)?;
        Ok((visits + 1).to_string())
    }
    let sessions = SessionManagerLayer::new(MemoryStore::default()).with_secure(false);
    let app = app(Config::default())
        .middleware(Middleware::new("session", sessions))
        .routes(Router::new().route("/visits", get(count)));
    let served = serve(app).await?;
    let url = format!("{}/visits", served.url);
    let first = served.client.get(&url).send().await?;
    let cookie = first.headers()["set-cookie"].to_str()?.to_owned();
    let cookie = cookie.split(';').next().ok_or("no cookie")?;
    assert_eq!(first.text().await?, "1");
    let second = served
        .client
        .get(&url)
        .header("cookie", cookie)
        .send()
        .await?;
    assert_eq!(second.text().await?, "2");
    Ok(())
}

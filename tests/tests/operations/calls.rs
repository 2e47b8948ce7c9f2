//! Calls that have no request of their own, by JSON-RPC and over a WebSocket, are told and limited as requests are.

use std::collections::BTreeMap;
use std::time::Duration;

use loopwright::Config;
use loopwright::boot::{
    JsonRpcConfig, MetricsConfig, RateLimitConfig, TimeoutConfig, WebSocketConfig,
};
use loopwright::prelude::*;
use loopwright_tests::serve::{Served, serve};
use loopwright_tests::tool::{run, tool};
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use reqwest::Client;
use serde_json::{Value as Json, json};

use crate::metrics::read;
use crate::program::Program;
use crate::traces::{attribute, spans, text};
use crate::{Note, TestResult};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tools/web_socket.py");

const TRANSPORTS: &str = "[json_rpc]\npath = \"/rpc\"\n[web_socket]\npath = \"/socket\"\n";

/// What takes its time.
#[derive(Model, Clone, Debug)]
#[acl(open)]
struct Errand {
    #[model(id, generated)]
    id: i64,
}

#[loopwright::methods]
impl Errand {
    /// Never ends.
    #[remote]
    async fn hang() -> Result<()> {
        std::future::pending().await
    }
}

fn called(method: &str, params: Json) -> Json {
    json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params })
}

fn invoked(method: &str, args: Json) -> Json {
    json!({ "event": "invoke", "methodString": method, "args": args, "id": 1 })
}

/// Says `messages` over one socket, each when the one before has been answered, and hears the answers; nothing where there is no
/// Python.
async fn over_a_socket(
    url: &str,
    headers: Json,
    messages: &[Json],
) -> TestResult<Option<Vec<Json>>> {
    let Some(mut python) = tool("python") else {
        return Ok(None);
    };
    let messages = Json::from(messages);
    python
        .args([SCRIPT, "converse", url])
        .args([headers.to_string(), messages.to_string()]);
    let printed = run(python).await?;
    if !printed.status.success() {
        return Err(String::from_utf8(printed.stderr)?.into());
    }
    Ok(Some(serde_json::from_slice(&printed.stdout)?))
}

/// Sends what each way has to an application, by a user whose token is `token`.
async fn calls(program: &Program, token: &str) -> TestResult<bool> {
    let client = Client::new();
    let post = |id: &str, body: String| {
        let request = client.post(program.url("/rpc")).body(body);
        request
            .header("content-type", "application/json")
            .header("x-request-id", id)
            .header("authorization", token)
    };
    let single = called("Note.count", json!({}));
    let batch = json!([
        called("Note.create", json!({ "data": { "text": "milk" } })),
        called("Note.findById", json!({ "id": 7 })),
        called("Note.nothing", json!({})),
        { "a word": "that is no call" },
        { "jsonrpc": "2.0", "method": "Note.count" },
    ]);
    for (id, body) in [
        ("single", single.to_string()),
        ("batch", batch.to_string()),
        ("broken", "{".to_owned()),
    ] {
        post(id, body).send().await?.bytes().await?;
    }
    let messages = [
        invoked("Note.find", json!({})),
        invoked("Note.nothing", json!({})),
        json!({ "event": "nothing" }),
    ];
    let headers = json!({ "x-request-id": "socket" });
    let heard = over_a_socket(&program.url(""), headers, &messages).await?;
    Ok(heard.is_some())
}

async fn token(program: &Program) -> TestResult<String> {
    let credentials = json!({ "email": "ann@notes.example", "password": "tiger-password" });
    let login = Client::new().post(program.url("/api/Members/login"));
    let login: Json = login.json(&credentials).send().await?.json().await?;
    Ok(login["id"].as_str().ok_or("no token")?.to_owned())
}

#[tokio::test]
async fn each_has_a_line_in_the_log() -> TestResult {
    let config = format!("access_log = true\nlog_format = \"json\"\n{TRANSPORTS}");
    let mut program = Program::start(&config, &[]).await?;
    let token = token(&program).await?;
    let with_socket = calls(&program, &token).await?;
    program.terminate().await?;
    let (status, log) = program.ended().await?;
    assert!(status.success() && !log.contains(&token), "{log}");
    let lines = log.lines().map(serde_json::from_str::<Json>);
    let mut found = BTreeMap::new();
    for line in lines.collect::<Result<Vec<_>, _>>()? {
        let id = line["request_id"].as_str().unwrap_or_default();
        if line["target"] == "loopwright::access_log" && line["path"] != "/api/Members/login" {
            assert!(found.insert(id.to_owned(), line.clone()).is_none(), "{log}");
        }
    }
    let mut wanted = vec![
        ("single", 200, json!("Note"), json!("count")),
        ("batch.1", 200, json!("Note"), json!("create")),
        ("batch.2", 404, json!("Note"), json!("findById")),
        ("batch.3", 404, Json::Null, Json::Null),
        ("batch.4", 400, Json::Null, Json::Null),
        ("batch.5", 200, json!("Note"), json!("count")),
        ("broken", 400, Json::Null, json!("POST /rpc")),
    ];
    if with_socket {
        wanted.extend([
            ("socket", 101, Json::Null, json!("GET /socket")),
            ("socket.1", 200, json!("Note"), json!("find")),
            ("socket.2", 404, Json::Null, Json::Null),
            ("socket.3", 400, Json::Null, Json::Null),
        ]);
    }
    assert_eq!(found.len(), wanted.len(), "{found:#?}");
    for (id, status, model, called) in wanted {
        let line = found.get(id).ok_or_else(|| format!("no line of {id}"))?;
        let said = (&line["status"], &line["model"], &line["called"]);
        assert_eq!(said, (&json!(status), &model, &called), "{line}");
        assert!(line["duration_ms"].is_f64(), "{line}");
    }
    let create = &found["batch.1"];
    assert_eq!(create["user_id"], "1");
    assert_eq!(
        (&create["method"], &create["path"]),
        (&json!("POST"), &json!("/rpc"))
    );
    let (asked, took) = (&create["data_source_ms"], &create["duration_ms"]);
    assert!(
        0.0 < asked.as_f64().ok_or("none")? && asked.as_f64() < took.as_f64(),
        "{create}"
    );
    Ok(())
}

#[tokio::test]
async fn each_has_a_span() -> TestResult {
    let mut with_socket = false;
    let spans = spans(TRANSPORTS, "", async |program| {
        let token = token(program).await?;
        with_socket = calls(program, &token).await?;
        Ok(())
    })
    .await?;
    let of = |id: &str| {
        let mut spans = spans.iter();
        let found = spans.find(|span| attribute(span, "request_id") == text(id));
        found.ok_or_else(|| format!("no span of {id}: {spans:?}"))
    };
    let request = of("batch")?;
    assert_eq!(request.name, "POST /rpc");
    assert_eq!(request.kind(), SpanKind::Server);
    for (id, name, status) in [
        ("batch.1", "Note.create", 200),
        ("batch.2", "Note.findById", 404),
        ("batch.3", "call", 404),
    ] {
        let call = of(id)?;
        assert_eq!(call.name, name);
        assert_eq!(call.parent_span_id, request.span_id);
        assert_eq!(call.kind(), SpanKind::Internal);
        let status =
            Some(opentelemetry_proto::tonic::common::v1::any_value::Value::IntValue(status));
        assert_eq!(attribute(call, "loopwright.status"), status);
    }
    let created = spans.iter().find(|span| span.name == "Note create");
    let created = created.ok_or("nothing was created")?;
    assert_eq!(created.parent_span_id, of("batch.1")?.span_id);
    if with_socket {
        let (opened, call) = (of("socket")?, of("socket.1")?);
        assert_eq!(
            (call.name.as_str(), call.kind()),
            ("Note.find", SpanKind::Server)
        );
        assert!(call.parent_span_id.is_empty() && call.trace_id != opened.trace_id);
    }
    Ok(())
}

async fn office(change: impl FnOnce(&mut Config)) -> TestResult<Served> {
    let mut config = Config::default();
    config.debug = false;
    config.json_rpc = Some(JsonRpcConfig::new("/rpc"));
    config.web_socket = Some(WebSocketConfig::new("/socket"));
    change(&mut config);
    let app = App::new().config(config).data_source("db", "memory:");
    serve(app.models::<(Note, Errand)>()).await
}

async fn batch(served: &Served, from: &str, calls: Vec<Json>) -> TestResult<Vec<Json>> {
    let request = served.client.post(format!("{}/rpc", served.url));
    let request = request.header("x-forwarded-for", from).json(&calls);
    Ok(request.send().await?.json().await?)
}

#[tokio::test]
async fn each_is_counted() -> TestResult {
    let served = office(|config| config.metrics = Some(MetricsConfig::default())).await?;
    let find = called("Note.findById", json!({ "id": 1 }));
    let count = called("Note.count", json!({}));
    let single = served.client.post(format!("{}/rpc", served.url));
    single.json(&count).send().await?;
    batch(&served, "", vec![count, find.clone(), find]).await?;
    let messages = [
        invoked("Note.count", json!({})),
        invoked("Note.nothing", json!({})),
    ];
    let heard = over_a_socket(&served.url, json!({}), &messages).await?;
    let (Some(_), Some(samples)) = (heard, read(&served, "text/plain").await?) else {
        return Ok(());
    };
    let requests = |model, method, status| {
        let labels = json!({ "model": model, "method": method, "status": status });
        samples.value("loopwright_requests_total", labels)
    };
    assert_eq!(requests("Note", "count", "2xx"), 3.0);
    assert_eq!(requests("Note", "findById", "4xx"), 2.0);
    assert_eq!(requests("", "unknown", "4xx"), 1.0);
    assert_eq!(requests("", "GET /socket", "1xx"), 1.0);
    // What has carried them counts no more.
    assert_eq!(samples.named("loopwright_requests_total"), 4);
    let count = json!({ "model": "Note", "method": "count" });
    let timed = samples.value("loopwright_request_duration_seconds_count", count);
    assert_eq!(timed, 3.0);
    assert_eq!(
        samples.value("loopwright_requests_under_way", json!({})),
        0.0
    );
    Ok(())
}

#[tokio::test]
async fn each_takes_one_of_what_an_address_may_send() -> TestResult {
    let served = office(|config| {
        let mut limit = RateLimitConfig::new(1);
        limit.burst = Some(3);
        limit.behind_proxy = true;
        limit.at.paths = Some(vec!["/rpc".into(), "/socket".into()]);
        config.middleware.rate_limit = Some(limit);
    })
    .await?;
    // More than a second holds, however slow the machine is.
    let answers = batch(
        &served,
        "1.1.1.1",
        vec![called("Note.count", json!({})); 50],
    )
    .await?;
    let (done, refused): (Vec<_>, Vec<_>) =
        answers.iter().partition(|answer| answer["error"].is_null());
    assert!(
        answers[..3].iter().all(|answer| answer["result"] == 0),
        "{answers:?}"
    );
    assert!(refused.len() > done.len(), "{answers:?}");
    let error = &refused.first().ok_or("nobody was refused")?["error"];
    assert_eq!(error["code"], -32000);
    assert_eq!(error["data"]["status"], 429);
    assert_eq!(error["data"]["code"], "TOO_MANY_REQUESTS");
    assert!(error["data"]["retryAfter"].is_u64(), "{error}");
    // Elsewhere, and for others, there is no such limit.
    let note = served.client.get(format!("{}/api/Notes/count", served.url));
    assert_eq!(
        note.header("x-forwarded-for", "1.1.1.1")
            .send()
            .await?
            .status(),
        200
    );
    let other = batch(&served, "2.2.2.2", vec![called("Note.count", json!({}))]).await?;
    assert_eq!(other[0]["result"], 0);

    let messages = vec![invoked("Note.count", json!({})); 50];
    let from = json!({ "x-forwarded-for": "3.3.3.3" });
    let Some(heard) = over_a_socket(&served.url, from, &messages).await? else {
        return Ok(());
    };
    // One was the socket itself.
    assert!(
        heard[..2].iter().all(|answer| answer["data"]["count"] == 0),
        "{heard:?}"
    );
    let refused: Vec<_> = heard
        .iter()
        .filter(|answer| answer["err"].is_object())
        .collect();
    assert!(refused.len() > 25, "{heard:?}");
    assert_eq!(refused[0]["err"]["status"], 429);
    assert_eq!(refused[0]["err"]["code"], "TOO_MANY_REQUESTS");
    Ok(())
}

#[tokio::test]
async fn each_over_a_socket_has_its_time() -> TestResult {
    let limit = Duration::from_millis(200);
    let served =
        office(|config| config.middleware.timeout = Some(TimeoutConfig::new(limit))).await?;
    let messages = [
        invoked("Errand.hang", json!({})),
        invoked("Errand.count", json!({})),
    ];
    let Some(heard) = over_a_socket(&served.url, json!({}), &messages).await? else {
        return Ok(());
    };
    assert_eq!(heard[0]["err"]["status"], 503);
    assert_eq!(heard[0]["err"]["code"], "REQUEST_TIMEOUT");
    assert_eq!(heard[1]["data"]["count"], 0);
    Ok(())
}

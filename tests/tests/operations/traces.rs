//! Traces, as a collector of OpenTelemetry receives them.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::{Span, span, status};
use prost::Message as _;
use tokio::net::TcpListener;

use crate::TestResult;
use crate::program::{Program, refused};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "b7ad6b7169203331";

type Received = Arc<Mutex<Vec<ExportTraceServiceRequest>>>;

async fn receive(State(received): State<Received>, body: Bytes) -> StatusCode {
    match (ExportTraceServiceRequest::decode(body), received.lock()) {
        (Ok(export), Ok(mut received)) => {
            received.push(export);
            StatusCode::OK
        }
        _ => StatusCode::BAD_REQUEST,
    }
}

/// A collector, and where it listens.
async fn collector() -> TestResult<(Received, String)> {
    let received = Received::default();
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = format!("http://{}", listener.local_addr()?);
    let router = Router::new().route("/v1/traces", post(receive));
    let router = router.with_state(received.clone());
    tokio::spawn(async { axum::serve(listener, router).await });
    Ok((received, address))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn attribute(span: &Span, name: &str) -> Option<Value> {
    let attribute = span.attributes.iter().find(|one| one.key == name)?;
    attribute.value.clone()?.value
}

pub fn text(text: &str) -> Option<Value> {
    Some(Value::StringValue(text.into()))
}

/// The spans of an application to which `requests` are sent, each with its `traceparent`.
async fn traced(config: &str, more: &str, requests: &[(&str, &str)]) -> TestResult<Vec<Span>> {
    spans(config, more, async |program| {
        let client = reqwest::Client::new();
        for (path, parent) in requests {
            let mut request = client.get(program.url(path));
            if !parent.is_empty() {
                request = request.header("traceparent", *parent);
            }
            request.send().await?.bytes().await?;
        }
        Ok(())
    })
    .await
}

/// The spans of an application that `ask` asks for something.
pub async fn spans(
    config: &str,
    more: &str,
    ask: impl AsyncFnOnce(&Program) -> TestResult,
) -> TestResult<Vec<Span>> {
    let (received, endpoint) = collector().await?;
    let config = format!("{config}\n[traces]\nendpoint = \"{endpoint}\"\n{more}\n");
    let mut program = Program::start(&config, &[]).await?;
    ask(&program).await?;
    program.terminate().await?;
    let (status, log) = program.ended().await?;
    assert!(status.success(), "{log}");
    let exports = received.lock().map_err(|_| "the collector has panicked")?;
    let mut spans = Vec::new();
    for resource in exports.iter().flat_map(|export| &export.resource_spans) {
        let about = resource.resource.as_ref().ok_or("of no service")?;
        let mut about = about.attributes.iter();
        let service = about.find(|one| one.key == "service.name");
        let service = service.and_then(|one| one.value.clone()?.value);
        assert_eq!(service, text("Notes"));
        spans.extend(
            resource
                .scope_spans
                .iter()
                .flat_map(|scope| scope.spans.clone()),
        );
    }
    Ok(spans)
}

#[tokio::test]
async fn a_request_is_a_span_of_the_trace_that_it_names() -> TestResult {
    let parent = format!("00-{TRACE}-{PARENT}-01");
    let requests = [("/api/Notes", parent.as_str()), ("/health/ready", &parent)];
    let spans = traced("access_log = true", "", &requests).await?;
    assert_eq!(spans.len(), 2, "{spans:?}");
    let named = |name: &str| spans.iter().find(|span| span.name == name);
    let request = named("Note.find").ok_or("no span of the request")?;
    assert_eq!(hex(&request.trace_id), TRACE);
    assert_eq!(hex(&request.parent_span_id), PARENT);
    assert_eq!(request.kind(), span::SpanKind::Server);
    assert_eq!(attribute(request, "http.request.method"), text("GET"));
    let status = attribute(request, "http.response.status_code");
    assert_eq!(status, Some(Value::IntValue(200)));
    assert_eq!(attribute(request, "loopwright.model"), text("Note"));
    assert_eq!(attribute(request, "loopwright.method"), text("find"));
    assert!(attribute(request, "request_id").is_some());
    assert!(matches!(
        attribute(request, "loopwright.data_source_ms"),
        Some(Value::DoubleValue(time)) if time > 0.0
    ));
    // What is logged is not told twice.
    assert!(request.events.is_empty(), "{request:?}");

    let asked = named("Note find").ok_or("no span of the data source")?;
    assert_eq!(asked.trace_id, request.trace_id);
    assert_eq!(asked.parent_span_id, request.span_id);
    assert_eq!(asked.kind(), span::SpanKind::Client);
    let within = |time| (request.start_time_unix_nano..=request.end_time_unix_nano).contains(&time);
    assert!(within(asked.start_time_unix_nano) && within(asked.end_time_unix_nano));
    assert!(asked.start_time_unix_nano < asked.end_time_unix_nano);
    Ok(())
}

#[tokio::test]
async fn a_request_begins_a_trace_unless_it_comes_with_one_that_is_not_kept() -> TestResult {
    let dropped = format!("00-{TRACE}-{PARENT}-00");
    let kept = format!("00-{TRACE}-{PARENT}-01");
    let requests = [
        ("/api/Notes", ""),
        ("/nowhere?token=tiger", "nonsense"),
        ("/longer/3", &dropped),
    ];
    let spans = traced("", "", &requests).await?;
    let mut names: Vec<_> = spans.iter().map(|span| span.name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["GET", "Note find", "Note.find"]);
    assert!(spans.iter().all(|span| hex(&span.trace_id) != TRACE));
    let nowhere = spans.iter().find(|span| span.name == "GET").ok_or("none")?;
    assert!(nowhere.parent_span_id.is_empty());
    let code = nowhere.status.as_ref().map(|status| status.code());
    assert_ne!(
        code,
        Some(status::StatusCode::Error),
        "it is the caller's error"
    );
    assert!(!format!("{spans:?}").contains("tiger"));

    // Of requests without a trace of their own, none is wanted.
    let requests = [("/api/Notes", ""), ("/longer/3", &kept)];
    let mut spans = traced("", "ratio = 0.0", &requests).await?;
    spans.sort_by_key(|span| span.start_time_unix_nano);
    let names: Vec<_> = spans.iter().map(|span| span.name.as_str()).collect();
    assert_eq!(names, ["GET /longer/{length}", "Note find"]);
    Ok(())
}

#[tokio::test]
async fn a_collector_that_is_away_is_nobodys_loss_but_ones_own() -> TestResult {
    let nobody = std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?;
    let config = format!("[traces]\nendpoint = \"http://{nobody}\"\n");
    let mut program = Program::start(&config, &[]).await?;
    let answer = reqwest::get(program.url("/api/Notes")).await?;
    assert_eq!(answer.status(), 200);
    program.terminate().await?;
    let (status, log) = program.ended().await?;
    assert!(status.success(), "{log}");
    assert!(
        log.contains("traces are lost") || log.contains("opentelemetry"),
        "{log}"
    );
    Ok(())
}

#[tokio::test]
async fn an_endpoint_that_can_not_be_used_is_said_without_its_password() -> TestResult {
    let config = "[traces]\nendpoint = \"http://me:tiger@localhost:4318\"\n";
    let (code, said) = refused(config, &[]).await?;
    assert_eq!(code, Some(1));
    assert!(said.contains("traces.endpoint"), "{said}");
    assert!(!said.contains("tiger"), "{said}");
    Ok(())
}

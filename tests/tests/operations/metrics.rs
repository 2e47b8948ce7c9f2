//! Metrics, as Prometheus' own client for Python reads them.

use std::io::Write as _;
use std::time::Instant;

use axum::Router;
use axum::routing::get;
use loopwright::Config;
use loopwright::boot::{IdempotencyConfig, MetricsConfig};
use loopwright::prelude::*;
use loopwright_tests::serve::{Served, serve};
use loopwright_tests::tool::{run, tool};
use loopwright_tests::{SqliteUrl, sqlite_url};
use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::program::{BOUND, refused};
use crate::{Note, TestResult};

/// Prints a list of `[name, labels, value]` for what a file holds, in the format that its type says.
const READ: &str = r"
import json, sys
from prometheus_client import openmetrics, parser
import prometheus_client.openmetrics.parser
text = open(sys.argv[1]).read()
read = openmetrics.parser if sys.argv[2].startswith('application/openmetrics-text') else parser
families = list(read.text_string_to_metric_families(text))
assert all(family.documentation for family in families), families
print(json.dumps([[sample.name, sample.labels, sample.value] for family in families for sample in family.samples]))
";

pub struct Samples(Vec<Json>);

impl Samples {
    /// The value of the one sample with this name and these labels.
    pub fn value(&self, name: &str, labels: Json) -> f64 {
        let mut found = self.0.iter();
        let found = found.find(|sample| sample[0] == name && sample[1] == labels);
        found.and_then(|sample| sample[2].as_f64()).unwrap_or(0.0)
    }

    pub fn named(&self, name: &str) -> usize {
        self.0.iter().filter(|sample| sample[0] == name).count()
    }
}

/// The metrics of an application, for who accepts `accept`; nothing where there is no Python.
pub async fn read(served: &Served, accept: &str) -> TestResult<Option<Samples>> {
    let request = served.client.get(format!("{}/metrics", served.url));
    let answer = request.header("accept", accept).send().await?;
    assert_eq!(answer.status(), 200);
    let content_type = answer.headers()["content-type"].to_str()?.to_owned();
    assert!(content_type.starts_with(accept), "{content_type}");
    let mut file = tempfile::NamedTempFile::new()?;
    file.write_all(&answer.bytes().await?)?;
    let Some(mut python) = tool("python") else {
        return Ok(None);
    };
    python.args(["-c", READ]).arg(file.path()).arg(content_type);
    let output = run(python).await?;
    if !output.status.success() {
        return Err(String::from_utf8(output.stderr)?.into());
    }
    Ok(Some(Samples(serde_json::from_slice(&output.stdout)?)))
}

async fn measured() -> TestResult<(Served, SqliteUrl)> {
    let url = sqlite_url();
    let mut config = Config::default();
    config.metrics = Some(MetricsConfig::default());
    let own = Router::new()
        .route("/tally/{id}", get(|| async { "7" }))
        .route("/never", get(std::future::pending::<()>));
    let app = App::new().config(config).data_source("db", &*url);
    let served = serve(app.routes(own).models::<(Note,)>()).await?;
    Ok((served, url))
}

#[tokio::test]
async fn requests_are_counted_by_what_they_call() -> TestResult {
    let (served, _url) = measured().await?;
    let (beside, _url) = measured().await?;
    let anonymous = served.anonymous();
    let note = json!({ "text": "milk" });
    assert_eq!(anonymous.call("POST /Notes", note).await?.0, 200);
    for id in [1, 1, 2, 3] {
        anonymous.status(&format!("GET /Notes/{id}")).await?;
    }
    let tally = served.client.get(format!("{}/tally/5", served.url));
    assert_eq!(tally.send().await?.text().await?, "7");
    for accept in ["text/plain", "application/openmetrics-text"] {
        let Some(samples) = read(&served, accept).await? else {
            return Ok(());
        };
        let requests = |model, method, status| {
            let labels = json!({ "model": model, "method": method, "status": status });
            samples.value("loopwright_requests_total", labels)
        };
        assert_eq!(requests("Note", "create", "2xx"), 1.0);
        assert_eq!(requests("Note", "findById", "2xx"), 2.0);
        assert_eq!(requests("Note", "findById", "4xx"), 2.0);
        assert_eq!(requests("", "GET /tally/{id}", "2xx"), 1.0);
        // Nobody calls itself.
        assert_eq!(samples.named("loopwright_requests_total"), 4);
        let find = json!({ "model": "Note", "method": "findById" });
        let count = samples.value("loopwright_request_duration_seconds_count", find.clone());
        assert_eq!(count, 4.0);
        let sum = samples.value("loopwright_request_duration_seconds_sum", find);
        assert!(sum > 0.0 && sum < BOUND.as_secs_f64(), "{sum}");
        let asked = json!({ "model": "Note", "operation": "find" });
        let asked = samples.value("loopwright_data_source_duration_seconds_count", asked);
        assert_eq!(asked, 4.0);
        assert_eq!(
            samples.value("loopwright_requests_under_way", json!({})),
            0.0
        );
        let open = |state| {
            let labels = json!({ "data_source": "db", "state": state });
            samples.value("loopwright_connections", labels)
        };
        assert!(open("idle") + open("used") >= 1.0);
        let most = samples.value("loopwright_connections_max", json!({ "data_source": "db" }));
        // Five by the pool, one for each thread that reads the file, and one that writes.
        let readers = std::thread::available_parallelism()?.get().min(4);
        assert_eq!(most, f64::from(u8::try_from(5 + readers + 1)?));
    }
    // Applications side by side count for themselves.
    let Some(samples) = read(&beside, "text/plain").await? else {
        return Ok(());
    };
    assert_eq!(samples.named("loopwright_requests_total"), 0);
    Ok(())
}

#[tokio::test]
async fn what_is_answered_again_is_counted_and_not_done_again() -> TestResult {
    let mut config = Config::default();
    config.metrics = Some(MetricsConfig::default());
    config.idempotency = Some(IdempotencyConfig::new("db"));
    let app = App::new().config(config).data_source("db", "memory:");
    let served = serve(app.models::<(Note,)>()).await?;
    for _ in 0..2 {
        let create = served.client.post(format!("{}/api/Notes", served.url));
        let create = create.header("idempotency-key", "mine");
        let create = create.json(&json!({ "text": "milk" }));
        assert_eq!(create.send().await?.status(), 200);
    }
    let Some(samples) = read(&served, "text/plain").await? else {
        return Ok(());
    };
    let created = json!({ "model": "Note", "method": "create", "status": "2xx" });
    assert_eq!(samples.value("loopwright_requests_total", created), 2.0);
    let asked = json!({ "model": "Note", "operation": "create" });
    let asked = samples.value("loopwright_data_source_duration_seconds_count", asked);
    assert_eq!(asked, 1.0);
    Ok(())
}

#[tokio::test]
async fn a_stream_is_under_way_until_it_ends() -> TestResult {
    let (served, _url) = measured().await?;
    let stream = served
        .client
        .get(format!("{}/api/Notes/change-stream", served.url));
    let stream = stream.send().await?;
    let under_way = async || -> TestResult<Option<f64>> {
        let samples = read(&served, "text/plain").await?;
        Ok(samples.map(|samples| samples.value("loopwright_requests_under_way", json!({}))))
    };
    let Some(streaming) = under_way().await? else {
        return Ok(());
    };
    assert_eq!(streaming, 1.0);
    drop(stream);
    let end = Instant::now() + BOUND;
    while under_way().await? != Some(0.0) {
        assert!(Instant::now() < end, "it never ends");
    }
    Ok(())
}

#[tokio::test]
async fn who_leaves_before_there_is_an_answer_is_counted() -> TestResult {
    let (served, _url) = measured().await?;
    let value = async |name, labels| -> TestResult<Option<f64>> {
        let samples = read(&served, "text/plain").await?;
        Ok(samples.map(|samples| samples.value(name, labels)))
    };
    let (never, url) = (served.client.clone(), format!("{}/never", served.url));
    let waiting = tokio::spawn(async move { never.get(url).send().await });
    let end = Instant::now() + BOUND;
    while value("loopwright_requests_under_way", json!({})).await? == Some(0.0) {
        assert!(Instant::now() < end, "it never begins");
    }
    waiting.abort();
    let aborted = json!({ "model": "", "method": "GET /never", "status": "aborted" });
    while value("loopwright_requests_total", aborted.clone()).await? == Some(0.0) {
        assert!(Instant::now() < end, "it is never counted");
    }
    Ok(())
}

#[tokio::test]
async fn whatever_is_asked_for_there_are_only_so_many_series() -> TestResult {
    let (served, _url) = measured().await?;
    for number in 0..250 {
        for path in [
            "/{}",
            "/api/{}",
            "/api/Notes/{}",
            "/api/Notes/{}/nothing",
            "/tally/{}",
        ] {
            let path = path.replace("{}", &format!("x{number}"));
            let verb = Method::from_bytes(format!("VERB{number}").as_bytes())?;
            for verb in [Method::GET, verb] {
                let url = format!("{}{path}", served.url);
                served.client.request(verb, url).send().await?;
            }
        }
    }
    let Some(samples) = read(&served, "text/plain").await? else {
        return Ok(());
    };
    let unknown = json!({ "model": "", "method": "unknown", "status": "4xx" });
    let unknown = samples.value("loopwright_requests_total", unknown);
    assert!(unknown >= 1000.0, "{unknown}");
    // Known: findById, the own route, and whatever is unknown.
    assert!(
        samples.named("loopwright_requests_total") <= 6,
        "{:?}",
        samples.0
    );
    assert!(samples.0.len() < 150, "{}", samples.0.len());
    Ok(())
}

#[tokio::test]
async fn unless_they_are_wanted_there_are_none() -> TestResult {
    let app = App::new().config(Config::default());
    let served = serve(app.data_source("db", "memory:").models::<(Note,)>()).await?;
    let metrics = served.client.get(format!("{}/metrics", served.url));
    assert_eq!(metrics.send().await?.status(), 404);
    let (code, said) = refused("[metrics]\npath = \"metrics\"", &[]).await?;
    assert_eq!(code, Some(1));
    assert!(said.contains("metrics.path"), "{said}");
    Ok(())
}

//! Whether the application is up, and ready for requests.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared, join_all};
use serde_json::{Map, Value, json};

use super::super::data_source::DataSource;
use super::Drain;

/// Where it is asked whether the process is there at all.
pub(super) const LIVE: &str = "/health/live";

/// Where it is asked whether requests may come.
pub(super) const READY: &str = "/health/ready";

/// Who asks more often is told again what was found last, so that probes are no load to a database.
const FRESH: Duration = Duration::from_secs(1);

/// What asks the data sources for signs of life.
pub(in crate::boot) struct Health {
    data_sources: Vec<DataSource>,
    timeout: Duration,
    drain: Arc<Drain>,
    last: Mutex<Option<Check>>,
}

/// A round of questions, which everybody waits for who asks meanwhile.
struct Check {
    begun: Instant,
    found: Shared<BoxFuture<'static, Arc<[Found]>>>,
}

/// What a data source said.
struct Found {
    name: String,
    is_up: bool,
}

/// Is the process there? Whoever reads this knows.
pub(super) async fn live() -> Response {
    answer(StatusCode::OK, json!({ "status": "live" }))
}

impl Health {
    pub fn new(data_sources: Vec<DataSource>, timeout: Duration, drain: Arc<Drain>) -> Self {
        Health {
            data_sources,
            timeout,
            drain,
            last: Mutex::default(),
        }
    }

    /// May requests come? Which data source is away is told by its name and nothing else.
    pub async fn ready(&self) -> Response {
        if self.drain.has_begun() {
            return answer(
                StatusCode::SERVICE_UNAVAILABLE,
                json!({ "status": "draining" }),
            );
        }
        let found = self.check().await;
        let data_sources = found.iter().map(|found| {
            let said = if found.is_up { "up" } else { "down" };
            (found.name.clone(), Value::from(said))
        });
        let data_sources = Map::from_iter(data_sources);
        let (status, word) = match found.iter().all(|found| found.is_up) {
            true => (StatusCode::OK, "ready"),
            false => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
        };
        answer(
            status,
            json!({ "status": word, "dataSources": data_sources }),
        )
    }

    fn check(&self) -> Shared<BoxFuture<'static, Arc<[Found]>>> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(check) = &*last {
            // Nobody may have waited for its end.
            let goes_on = check.found.peek().is_none() && check.begun.elapsed() <= self.timeout;
            if goes_on || check.begun.elapsed() < FRESH {
                return check.found.clone();
            }
        }
        let questions = self.data_sources.iter().cloned();
        let questions = questions.map(|data_source| ask(data_source, self.timeout));
        // To its end, also when who asked does not wait for it.
        let asked = tokio::spawn(join_all(questions));
        let names: Vec<_> = self
            .data_sources
            .iter()
            .map(|one| one.name.clone())
            .collect();
        let found = async move {
            // A question that could not be asked to its end has no answer.
            let found = asked.await.unwrap_or_else(|_| {
                let down = |name| Found { name, is_up: false };
                names.into_iter().map(down).collect()
            });
            Arc::from(found)
        };
        let found = found.boxed().shared();
        *last = Some(Check {
            begun: Instant::now(),
            found: found.clone(),
        });
        found
    }
}

/// Asks one data source.
async fn ask(data_source: DataSource, timeout: Duration) -> Found {
    let answered = tokio::time::timeout(timeout, data_source.ping()).await;
    let name = data_source.name;
    match answered {
        Ok(Ok(())) => return Found { name, is_up: true },
        Ok(Err(error)) => tracing::warn!(data_source = name, "not ready: {error}"),
        Err(_) => tracing::warn!(
            data_source = name,
            "not ready: it does not answer within `health.timeout`"
        ),
    }
    Found { name, is_up: false }
}

fn answer(status: StatusCode, body: Value) -> Response {
    let no_store = (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let mut response = (status, [no_store], Json(body)).into_response();
    if status == StatusCode::SERVICE_UNAVAILABLE {
        let headers = response.headers_mut();
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}

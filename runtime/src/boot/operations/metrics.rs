//! What Prometheus is told: how many calls, how long they take, what data sources cost.
//!
//! **Architecture Invariant:** labels are words of the program's own, never of a request: methods and routes as they are
//! described, the names of data sources, a handful of statuses. So there are only so many series, whoever calls what.

use std::borrow::Cow;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use prometheus_client::encoding::{EncodeLabelSet, prometheus_text, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::super::data_source::DataSource;
use crate::connectors::Connections;
use crate::trail::{Called, Question};
use crate::{Error, Result};

/// What programs ask for that read OpenMetrics; all others get the text that came before.
const OPEN_METRICS: &str = "application/openmetrics-text";

/// The bounds that durations are counted by, in seconds.
const BOUNDS: [f64; 13] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// The metrics of one application.
pub(in crate::boot) struct Metrics {
    registry: Registry,
    requests: Family<Ended, Counter>,
    durations: Family<Call, Histogram>,
    under_way: Gauge,
    data_sources: Family<Asked, Histogram>,
    connections: Family<Pool, Gauge>,
    most_connections: Family<Place, Gauge>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Call {
    model: &'static str,
    method: Cow<'static, str>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Ended {
    model: &'static str,
    method: Cow<'static, str>,
    status: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Asked {
    model: &'static str,
    operation: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Place {
    data_source: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Pool {
    data_source: String,
    state: &'static str,
}

impl Metrics {
    /// Metrics that nothing has been counted in.
    ///
    /// # Errors
    /// None, with this build.
    #[expect(clippy::unnecessary_wraps, reason = "as its twin without metrics")]
    pub fn new() -> Result<Self> {
        let histogram = || Histogram::new(BOUNDS);
        let mut metrics = Metrics {
            registry: Registry::with_prefix("loopwright"),
            requests: Family::default(),
            durations: Family::new_with_constructor(histogram),
            under_way: Gauge::default(),
            data_sources: Family::new_with_constructor(histogram),
            connections: Family::default(),
            most_connections: Family::default(),
        };
        let registry = &mut metrics.registry;
        registry.register(
            "requests",
            "Calls that were answered, whatever carried them, by model, method and class of the status",
            metrics.requests.clone(),
        );
        registry.register_with_unit(
            "request_duration",
            "How long calls took, those of a request of their own to the end of the answer",
            Unit::Seconds,
            metrics.durations.clone(),
        );
        registry.register(
            "requests_under_way",
            "Requests, and calls over sockets, that have not been answered to the end",
            metrics.under_way.clone(),
        );
        registry.register_with_unit(
            "data_source_duration",
            "How long data sources took for what requests asked of them",
            Unit::Seconds,
            metrics.data_sources.clone(),
        );
        registry.register(
            "connections",
            "Open connections of a data source, in use or idle",
            metrics.connections.clone(),
        );
        registry.register(
            "connections_max",
            "How many connections a data source may have open",
            metrics.most_connections.clone(),
        );
        Ok(metrics)
    }

    /// Something is under way, until it is [left](Self::left).
    pub fn begun(&self) {
        self.under_way.inc();
    }

    /// Something is under way no more.
    pub fn left(&self) {
        self.under_way.dec();
    }

    /// A call has been answered to its end, or given up before it had an answer.
    pub fn ended(&self, called: Option<&Called>, status: Option<StatusCode>, took: Duration) {
        let Call { model, method } = Call::of(called);
        let call = Call {
            model,
            method: method.clone(),
        };
        self.durations
            .get_or_create(&call)
            .observe(took.as_secs_f64());
        let status = class(status);
        let ended = Ended {
            model,
            method,
            status,
        };
        self.requests.get_or_create(&ended).inc();
    }

    /// A data source has taken so long.
    pub fn asked(&self, question: &Question, took: Duration) {
        let Question { model, operation } = *question;
        let asked = Asked { model, operation };
        let histogram = self.data_sources.get_or_create(&asked);
        histogram.observe(took.as_secs_f64());
    }

    /// All of it as a response, in the format that is asked for.
    ///
    /// # Errors
    /// It can't be written.
    pub fn answer(&self, data_sources: &[DataSource], asked: &HeaderMap) -> Result<Response> {
        for data_source in data_sources {
            if let Some(connections) = data_source.connections() {
                self.count(&data_source.name, &connections);
            }
        }
        let accepts = asked.get_all(header::ACCEPT).iter();
        let mut accepts = accepts.filter_map(|value| value.to_str().ok());
        let mut written = String::new();
        let (content_type, result) = match accepts.any(|value| value.contains(OPEN_METRICS)) {
            true => (
                "application/openmetrics-text; version=1.0.0; charset=utf-8",
                text::encode(&mut written, &self.registry),
            ),
            false => (
                "text/plain; version=0.0.4; charset=utf-8",
                prometheus_text::encode(&mut written, &self.registry),
            ),
        };
        result
            .map_err(|error| Error::internal("the metrics can't be written").with_source(error))?;
        let content_type = HeaderValue::from_static(content_type);
        Ok(([(header::CONTENT_TYPE, content_type)], written).into_response())
    }

    fn count(&self, data_source: &str, connections: &Connections) {
        let Connections { open, idle, most } = *connections;
        for (state, number) in [("idle", idle), ("used", open.saturating_sub(idle))] {
            let data_source = data_source.to_owned();
            let pool = Pool { data_source, state };
            self.connections.get_or_create(&pool).set(i64::from(number));
        }
        let data_source = data_source.to_owned();
        let place = Place { data_source };
        self.most_connections
            .get_or_create(&place)
            .set(i64::from(most));
    }
}

impl Call {
    /// All that is no method and no route is one.
    fn of(called: Option<&Called>) -> Self {
        match called {
            Some(Called::Method { model, method }) => Call {
                model,
                method: method.clone().into(),
            },
            Some(Called::Route(route)) => Call {
                model: "",
                method: route.clone().into(),
            },
            None => Call {
                model: "",
                method: "unknown".into(),
            },
        }
    }
}

fn class(status: Option<StatusCode>) -> &'static str {
    match status.map(|status| status.as_u16() / 100) {
        Some(1) => "1xx",
        Some(2) => "2xx",
        Some(3) => "3xx",
        Some(4) => "4xx",
        Some(_) => "5xx",
        None => "aborted",
    }
}

//! What those who run an application can say.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::boot::path::is_plain;
use crate::{Error, Result};

/// Whether the application tells if it is up: `GET /health/live` and `GET /health/ready`.
///
/// The second asks every data source for a sign of life, once a second at most, and answers 503 with the names of those
/// that give none, or while the server comes to an end.
///
/// ```
/// use loopwright::Config;
/// use std::time::Duration;
///
/// let mut config = Config::default();
/// config.health.timeout = Duration::from_millis(500);
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct HealthConfig {
    /// Are the two paths served? They are, unless `false` is said.
    pub enabled: bool,
    /// How long a data source may take to give a sign of life; two seconds unless said.
    #[serde(with = "humantime_serde")]
    pub timeout: Duration,
}

impl Default for HealthConfig {
    fn default() -> Self {
        HealthConfig {
            enabled: true,
            timeout: Duration::from_secs(2),
        }
    }
}

/// Metrics for Prometheus (cargo feature `metrics`). Whoever reaches the application reaches them: keep the path from the
/// outside where that is not wanted.
///
/// | metric | labels |
/// |---|---|
/// | `loopwright_requests_total`: each call, whatever carries it | `model`, `method`, `status`: `2xx` and so on, `aborted` where the caller has left |
/// | `loopwright_request_duration_seconds`, a histogram | `model`, `method` |
/// | `loopwright_requests_under_way`, and calls over sockets | – |
/// | `loopwright_data_source_duration_seconds`, a histogram | `model`, `operation`; no model for what is about a transaction |
/// | `loopwright_connections` | `data_source`, `state`: `used` or `idle` |
/// | `loopwright_connections_max` | `data_source` |
///
/// A `method` is one that rules know, such as `findById`. Of other routes it is the path as the program has it
/// (`GET /tally/{id}`), without a model, and `unknown` where there is no such route. A JSON-RPC request counts as the calls that
/// it holds, each with the status that REST would answer; so does each call over a WebSocket.
///
/// ```
/// use loopwright::Config;
/// use loopwright::boot::MetricsConfig;
///
/// let mut config = Config::default();
/// config.metrics = Some(MetricsConfig::default());
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct MetricsConfig {
    /// Where they are served; `/metrics` unless said.
    pub path: String,
}

impl Default for MetricsConfig {
    fn default() -> Self {
        MetricsConfig {
            path: "/metrics".into(),
        }
    }
}

/// Traces for a collector of OpenTelemetry (cargo feature `otel`): a span for each request, and within it one for each
/// thing that a data source is asked for. The calls of a JSON-RPC request have spans within its own; each call over a WebSocket
/// begins a trace.
///
/// [`App::run`](crate::App::run) sends them. A program that serves the router by itself has a subscriber of `tracing` of its
/// own, which gets the same spans.
///
/// ```
/// use loopwright::Config;
/// use loopwright::boot::TracesConfig;
///
/// let mut config = Config::default();
/// config.traces = Some(TracesConfig::new("http://localhost:4318"));
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct TracesConfig {
    /// Where the collector takes OTLP over HTTP, such as `http://localhost:4318`. What it asks for as credentials is in
    /// the environment, as `OTEL_EXPORTER_OTLP_HEADERS`.
    pub endpoint: String,
    /// Which part of the requests is traced, between 0 and 1; all of them unless said. A request that comes with a trace
    /// (`traceparent`) is traced if that one is.
    #[serde(default = "all")]
    pub ratio: f64,
}

impl TracesConfig {
    /// Traces of all requests, to this collector.
    pub fn new(endpoint: impl Into<String>) -> Self {
        TracesConfig {
            endpoint: endpoint.into(),
            ratio: all(),
        }
    }
}

fn all() -> f64 {
    1.0
}

/// What log lines look like.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum LogFormat {
    /// Lines for people.
    #[default]
    Text,
    /// Lines for programs: each is a JSON object.
    Json,
}

impl MetricsConfig {
    pub(in crate::boot) fn check(&self) -> Result<()> {
        if !is_plain(&self.path) {
            return Err(Error::internal(format!(
                "metrics.path: {:?} is no path of its own; write one such as \"/metrics\"",
                self.path
            )));
        }
        Ok(())
    }
}

impl TracesConfig {
    pub(in crate::boot) fn check(&self) -> Result<()> {
        // The endpoint is not repeated: a password may stand in it by mistake.
        let url = Url::parse(&self.endpoint).ok();
        let url = url.filter(|url| url.has_host()).ok_or_else(|| {
            Error::internal(
                "traces.endpoint is no URL; write one such as \"http://localhost:4318\"",
            )
        })?;
        if !url.username().is_empty() || url.password().is_some() || url.query().is_some() {
            return Err(Error::internal(
                "traces.endpoint is an address alone; credentials are in the environment, as \
                 `OTEL_EXPORTER_OTLP_HEADERS`",
            ));
        }
        if url.scheme() != "http" {
            return Err(Error::internal(
                "traces.endpoint must begin with `http://`; run a collector beside the application, which sends traces \
                 on encrypted",
            ));
        }
        if !(0.0..=1.0).contains(&self.ratio) {
            return Err(Error::internal("traces.ratio must be between 0 and 1"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_an_address_and_is_not_repeated() {
        for wrong in [
            "localhost",
            "tiger",
            "https://collector.example",
            "http://me:tiger@collector.example:4318",
            "http://collector.example/?key=tiger",
        ] {
            let error = TracesConfig::new(wrong).check().unwrap_err().to_string();
            assert!(error.contains("traces.endpoint"), "{error}");
            assert!(!error.contains("tiger"), "{error}");
        }
        TracesConfig::new("http://localhost:4318").check().unwrap();
        let mut config = TracesConfig::new("http://localhost:4318");
        config.ratio = 1.5;
        let error = config.check().unwrap_err().to_string();
        assert!(error.contains("traces.ratio"), "{error}");
    }

    #[test]
    fn metrics_have_a_path_of_their_own() {
        for wrong in ["", "/", "metrics", "/{all}", "/my metrics"] {
            let path = wrong.into();
            let error = MetricsConfig { path }.check().unwrap_err().to_string();
            assert!(error.contains("metrics.path"), "{error}");
        }
        MetricsConfig::default().check().unwrap();
    }
}

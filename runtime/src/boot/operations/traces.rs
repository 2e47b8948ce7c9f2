//! Spans as traces, sent to a collector of OpenTelemetry.

use std::time::Duration;

use axum::http::HeaderMap;
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::{TraceContextExt, TracerProvider};
use opentelemetry_http::HeaderExtractor;
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use tracing::Span;
use tracing::level_filters::LevelFilter;
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::registry::LookupSpan;

use super::TracesConfig;
use crate::{Error, Result};

/// How long the end of the program waits for the collector.
const PATIENCE: Duration = Duration::from_secs(5);

/// What sends traces, until it is told to end.
pub(super) struct Traces {
    provider: SdkTracerProvider,
}

impl Traces {
    /// Sends the traces of the application called `title`.
    ///
    /// # Errors
    /// The collector's address can't be used.
    pub fn new(config: &TracesConfig, title: &str) -> Result<Self> {
        let endpoint = format!("{}/v1/traces", config.endpoint.trim_end_matches('/'));
        let exporter = SpanExporter::builder()
            .with_http()
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(endpoint)
            .build()
            .map_err(|error| {
                Error::internal("no traces can be sent; check `traces.endpoint`").with_source(error)
            })?;
        let ratio = Sampler::TraceIdRatioBased(config.ratio);
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_sampler(Sampler::ParentBased(Box::new(ratio)))
            .with_resource(
                Resource::builder()
                    .with_service_name(title.to_owned())
                    .build(),
            )
            .build();
        Ok(Traces { provider })
    }

    /// What takes the spans of requests, and those that the program makes within them.
    pub fn layer<S>(&self) -> impl Layer<S> + Send + Sync + use<S>
    where
        S: tracing::Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
    {
        // What sends the traces would be traced itself.
        let mut spans = Targets::new().with_default(LevelFilter::INFO);
        for own in [
            "h2",
            "hyper",
            "hyper_util",
            "loopwright::access_log",
            "opentelemetry",
            "reqwest",
        ] {
            spans = spans.with_target(own, LevelFilter::OFF);
        }
        tracing_opentelemetry::layer()
            .with_tracer(self.provider.tracer("loopwright"))
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false)
            .with_filter(spans)
    }

    /// Sends what has not been sent.
    pub async fn end(self) {
        let ended = move || self.provider.shutdown_with_timeout(PATIENCE);
        if let Ok(Err(error)) = tokio::task::spawn_blocking(ended).await {
            tracing::warn!("the last traces are lost: {error}");
        }
    }
}

/// Makes `span` a part of the trace that the request names, if it names one.
pub(super) fn go_on(span: &Span, headers: &HeaderMap) {
    let parent = TraceContextPropagator::new().extract(&HeaderExtractor(headers));
    // Where nothing takes traces, none goes on.
    let _ = span.set_parent(parent);
}

/// Gives the span of a trace this name.
pub(super) fn name(span: &Span, name: String) {
    // A name that is recorded as a field counts until the span is entered, and no longer.
    span.context().span().update_name(name);
}

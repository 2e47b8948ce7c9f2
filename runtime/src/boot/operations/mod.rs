//! What those need who run an application: whether it is up, what it does, where its time goes, and how it ends.
//!
//! **Architecture Invariant:** what a request calls is found out elsewhere and left on its [`Trail`](crate::trail::Trail);
//! here is what becomes of it. Nothing is measured that nobody has asked for.

mod address;
mod config;
mod drain;
mod health;
mod log;
#[cfg_attr(not(feature = "metrics"), path = "no_metrics.rs")]
mod metrics;
mod signal;
#[cfg_attr(not(feature = "otel"), path = "no_traces.rs")]
mod traces;
mod watch;

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::middleware::from_fn;
use axum::response::IntoResponse;
use axum::routing::{MethodRouter, get};

pub use self::config::{HealthConfig, LogFormat, MetricsConfig, TracesConfig};
pub(super) use self::drain::Drain;
use self::health::Health;
pub(super) use self::log::Log;
use self::metrics::Metrics;
pub(super) use self::signal::Signals;
use self::watch::Watch;
use super::Config;
use super::data_source::DataSource;
use super::level::Level;
use crate::Result;
use crate::trail::Answered;

/// What watches one application.
pub(super) struct Operations {
    pub drain: Arc<Drain>,
    health: Option<Arc<Health>>,
    metrics: Option<(String, Arc<Metrics>)>,
    watch: Arc<Watch>,
    data_sources: Arc<[DataSource]>,
}

impl Operations {
    /// What the configuration asks for.
    ///
    /// # Errors
    /// This build lacks it.
    pub fn new(config: &Config, data_sources: &[DataSource]) -> Result<Self> {
        let drain = Arc::<Drain>::default();
        let health = config.health.enabled.then(|| {
            let timeout = config.health.timeout;
            Arc::new(Health::new(data_sources.to_vec(), timeout, drain.clone()))
        });
        let metrics = config.metrics.as_ref().map(|config| {
            let metrics = Arc::new(Metrics::new()?);
            Ok((config.path.clone(), metrics))
        });
        let metrics: Option<(String, Arc<Metrics>)> = metrics.transpose()?;
        let counted = metrics.as_ref().map(|(_, metrics)| metrics.clone());
        let answered = counted.clone().map(|metrics| {
            let answered = move |question: &_, took| metrics.asked(question, took);
            Arc::new(answered) as Arc<Answered>
        });
        let mut probes = Vec::new();
        if health.is_some() {
            probes.extend([health::LIVE.to_owned(), health::READY.to_owned()]);
        }
        probes.extend(metrics.iter().map(|(path, _)| path.clone()));
        let watch = Watch {
            drain: drain.clone(),
            metrics: counted,
            answered,
            traces: config.traces.is_some(),
            access_log: config.access_log,
            server_timing: config.debug,
            probes,
        };
        Ok(Operations {
            drain,
            health,
            metrics,
            watch: Arc::new(watch),
            data_sources: data_sources.into(),
        })
    }

    /// `later` behind the paths of those who ask whether the application is up. They are no callers of it: no limit and no
    /// rule stands before the answer.
    pub fn probed(&self, later: Level) -> Level {
        let Some(health) = self.health.clone() else {
            return later;
        };
        let ready = move || async move { health.ready().await };
        let probes = Router::new()
            .route(health::LIVE, get(health::live))
            .route(health::READY, get(ready));
        let probes = Level::from(probes);
        Level::to(move |request: Request| {
            let probed = [health::LIVE, health::READY].contains(&request.uri().path());
            if probed { &probes } else { &later }.answer(request)
        })
    }

    /// The paths of all who watch the application.
    pub fn probe_paths(&self) -> Vec<String> {
        self.watch.probes.clone()
    }

    /// The path of those who count, and what it answers.
    pub fn counted(&self) -> Option<(&str, MethodRouter)> {
        let (path, metrics) = self.metrics.as_ref()?;
        let metrics = metrics.clone();
        let data_sources = self.data_sources.clone();
        let answer = move |asked: HeaderMap| async move {
            let answer = metrics.answer(&data_sources, &asked);
            answer.unwrap_or_else(IntoResponse::into_response)
        };
        Some((path, get(answer)))
    }

    /// The same routes, whose requests are known by them.
    pub fn noted(&self, routes: Router) -> Router {
        routes.layer(from_fn(watch::note_route))
    }

    /// The same, watched.
    pub fn around(&self, within: Level) -> Level {
        let watch = self.watch.clone();
        Level::of(move |request| watch.clone().around(request, within.clone()))
    }
}

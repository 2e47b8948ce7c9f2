//! The twin of `traces.rs` in builds without the cargo feature `otel`: there are no traces.

use axum::http::HeaderMap;
use tracing::Span;
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Identity;

use super::TracesConfig;
use crate::{Error, Result};

pub(super) enum Traces {}

impl Traces {
    pub fn new(_config: &TracesConfig, _title: &str) -> Result<Self> {
        Err(Error::internal(
            "the configuration asks for traces, which this program was built without; add the cargo feature `otel` to \
             its `loopwright` dependency",
        ))
    }

    pub fn layer<S: tracing::Subscriber>(&self) -> impl Layer<S> + Send + Sync + use<S> {
        Identity::new()
    }

    #[expect(clippy::unused_async, reason = "as its twin with traces")]
    pub async fn end(self) {
        match self {}
    }
}

pub(super) fn go_on(_span: &Span, _headers: &HeaderMap) {}

pub(super) fn name(_span: &Span, _name: String) {}

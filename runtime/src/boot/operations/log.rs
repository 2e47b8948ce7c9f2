//! Where log lines and traces go.

use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt};

use super::LogFormat;
use super::traces::Traces;
use crate::Result;
use crate::boot::Config;

/// What the process logs to, until it is told to end.
pub(in crate::boot) struct Log {
    traces: Option<Traces>,
}

impl Log {
    /// Log lines on standard error and traces to their collector, unless the program has set up its own. A process has
    /// one log, so this is for programs that run nothing but one application.
    ///
    /// # Errors
    /// The configuration asks for traces that can't be sent.
    pub fn begin(config: &Config) -> Result<Self> {
        let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
        let lines = fmt::layer().with_writer(std::io::stderr);
        let lines: Box<dyn Layer<Registry> + Send + Sync> = match config.log_format {
            LogFormat::Text => Box::new(lines.with_filter(filter)),
            LogFormat::Json => Box::new(lines.json().flatten_event(true).with_filter(filter)),
        };
        let traces = config.traces.as_ref();
        let traces = traces.map(|traces| Traces::new(traces, &config.title));
        let traces = traces.transpose()?;
        let subscriber = Registry::default()
            .with(lines)
            .with(traces.as_ref().map(Traces::layer));
        // An error says that a subscriber is there already: the program's own, which stays.
        let _ = subscriber.try_init();
        Ok(Log { traces })
    }

    /// Sends what has not been sent.
    pub async fn end(self) {
        if let Some(traces) = self.traces {
            traces.end().await;
        }
    }
}

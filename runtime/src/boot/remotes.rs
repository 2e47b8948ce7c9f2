//! The methods of the application as the configuration has them: one table for REST, other transports and own routes.

use std::sync::Arc;

#[cfg(feature = "web-socket")]
use axum::http::Method;
use tokio::sync::watch;

use super::config::Config;
#[cfg(feature = "web-socket")]
use crate::remoting::Origins;
use crate::remoting::{Auth, Idempotency, Limits, Remotes, Settings};
use crate::repository::Registry;

/// The methods of the models. `shutdown` turns true when they come to an end.
pub(super) fn remotes(
    config: &Config,
    registry: &Arc<Registry>,
    auth: Auth,
    idempotency: Option<Idempotency>,
    shutdown: watch::Sender<bool>,
) -> Remotes {
    let settings = Settings {
        body_limit: config.body_limit,
        errors: Arc::new(config.error_handler()),
        auth,
        idempotency,
        limits: Limits {
            default: Some(config.rest.default_limit).filter(|limit| *limit > 0),
            max: Some(config.rest.max_limit).filter(|limit| *limit > 0),
        },
        nested_writes: config.rest.nested_writes,
        #[cfg(feature = "web-socket")]
        origins: origins(config),
    };
    Remotes::new(registry, settings, shutdown)
}

/// Whose pages may call, for transports that browsers do not ask about: those that CORS lets call where the sockets are.
#[cfg(feature = "web-socket")]
fn origins(config: &Config) -> Origins {
    let sockets = config.web_socket.as_ref();
    let path = sockets.map_or("/", |sockets| sockets.path.as_str());
    let cors = config.middleware.cors.as_ref();
    let cors =
        cors.filter(|cors| cors.at.enabled != Some(false) && cors.at.concerns(&Method::GET, path));
    cors.map_or_else(Origins::default, |cors| Origins {
        allowed: cors.origins.clone(),
        credentials: cors.credentials,
    })
}

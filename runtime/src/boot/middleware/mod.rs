//! What requests pass on their way to the methods, in the order of LoopBack's phases (contract *middleware.md*).

mod config;
mod cors;
mod favicon;
#[cfg(feature = "rate-limit")]
mod limit;
mod shipped;
mod static_files;

use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Router;
use axum::extract::Request;
use axum::http::Method;
use axum::response::{IntoResponse, Response};
use axum::routing::Route;
use tower::{Layer, Service, ServiceExt as _};

pub use self::config::{
    At, CompressionConfig, CorsConfig, FaviconConfig, MiddlewareConfig, RateLimitConfig,
    SecurityHeadersConfig, StaticFilesConfig, TimeoutConfig,
};
use self::shipped::shipped;
use crate::phase::{BUILT_IN, PhaseList};
use crate::{Error, Result};

/// What a request passes, or what answers it.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Middleware(Middleware),
    /// The application's own routes.
    OwnRoutes,
    /// The models, and what describes them.
    Methods,
}

/// What the program itself says of phases.
#[derive(Default)]
pub(super) struct PhaseParts {
    /// Names, each list to be merged into those that there are.
    pub names: Vec<Vec<String>>,
    pub middleware: Vec<Middleware>,
}

/// The phases with what is in them: what comes along and is configured, and what the program has registered.
///
/// # Errors
/// There is no such phase, the phases are in another order, or the configuration names what nobody has registered.
pub(super) fn phases(
    parts: PhaseParts,
    names: &[String],
    config: &MiddlewareConfig,
) -> Result<PhaseList<Step>> {
    let mut phases = PhaseList::new(BUILT_IN)?;
    for names in parts.names.iter().map(Vec::as_slice).chain([names]) {
        phases.merge(names)?;
    }
    let named = |name: &str| {
        let mut known = parts.middleware.iter().filter_map(Middleware::name);
        known.any(|known| known == name)
    };
    if let Some(name) = config.own.keys().find(|name| !named(name)) {
        return Err(Error::internal(format!(
            "middleware.own.{name}: the program has registered nothing by this name; it says `.named({name:?})`"
        )));
    }
    // As Express has it: routes of one's own come before what else is in their phase.
    phases.register("routes", Step::OwnRoutes)?;
    let own = parts.middleware.into_iter().map(|middleware| {
        let at = middleware.name().and_then(|name| config.own.get(name));
        match at {
            Some(at) => middleware.configured(at),
            None => middleware,
        }
    });
    for middleware in shipped(config)?.into_iter().chain(own) {
        if middleware.is_enabled() {
            middleware.at.check()?;
            let place = middleware.place().to_owned();
            phases.register(&place, Step::Middleware(middleware))?;
        }
    }
    phases.register("routes", Step::Methods)?;
    Ok(phases)
}

/// A tower layer, or a function of axum's, with the phase in which requests pass it.
///
/// A request passes the phases in their order until something answers. The answer comes back the same way, so what has been
/// passed first sees it last. The application's own routes and the models are in the phase `routes`; what is later sees
/// what they do not answer.
///
/// ```
/// use axum::extract::Request;
/// use axum::http::{Method, StatusCode};
/// use axum::middleware::{Next, from_fn};
/// use axum::response::{IntoResponse as _, Response};
/// use loopwright::boot::Middleware;
/// use loopwright::prelude::*;
///
/// /// Nothing is written on Sundays.
/// async fn rest(request: Request, next: Next) -> Response {
///     if request.headers().contains_key("x-sunday") {
///         return (StatusCode::SERVICE_UNAVAILABLE, "Come back on Monday").into_response();
///     }
///     next.run(request).await
/// }
///
/// let app = App::new().middleware(
///     Middleware::new("auth:after", from_fn(rest))
///         .named("sunday")
///         .paths(["/api/Orders"])
///         .methods([Method::POST, Method::PUT]),
/// );
/// ```
#[derive(Clone)]
pub struct Middleware {
    name: Option<String>,
    at: At,
    layer: Arc<dyn Fn(Router) -> Router + Send + Sync>,
}

impl Middleware {
    /// Requests pass `layer` in this phase: `auth`, `auth:before` or `auth:after`.
    pub fn new<L>(phase: impl Into<String>, layer: L) -> Self
    where
        L: Layer<Route> + Clone + Send + Sync + 'static,
        L::Service: Service<Request> + Clone + Send + Sync + 'static,
        <L::Service as Service<Request>>::Response: IntoResponse + 'static,
        <L::Service as Service<Request>>::Error: Into<Infallible> + 'static,
        <L::Service as Service<Request>>::Future: Send + 'static,
    {
        Middleware::of(phase, move |rest| rest.layer(layer.clone()))
    }

    /// What `wrap` makes of everything that comes later.
    pub(super) fn of(
        phase: impl Into<String>,
        wrap: impl Fn(Router) -> Router + Send + Sync + 'static,
    ) -> Self {
        Middleware {
            name: None,
            at: At::phase(phase),
            layer: Arc::new(wrap),
        }
    }

    /// The same, which the configuration may switch off and move by this name: `[middleware.own.sunday]`.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The same for requests below these paths alone, whatever their case: `/api` is for `/api` and `/api/Shops`, and not for
    /// `/apis`.
    #[must_use]
    pub fn paths<P: Into<String>>(mut self, paths: impl IntoIterator<Item = P>) -> Self {
        self.at.paths = Some(paths.into_iter().map(Into::into).collect());
        self
    }

    /// The same for requests of these methods alone. `HEAD` is not implied by `GET`.
    #[must_use]
    pub fn methods(mut self, methods: impl IntoIterator<Item = Method>) -> Self {
        let methods = methods.into_iter().map(|method| method.to_string());
        self.at.methods = Some(methods.collect());
        self
    }

    pub(super) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The same where the configuration has it.
    pub(super) fn configured(mut self, at: &At) -> Self {
        self.at = at.clone().or(self.at);
        self
    }

    pub(super) fn is_enabled(&self) -> bool {
        self.at.enabled != Some(false)
    }

    /// The phase, with what stands behind the colon.
    pub(super) fn place(&self) -> &str {
        self.at.phase.as_deref().unwrap_or("initial")
    }

    /// Puts the layer around everything that comes later.
    pub(super) fn around(&self, rest: Router) -> Router {
        let with = (self.layer)(rest.clone());
        match self.at.is_everywhere() {
            true => with,
            false => Router::new().fallback_service(Somewhere {
                at: Arc::new(self.at.clone()),
                with,
                without: rest,
            }),
        }
    }
}

impl fmt::Debug for Middleware {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Middleware")
            .field("name", &self.name)
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}

/// A layer that only some requests pass.
#[derive(Clone)]
struct Somewhere {
    at: Arc<At>,
    with: Router,
    without: Router,
}

impl Service<Request> for Somewhere {
    type Response = Response;
    type Error = Infallible;
    type Future = tower::util::Oneshot<Router, Request>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let way = match self.at.concerns(request.method(), request.uri().path()) {
            true => &self.with,
            false => &self.without,
        };
        way.clone().oneshot(request)
    }
}

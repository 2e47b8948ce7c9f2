//! The application as a router: the phases around its own routes and its models, and a net for panics.

use std::future::ready;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::extract::Request;
#[cfg(feature = "web-socket")]
use axum::http::Method;
use axum::http::{HeaderMap, Uri};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::get;
use axum::{Extension, Router};
use futures_util::FutureExt;
use tower::{ServiceBuilder, ServiceExt as _};
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};

#[cfg(feature = "web-socket")]
use super::Config;
use super::app::DOCUMENT_PATH;
use super::application::Application;
use super::document::Documents;
use super::load::Load;
use super::middleware::Step;
use super::transport;
use crate::remoting::{self, Api, ErrorHandler, Formats, Limits, Remotes, Settings};

/// The application as a router, with what every request passes around it.
pub(super) fn router(application: &Application) -> Router {
    let parts = application.parts();
    let config = &parts.config;
    let errors = Arc::new(config.error_handler());
    let remotes = remotes(application, errors.clone());
    let transports = transport::routes(&parts.transports, &remotes);
    let formats = Formats {
        xml: config.rest.xml,
        jsonp: config.rest.jsonp,
    };
    let (root, idempotency) = (&config.rest_api_root, parts.idempotency.clone());
    let api = Arc::new(Api::new(remotes, root, formats, idempotency));
    let missing = api.clone();
    let last = Router::new().fallback(move |request| remoting::serve(missing.clone(), request));
    let inside_out = parts.phases.handlers().rev();
    let router = inside_out.fold(last, |later, (_, step)| match step {
        Step::Middleware(middleware) => middleware.around(later),
        Step::Methods => methods(application, api.clone(), transports.clone(), later),
        Step::OwnRoutes => guarded(errors.clone(), own_routes(application, later)),
    });
    let mut steps = parts.phases.handlers();
    let router = match steps.any(|(_, step)| matches!(step, Step::Middleware(_))) {
        true => guarded(errors.clone(), router),
        false => router,
    };
    let load = Load::new(&config.server, errors, parts.operations.probe_paths());
    let router = load.around(router);
    // Who asks whether the application is up is no caller of it: no limit and no rule stands before the answer.
    let probes = parts.operations.noted(parts.operations.probes());
    let router = probes.fallback_service(router);
    let router = parts.operations.around(router);
    let request_ids = ServiceBuilder::new()
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
        .layer(PropagateRequestIdLayer::x_request_id());
    router.layer(request_ids)
}

fn remotes(application: &Application, errors: Arc<ErrorHandler>) -> Remotes {
    let parts = application.parts();
    let config = &parts.config;
    Remotes::new(
        &parts.registry,
        Settings {
            body_limit: config.body_limit,
            errors,
            auth: parts.auth.clone(),
            limits: Limits {
                default: Some(config.rest.default_limit).filter(|limit| *limit > 0),
                max: Some(config.rest.max_limit).filter(|limit| *limit > 0),
            },
            nested_writes: config.rest.nested_writes,
            #[cfg(feature = "web-socket")]
            origins: origins(config),
        },
        parts.shutdown.clone(),
    )
}

/// Whose pages may call, for transports that browsers do not ask about: those that CORS lets call where the sockets are.
#[cfg(feature = "web-socket")]
fn origins(config: &Config) -> remoting::Origins {
    let sockets = config.web_socket.as_ref();
    let path = sockets.map_or("/", |sockets| sockets.path.as_str());
    let cors = config.middleware.cors.as_ref();
    let cors =
        cors.filter(|cors| cors.at.enabled != Some(false) && cors.at.concerns(&Method::GET, path));
    cors.map_or_else(remoting::Origins::default, |cors| remoting::Origins {
        allowed: cors.origins.clone(),
        credentials: cors.credentials,
    })
}

/// The models, and what describes them, before what comes later.
fn methods(application: &Application, api: Arc<Api>, transports: Router, later: Router) -> Router {
    let parts = application.parts();
    let documents = Arc::new(Documents::new(parts.description.clone(), &parts.openapi));
    let document = move |uri: Uri, headers: HeaderMap| ready(documents.answer(&uri, &headers));
    let operations = &parts.operations;
    let ours = operations.routes().route(DOCUMENT_PATH, get(document));
    #[cfg(feature = "explorer")]
    let ours = match &parts.config.explorer {
        Some(path) => ours.merge(crate::openapi::explorer(path, DOCUMENT_PATH)),
        None => ours,
    };
    let answer = move |request: Request| {
        let (api, later) = (api.clone(), later.clone());
        async move {
            match api.serves(request.uri()) {
                true => remoting::serve(api, request).await,
                false => {
                    let Ok(response) = later.oneshot(request).await;
                    response
                }
            }
        }
    };
    let other_verbs = answer.clone();
    operations
        .noted(ours.merge(transports))
        .method_not_allowed_fallback(other_verbs)
        .fallback(answer)
}

/// The application's own routes, before what comes later. A fallback rather than a merge: they may be at our paths, and win.
fn own_routes(application: &Application, later: Router) -> Router {
    let parts = application.parts();
    let routes = parts.operations.noted(parts.routes.clone());
    let routes = routes.layer(Extension(application.gate()));
    let routes = routes.layer(Extension(application.clone()));
    routes.fallback_service(later)
}

/// Everything within, whose errors are answered as those of models, and whose panics as 500.
fn guarded(errors: Arc<ErrorHandler>, within: Router) -> Router {
    within.layer(from_fn(move |request, next| {
        guard(errors.clone(), request, next)
    }))
}

/// A handler that panics is never noticed by the requests of others.
async fn guard(errors: Arc<ErrorHandler>, request: Request, next: Next) -> Response {
    let asked = remoting::Asked::new(request.headers());
    let outcome = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    match outcome {
        Ok(response) => remoting::own(response, &errors, &asked),
        Err(panic) => remoting::failure(&remoting::panicked(&*panic), &errors, &asked),
    }
}

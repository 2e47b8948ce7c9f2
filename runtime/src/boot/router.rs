//! The application as a router: the phases around its own routes and its models, and a net for panics.

use std::future::ready;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::extract::Request;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use axum::routing::get;
use axum::{Extension, Router};
use futures_util::FutureExt as _;

use super::app::DOCUMENT_PATH;
use super::application::Application;
use super::document::Documents;
use super::level::Level;
use super::load::Load;
use super::middleware::Step;
use super::request_id::identified;
use crate::remoting::{self, Api, ErrorHandler, Formats};

/// The application as a router.
pub(super) fn router(application: &Application) -> Router {
    Router::new().fallback_service(level(application).into_service())
}

/// The application, with what every request passes around it.
pub(super) fn level(application: &Application) -> Level {
    let parts = application.parts();
    let config = &parts.config;
    let remotes = parts.remotes.clone();
    let errors = remotes.errors().clone();
    let formats = Formats {
        xml: config.rest.xml,
        jsonp: config.rest.jsonp,
    };
    let api = Arc::new(Api::new(remotes, &config.rest_api_root, formats));
    let missing = api.clone();
    let last = Level::of(move |request| remoting::serve(missing.clone(), request));
    let inside_out = parts.phases.handlers().rev();
    let within = inside_out.fold(last, |later, (_, step)| match step {
        Step::Middleware(middleware) => middleware.around(later.into_router()).into(),
        Step::Methods => methods(application, api.clone(), later),
        Step::OwnRoutes => guarded(errors.clone(), own_routes(application, later)),
    });
    let mut steps = parts.phases.handlers();
    let within = match steps.any(|(_, step)| matches!(step, Step::Middleware(_))) {
        true => guarded(errors.clone(), within),
        false => within,
    };
    let load = Load::new(&config.server, errors, parts.operations.probe_paths());
    let probed = parts.operations.probed(load.around(within));
    identified(parts.operations.around(probed))
}

/// The models, and what describes them, before what comes later.
fn methods(application: &Application, api: Arc<Api>, later: Level) -> Level {
    let parts = application.parts();
    let documents = Arc::new(Documents::new(parts.description.clone()));
    let document = move |uri: Uri, headers: HeaderMap| ready(documents.answer(&uri, &headers));
    let operations = &parts.operations;
    let mut paths = vec![DOCUMENT_PATH];
    let mut ours = Router::new().route(DOCUMENT_PATH, get(document));
    if let Some((path, route)) = operations.counted() {
        paths.push(path);
        ours = ours.route(path, route);
    }
    #[cfg(feature = "explorer")]
    if let Some(path) = &parts.config.explorer {
        paths.push(path);
        ours = ours.merge(crate::openapi::explorer(path, DOCUMENT_PATH));
    }
    for (path, routes) in &parts.transports {
        paths.push(path);
        ours = ours.nest(path, routes.clone());
    }
    let models = api.clone();
    let answer = move |request: Request| match models.serves(request.uri()) {
        true => remoting::serve(models.clone(), request).boxed(),
        false => later.answer(request),
    };
    let other_verbs = answer.clone();
    let ours = operations
        .noted(ours)
        .method_not_allowed_fallback(other_verbs)
        .fallback(answer);
    if paths.iter().any(|path| api.overlaps(path)) {
        return ours.into();
    }
    // Nothing of ours is among the paths of the models: these need not be looked for there.
    let ours = Level::from(ours);
    Level::to(move |request: Request| match api.serves(request.uri()) {
        true => remoting::serve(api.clone(), request).boxed(),
        false => ours.answer(request),
    })
}

/// The application's own routes, before what comes later. A fallback rather than a merge: they may be at our paths, and win.
fn own_routes(application: &Application, later: Level) -> Level {
    let parts = application.parts();
    if !parts.routes.has_routes() {
        return later;
    }
    let routes = parts.operations.noted(parts.routes.clone());
    let routes = routes.layer(Extension(application.gate()));
    let routes = routes.layer(Extension(application.clone()));
    routes.fallback_service(later.into_router()).into()
}

/// Everything within, whose errors are answered as those of models, and whose panics as 500.
fn guarded(errors: Arc<ErrorHandler>, within: Level) -> Level {
    Level::of(move |request| guard(errors.clone(), request, within.clone()))
}

/// A handler that panics is never noticed by the requests of others.
async fn guard(errors: Arc<ErrorHandler>, request: Request, within: Level) -> Response {
    let asked = remoting::Asked::new(request.headers());
    let outcome = AssertUnwindSafe(within.answer(request))
        .catch_unwind()
        .await;
    match outcome {
        Ok(response) => remoting::own(response, &errors, &asked),
        Err(panic) => remoting::failure(&remoting::panicked(&*panic), &errors, &asked),
    }
}

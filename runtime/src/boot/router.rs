//! The application as a router: the phases around its own routes and its models, and a net for panics.

use std::future::ready;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::extract::Request;
use axum::http::{HeaderMap, Uri};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::get;
use axum::{Extension, Router};
use futures_util::FutureExt;
use tower::{ServiceBuilder, ServiceExt as _};
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};

use super::app::DOCUMENT_PATH;
use super::application::Application;
use super::document::Documents;
use super::middleware::Step;
use crate::remoting::{self, Api, ErrorHandler, Formats};

/// The application as a router, with what every request passes around it.
pub(super) fn router(application: &Application) -> Router {
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
    let last = Router::new().fallback(move |request| remoting::serve(missing.clone(), request));
    let inside_out = parts.phases.handlers().rev();
    let router = inside_out.fold(last, |later, (_, step)| match step {
        Step::Middleware(middleware) => middleware.around(later),
        Step::Methods => methods(application, api.clone(), later),
        Step::OwnRoutes => guarded(errors.clone(), own_routes(application, later)),
    });
    let mut steps = parts.phases.handlers();
    let router = match steps.any(|(_, step)| matches!(step, Step::Middleware(_))) {
        true => guarded(errors, router),
        false => router,
    };
    let router = parts.operations.around(parts.operations.probed(router));
    let request_ids = ServiceBuilder::new()
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
        .layer(PropagateRequestIdLayer::x_request_id());
    router.layer(request_ids)
}

/// The models, and what describes them, before what comes later.
fn methods(application: &Application, api: Arc<Api>, later: Router) -> Router {
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
    let transports = parts.transports.iter().cloned();
    let ours = transports.fold(ours, |ours, (path, routes)| ours.nest(&path, routes));
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
        .noted(ours)
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

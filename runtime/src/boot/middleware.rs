//! What every request passes around the methods: an id, CORS, compression, and a net for panics.

use std::future::ready;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::get;
use axum::{Extension, Router};
use futures_util::FutureExt;
use tower::ServiceBuilder;
use tower_http::compression::CompressionLayer;
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer};
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};

use super::app::DOCUMENT_PATH;
use super::application::Application;
use super::config::CorsConfig;
use super::document::Documents;
use crate::Error;
use crate::remoting::{self, Api, Formats, Limits, Settings};

/// The application as a router, with what every request passes around it.
pub(super) fn router(application: &Application) -> Router {
    let parts = application.parts();
    let config = &parts.config;
    let api = Arc::new(Api::new(
        &parts.registry,
        &config.rest_api_root,
        Settings {
            body_limit: config.body_limit,
            debug: config.debug,
            auth: parts.auth.clone(),
            idempotency: parts.idempotency.clone(),
            limits: Limits {
                default: Some(config.rest.default_limit).filter(|limit| *limit > 0),
                max: Some(config.rest.max_limit).filter(|limit| *limit > 0),
            },
            nested_writes: config.rest.nested_writes,
            formats: Formats {
                xml: config.rest.xml,
                jsonp: config.rest.jsonp,
            },
        },
        parts.shutdown.clone(),
    ));
    let debug = config.debug;
    let documents = Arc::new(Documents::new(parts.description.clone(), &parts.openapi));
    let document = move |uri: Uri, headers: HeaderMap| ready(documents.answer(&uri, &headers));
    let ours = Router::new().route(DOCUMENT_PATH, get(document));
    #[cfg(feature = "explorer")]
    let ours = match &config.explorer {
        Some(path) => ours.merge(crate::openapi::explorer(path, DOCUMENT_PATH)),
        None => ours,
    };
    let other_verbs = api.clone();
    let ours = ours
        .method_not_allowed_fallback(move |request| remoting::serve(other_verbs.clone(), request))
        .fallback(move |request| remoting::serve(api.clone(), request));
    // A fallback rather than a merge: the application's own routes may be at our paths, and win.
    let router = parts.routes.clone();
    let router = router.layer(Extension(application.gate()));
    let router = router.layer(Extension(application.clone()));
    let router = router.layer(from_fn(move |request, next| {
        answer_errors(debug, request, next)
    }));
    let router = router.fallback_service(ours);
    let router = router.layer(from_fn(move |request, next| {
        catch_panic(debug, request, next)
    }));
    let router = match &config.cors {
        Some(config) => router
            .layer(cors(config))
            .layer(from_fn(preflight_without_content)),
        None => router,
    };
    let router = match config.compression {
        true => router.layer(CompressionLayer::new()),
        false => router,
    };
    let request_ids = ServiceBuilder::new()
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
        .layer(PropagateRequestIdLayer::x_request_id());
    router.layer(request_ids)
}

/// Answers the errors of the application's own routes as those of its models.
async fn answer_errors(debug: bool, request: Request, next: Next) -> Response {
    let asked = remoting::Asked::new(request.headers());
    remoting::own(next.run(request).await, debug, &asked)
}

/// Answers 500 for a request whose handler panicked; the others never notice.
async fn catch_panic(debug: bool, request: Request, next: Next) -> Response {
    let asked = remoting::Asked::new(request.headers());
    let outcome = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    outcome.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<&str>().copied().map(str::to_owned);
        let text = text
            .or_else(|| panic.downcast_ref::<String>().cloned())
            .unwrap_or_default();
        let error = Error::internal(format!("a handler panicked: {text}"));
        remoting::failure(&error, debug, &asked)
    })
}

/// What pages of other origins may do (contract *rest.md* §7).
fn cors(config: &CorsConfig) -> CorsLayer {
    let origins: Vec<_> = config
        .origins
        .iter()
        .filter_map(|origin| HeaderValue::from_str(origin).ok())
        .collect();
    let origins = if config.origins.iter().any(|origin| origin == "*") {
        AllowOrigin::mirror_request()
    } else {
        AllowOrigin::list(origins)
    };
    CorsLayer::new()
        .allow_origin(origins)
        .allow_credentials(config.credentials)
        .allow_methods([
            Method::GET,
            Method::HEAD,
            Method::PUT,
            Method::PATCH,
            Method::POST,
            Method::DELETE,
        ])
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers([
            header::ETAG,
            header::LINK,
            header::LOCATION,
            remoting::TOTAL_COUNT,
        ])
        .max_age(config.max_age)
}

/// LoopBack answers the question whether a request may be sent with 204.
async fn preflight_without_content(request: Request, next: Next) -> Response {
    let asks = request.method() == Method::OPTIONS
        && request
            .headers()
            .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = next.run(request).await;
    if asks && response.status() == StatusCode::OK {
        *response.status_mut() = StatusCode::NO_CONTENT;
    }
    response
}

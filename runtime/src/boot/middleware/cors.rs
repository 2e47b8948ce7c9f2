//! What pages of other origins may do (contract *rest.md* §7).

use axum::Router;
use axum::extract::Request;
use axum::http::header::ACCESS_CONTROL_REQUEST_METHOD;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer};

use super::CorsConfig;
use crate::remoting::TOTAL_COUNT;
use crate::{Error, Result};

/// Refuses what is no origin.
pub(super) fn check(config: &CorsConfig) -> Result<()> {
    for origin in &config.origins {
        let host = origin.split_once("://").map(|(_, host)| host);
        let plain = host.is_some_and(|host| {
            let odd = |letter: char| "/?#@*".contains(letter) || !letter.is_ascii_graphic();
            !host.is_empty() && !host.contains(odd)
        });
        // Browsers write neither capitals nor the port that goes without saying.
        let usual = ["http:", "https:"].into_iter().zip([":80", ":443"]);
        let mut usual =
            usual.filter(|(scheme, port)| origin.starts_with(scheme) && origin.ends_with(port));
        let plain = plain
            && usual.next().is_none()
            && !origin.contains(|letter: char| letter.is_ascii_uppercase());
        if !plain && origin != "*" {
            return Err(Error::internal(format!(
                "middleware.cors.origins: {origin:?} is no origin; write it as browsers do, such as \
                 \"https://shop.example\" or \"http://localhost:8080\", or \"*\" for every one"
            )));
        }
    }
    Ok(())
}

/// Everything that comes later, as the pages may call it.
pub(super) fn around(config: &CorsConfig, rest: Router) -> Router {
    rest.layer(layer(config))
        .layer(from_fn(preflight_without_content))
}

fn layer(config: &CorsConfig) -> CorsLayer {
    let origins = config.origins.iter();
    let origins = origins.filter_map(|origin| HeaderValue::from_str(origin).ok());
    let origins = match config.origins.iter().any(|origin| origin == "*") {
        true => AllowOrigin::mirror_request(),
        false => AllowOrigin::list(origins.collect::<Vec<_>>()),
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
        .expose_headers([header::ETAG, header::LINK, header::LOCATION, TOTAL_COUNT])
        .max_age(config.max_age)
}

/// LoopBack answers the question whether a request may be sent with 204.
async fn preflight_without_content(request: Request, next: Next) -> Response {
    let asks = request.method() == Method::OPTIONS
        && request
            .headers()
            .contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = next.run(request).await;
    if asks && response.status() == StatusCode::OK {
        *response.status_mut() = StatusCode::NO_CONTENT;
    }
    response
}

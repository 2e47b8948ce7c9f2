//! The icon of the application (contract *middleware.md* §5.1).

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::Response;

use super::FaviconConfig;
use crate::remoting::{Known, tag};
use crate::{Error, Result};

const PATH: &str = "/favicon.ico";
const ALLOWED: HeaderValue = HeaderValue::from_static("GET, HEAD, OPTIONS");

/// The icon, as its file has it.
///
/// # Errors
/// The file can't be read.
pub(super) fn read(config: &FaviconConfig) -> Result<Bytes> {
    let Some(file) = &config.file else {
        return Ok(Bytes::from_static(include_bytes!("favicon.ico")));
    };
    let icon = std::fs::read(file).map_err(|error| {
        let message = format!("middleware.favicon: can't read {}", file.display());
        Error::internal(message).with_source(error)
    })?;
    Ok(icon.into())
}

/// Everything that comes later, with the icon before it.
pub(super) fn around(icon: Bytes, rest: Router) -> Router {
    rest.layer(from_fn(move |request: Request, next: Next| {
        let icon = icon.clone();
        async move {
            match request.uri().path() == PATH {
                true => answer(&request, icon),
                false => next.run(request).await,
            }
        }
    }))
}

fn answer(request: &Request, icon: Bytes) -> Response {
    let mut response = Response::new(Body::empty());
    let method = request.method();
    if method != Method::GET && method != Method::HEAD {
        if method != Method::OPTIONS {
            *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
        }
        response.headers_mut().insert(header::ALLOW, ALLOWED);
        return response;
    }
    let headers = response.headers_mut();
    headers.extend(tag(&icon));
    let kind = HeaderValue::from_static("image/x-icon");
    headers.insert(header::CONTENT_TYPE, kind);
    let a_year = HeaderValue::from_static("public, max-age=31536000");
    headers.insert(header::CACHE_CONTROL, a_year);
    *response.body_mut() = Body::from(icon);
    Known::new(method, request.headers()).answer(response)
}

//! What comes along, as far as the configuration asks for it.

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::{Next, from_fn};
use axum::response::IntoResponse as _;
use tower_http::compression::CompressionLayer;
use tower_http::set_header::SetResponseHeaderLayer;

use super::{
    Middleware, MiddlewareConfig, SecurityHeadersConfig, TimeoutConfig, cors, favicon, static_files,
};
use crate::remoting::TimeLimit;
use crate::{Error, Result};

/// The middleware of the configuration, in the order in which requests pass what is in one phase.
///
/// # Errors
/// Something can't be as it is configured.
pub(super) fn shipped(config: &MiddlewareConfig) -> Result<Vec<Middleware>> {
    let mut all = Vec::new();
    if let Some(config) = &config.favicon {
        let icon = favicon::read(config)?;
        let around = move |rest| favicon::around(icon.clone(), rest);
        all.push(Middleware::of("initial:before", around).configured(&config.at));
    }
    if let Some(config) = &config.security_headers {
        let headers = security_headers(config)?;
        let around = move |rest| with_headers(&headers, rest);
        all.push(Middleware::of("initial", around).configured(&config.at));
    }
    if let Some(config) = &config.cors {
        cors::check(config)?;
        let (at, config) = (config.at.clone(), config.clone());
        let around = move |rest| cors::around(&config, rest);
        all.push(Middleware::of("initial", around).configured(&at));
    }
    if let Some(config) = &config.compression {
        let compression = Middleware::new("initial", CompressionLayer::new());
        all.push(compression.configured(&config.at));
    }
    if let Some(config) = &config.rate_limit {
        #[cfg(feature = "rate-limit")]
        all.push(Middleware::of("initial", super::limit::around(config)?).configured(&config.at));
        #[cfg(not(feature = "rate-limit"))]
        return Err(Error::internal(format!(
            "middleware.rate_limit ({} a second): this program was built without it; add the cargo feature `rate-limit` to \
             its `loopwright` dependency",
            config.per_second
        )));
    }
    if let Some(config) = &config.timeout {
        if config.after.is_zero() {
            return Err(Error::internal(
                "middleware.timeout: nothing is answered in no time; write `after = \"30s\"`, or leave the section out",
            ));
        }
        let (at, config) = (config.at.clone(), config.clone());
        let around = move |rest| timed(&config, rest);
        all.push(Middleware::of("initial", around).configured(&at));
    }
    for (name, config) in &config.static_files {
        let (at, files) = (&config.at, static_files::Files::new(name, config)?);
        let around = move |rest| files.before(rest);
        all.push(Middleware::of("files", around).configured(at));
    }
    Ok(all)
}

type Header = (HeaderName, HeaderValue);

fn security_headers(config: &SecurityHeadersConfig) -> Result<Vec<Header>> {
    let mut headers = vec![(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    )];
    let said = |key: &str, value: &str| {
        HeaderValue::from_str(value).map_err(|_| {
            Error::internal(format!(
                "middleware.security_headers.{key}: {value:?} is no header's value"
            ))
        })
    };
    // What old browsers take for protection has holes of its own.
    headers.push((header::X_XSS_PROTECTION, HeaderValue::from_static("0")));
    headers.push((
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    ));
    if !config.frame_options.is_empty() {
        let value = said("frame_options", &config.frame_options)?;
        headers.push((header::X_FRAME_OPTIONS, value));
    }
    if let Some(hsts) = config.hsts {
        let mut value = format!("max-age={}", hsts.as_secs());
        if config.hsts_subdomains {
            value += "; includeSubDomains";
        }
        headers.push((header::STRICT_TRANSPORT_SECURITY, said("hsts", &value)?));
    }
    if let Some(policy) = &config.content_security_policy {
        let value = said("content_security_policy", policy)?;
        headers.push((header::CONTENT_SECURITY_POLICY, value));
    }
    Ok(headers)
}

/// Everything that comes later, with these headers in its answers, unless they say something themselves.
fn with_headers(headers: &[Header], rest: Router) -> Router {
    headers.iter().fold(rest, |rest, (name, value)| {
        rest.layer(SetResponseHeaderLayer::if_not_present(
            name.clone(),
            value.clone(),
        ))
    })
}

fn timed(config: &TimeoutConfig, rest: Router) -> Router {
    let limit = TimeLimit(config.after);
    let keep = move |mut request: Request, next: Next| async move {
        // For what is called over a connection that the request opens.
        request.extensions_mut().insert(limit);
        let answered = limit.keep(next.run(request)).await;
        answered.unwrap_or_else(|error| error.into_response())
    };
    rest.layer(from_fn(keep))
}

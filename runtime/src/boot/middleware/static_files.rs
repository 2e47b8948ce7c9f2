//! Folders with files that are served (contract *middleware.md* §5.2).

use std::path::Path;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use tower::ServiceExt as _;
use tower_http::services::{ServeDir, ServeFile};

use super::StaticFilesConfig;
use crate::{Error, Result};

/// A folder with files.
#[derive(Clone)]
pub(super) struct Files {
    /// The path that they are below, without a slash behind it.
    path: String,
    folder: ServeDir,
    fallback: Option<ServeFile>,
    cache_control: HeaderValue,
}

impl Files {
    /// The files that the configuration has under this name.
    ///
    /// # Errors
    /// There is no such folder, or no such file.
    pub fn new(name: &str, config: &StaticFilesConfig) -> Result<Self> {
        let problem = |what: &str, path: &Path| {
            let path = path.display();
            Error::internal(format!("middleware.static_files.{name}: {what}: {path}"))
        };
        if !config.folder.is_dir() {
            return Err(problem("there is no such folder", &config.folder));
        }
        if let Some(fallback) = config.fallback.as_ref().filter(|file| !file.is_file()) {
            return Err(problem("there is no such file", fallback));
        }
        if !config.path.starts_with('/') {
            return Err(Error::internal(format!(
                "middleware.static_files.{name}: `path` begins with \"/\""
            )));
        }
        let path = config.path.trim_end_matches('/').to_owned();
        let max_age = format!("public, max-age={}", config.max_age.as_secs());
        Ok(Files {
            folder: ServeDir::new(&config.folder).redirect_path_prefix(path.clone()),
            path,
            fallback: config.fallback.as_ref().map(ServeFile::new),
            cache_control: HeaderValue::try_from(max_age)
                .map_err(|error| Error::internal("a number is no header").with_source(error))?,
        })
    }

    /// Everything that comes later, with the files before it: GET and HEAD of what is there.
    pub fn before(&self, rest: Router) -> Router {
        let files = self.clone();
        rest.layer(from_fn(move |request: Request, next: Next| {
            let files = files.clone();
            let asked = files.asked(&request);
            async move {
                let found = match asked {
                    Some(asked) => files.find(asked).await,
                    None => None,
                };
                match found {
                    Some(found) => found,
                    None => next.run(request).await,
                }
            }
        }))
    }

    /// What is served, if it is there.
    async fn find(self, asked: Asked) -> Option<Response> {
        let again = asked.request();
        let mut found = served(self.folder.oneshot(asked.request()).await);
        if found.is_none()
            && let Some(fallback) = self.fallback
        {
            found = served(fallback.oneshot(again).await);
        }
        let mut found = found?;
        let headers = found.headers_mut();
        headers
            .entry(header::CACHE_CONTROL)
            .or_insert(self.cache_control);
        Some(found)
    }

    /// What a request asks for within the folder, if it is for a file.
    fn asked(&self, request: &Request) -> Option<Asked> {
        let reads = request.method() == Method::GET || request.method() == Method::HEAD;
        let path = request.uri().path();
        let (begin, below) = path.split_at_checked(self.path.len())?;
        if !begin.eq_ignore_ascii_case(&self.path) {
            return None;
        }
        let is_below = below.is_empty() || below.starts_with('/');
        if !(reads && is_below) || has_hidden_part(below) {
            return None;
        }
        let within = if below.is_empty() { "/" } else { below };
        let path = match request.uri().query() {
            Some(query) => format!("{within}?{query}"),
            None => within.to_owned(),
        };
        Some(Asked {
            method: request.method().clone(),
            uri: Uri::from(PathAndQuery::try_from(path).ok()?),
            headers: request.headers().clone(),
        })
    }
}

/// A request without a body.
struct Asked {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
}

impl Asked {
    fn request(&self) -> Request {
        let mut request = Request::new(Body::empty());
        request.method_mut().clone_from(&self.method);
        request.uri_mut().clone_from(&self.uri);
        request.headers_mut().clone_from(&self.headers);
        request
    }
}

/// The answer, unless nothing is there.
fn served<B>(answer: Result<axum::http::Response<B>, std::convert::Infallible>) -> Option<Response>
where
    B: axum::body::HttpBody<Data = axum::body::Bytes, Error: Into<axum::BoxError>> + Send + 'static,
{
    let Ok(answer) = answer;
    (answer.status() != StatusCode::NOT_FOUND).then(|| answer.into_response())
}

/// Names that begin with a dot are nobody's business, however they are written.
fn has_hidden_part(path: &str) -> bool {
    let decoded = percent_encoding::percent_decode_str(path).decode_utf8_lossy();
    decoded.split(['/', '\\']).any(|part| part.starts_with('.'))
}

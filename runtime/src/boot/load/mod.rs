//! How much is taken on at once, and how slowly a request may come.
//!
//! A request counts from the last byte of its body to the first of its answer: who sends slowly, or reads slowly, takes
//! nobody's place.

mod coming;
mod passage;

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, HttpBody as _};
use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use tokio::sync::Semaphore;

use self::coming::Coming;
use self::passage::{Passage, Trouble};
use super::ServerConfig;
use super::level::Level;
use crate::Error;
use crate::remoting::{Asked, ErrorHandler, failure};

/// What is taken on.
pub(super) struct Load {
    places: Arc<Semaphore>,
    body_timeout: Duration,
    errors: Arc<ErrorHandler>,
    /// The paths of those who watch the application.
    probes: Vec<String>,
}

impl Load {
    pub fn new(config: &ServerConfig, errors: Arc<ErrorHandler>, probes: Vec<String>) -> Self {
        Load {
            places: Arc::new(Semaphore::new(
                config.max_requests.min(Semaphore::MAX_PERMITS),
            )),
            body_timeout: config.body_timeout,
            errors,
            probes,
        }
    }

    /// The same, for no more at once than is taken on.
    pub fn around(self, within: Level) -> Level {
        let load = Arc::new(self);
        Level::of(move |request| {
            let (load, within) = (load.clone(), within.clone());
            async move { load.admit(request, &within).await }
        })
    }

    async fn admit(&self, request: Request, within: &Level) -> Response {
        if self
            .probes
            .iter()
            .any(|probe| probe == request.uri().path())
        {
            return within.answer(request).await;
        }
        if request.body().is_end_stream() {
            return match self.places.try_acquire() {
                Ok(_place) => within.answer(request).await,
                Err(_) => self.refuse(Trouble::Busy, &Asked::new(request.headers())),
            };
        }
        let asked = Asked::new(request.headers());
        let passage = Arc::new(Passage::new(self.places.clone()));
        let request = request.map(|body| {
            let coming = Coming::new(body, self.body_timeout, passage.clone());
            Body::new(coming)
        });
        let mut response = within.answer(request).await;
        let status = response.status();
        if status.is_client_error() || status.is_server_error() {
            if let Some(trouble) = passage.trouble() {
                response = instead(response, self.refuse(trouble, &asked));
            }
            if !passage.is_whole() {
                // Nobody reads the rest, so the connection ends here; who uses it again would lose a request.
                let close = HeaderValue::from_static("close");
                response.headers_mut().insert(header::CONNECTION, close);
            }
        }
        response
    }

    fn refuse(&self, trouble: Trouble, asked: &Asked) -> Response {
        let error = match trouble {
            Trouble::Busy => Error::new(
                503,
                "the server has as many requests as it takes on at once; try again later",
            )
            .with_code("SERVER_BUSY"),
            Trouble::Slow => Error::new(
                408,
                "the body of the request comes too slowly; send it faster, or less of it",
            )
            .with_name("RequestTimeoutError")
            .with_code("BODY_TIMEOUT"),
        };
        failure(&error, &self.errors, asked)
    }
}

/// The refusal in place of a response that could not know of it. What is said beside it stays, such as what CORS needs.
fn instead(response: Response, refused: Response) -> Response {
    let (mut head, _) = response.into_parts();
    let (said, body) = refused.into_parts();
    head.status = said.status;
    head.headers.remove(header::CONTENT_LENGTH);
    head.headers.remove(header::CONTENT_ENCODING);
    head.headers.extend(said.headers);
    Response::from_parts(head, body)
}

//! Calls that have no request of their own: those of a JSON-RPC request, or over a connection that stays open.
//!
//! Each counts as one all the same: in the access log, in metrics, in traces and before limits.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Uri};
use tracing::Instrument;

use crate::trail::{self, REQUEST_ID, Watched, Witness};
use crate::{Error, Result};

/// How often somebody may call: asked once for each call. What limits requests leaves it in them.
#[derive(Clone)]
pub(crate) struct Quota(Arc<dyn Fn() -> Result<()> + Send + Sync>);

/// How long a call may take. What limits requests leaves it in them.
#[derive(Clone, Copy)]
pub(crate) struct TimeLimit(pub Duration);

/// What calls come by that have no request of their own, for [transports](super::Transport): a request that holds them, or a
/// connection that a request has opened.
///
/// ```
/// use axum::http::request::Parts;
/// use axum::routing::post;
/// use axum::{Json, Router};
/// use loopwright::prelude::*;
/// use loopwright::remoting::{CallArguments, Carrier, Remotes, Transport};
///
/// /// `POST /counts` with a list of models.
/// struct Counts;
///
/// impl Transport for Counts {
///     fn routes(&self, remotes: Remotes) -> Router {
///         let counts = async move |request: Parts, Json(models): Json<Vec<String>>| {
///             let carrier = Carrier::batch(request);
///             let mut counts = Vec::new();
///             for model in models {
///                 let call = carrier.begin();
///                 let count = async {
///                     let method = remotes.method(&format!("{model}.count"));
///                     let method = method.ok_or_else(|| Error::new(404, "There is no such model"))?;
///                     let caller = remotes.caller(call.headers(), carrier.query()).await?;
///                     let arguments = CallArguments::default().with_headers(call.headers().clone());
///                     method.call(caller, arguments).await
///                 };
///                 let counted = call.run(count).await.flatten();
///                 let (status, count) = match counted {
///                     Ok(answer) => (200, answer.data),
///                     Err(error) => (error.status(), remotes.error(&error, call.headers())),
///                 };
///                 call.end(status);
///                 counts.push(count);
///             }
///             Json(counts)
///         };
///         Router::new().route("/", post(counts))
///     }
/// }
///
/// let app = App::new().transport("/counts", Counts);
/// ```
pub struct Carrier {
    headers: HeaderMap,
    uri: Uri,
    way: Way,
    begun: AtomicU64,
    quota: Option<Quota>,
    time_limit: Option<TimeLimit>,
    witness: Option<Arc<dyn Witness>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// A request that is one call.
    Single,
    /// A request that holds several.
    Batch,
    Connection,
}

impl Quota {
    /// A quota of which `take` takes one, or says why there is none left.
    #[cfg(feature = "rate-limit")]
    pub fn new(take: impl Fn() -> Result<()> + Send + Sync + 'static) -> Self {
        Quota(Arc::new(take))
    }

    /// Takes one.
    ///
    /// # Errors
    /// 429 when there is none left.
    pub fn take(&self) -> Result<()> {
        (self.0)()
    }
}

impl TimeLimit {
    /// What `work` comes to within the time.
    ///
    /// # Errors
    /// 503 when the time is over.
    pub async fn keep<T>(self, work: impl Future<Output = T>) -> Result<T> {
        tokio::time::timeout(self.0, work).await.map_err(|_| {
            let message = "The answer takes too long; try again later";
            Error::new(503, message).with_code("REQUEST_TIMEOUT")
        })
    }
}

impl Carrier {
    /// A request that is one call, which is told in its place.
    pub fn single(request: Parts) -> Self {
        trail::carries_calls();
        Carrier::new(request, Way::Single)
    }

    /// A request that holds several calls, which are told in its place. It has taken one of the quota for the first of them, and has
    /// its own time limit.
    pub fn batch(request: Parts) -> Self {
        trail::carries_calls();
        Carrier::new(request, Way::Batch)
    }

    /// A connection that this request has opened. Each call of it takes one of the quota, and has the time that a request has.
    pub fn connection(request: Parts) -> Self {
        Carrier::new(request, Way::Connection)
    }

    fn new(request: Parts, way: Way) -> Self {
        let left = request.extensions;
        Carrier {
            headers: request.headers,
            uri: request.uri,
            way,
            begun: AtomicU64::new(0),
            quota: left.get().cloned(),
            time_limit: left.get().copied(),
            witness: left.get().cloned(),
        }
    }

    /// The headers of the request.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The query string of the request.
    pub fn query(&self) -> Option<&str> {
        self.uri.query()
    }

    /// One more call, which is to be [run](CarriedCall::run) and [ended](CarriedCall::end).
    pub fn begin(&self) -> CarriedCall<'_> {
        let number = self.begun.fetch_add(1, Ordering::Relaxed) + 1;
        let mut headers = self.headers.clone();
        if self.way != Way::Single
            && let Some(id) = headers.get(&REQUEST_ID).and_then(|id| id.to_str().ok())
            && let Ok(id) = HeaderValue::try_from(format!("{id}.{number}"))
        {
            headers.insert(REQUEST_ID, id);
        }
        let witness = self.witness.as_ref();
        let watched = witness.map(|witness| witness.watch(headers.get(&REQUEST_ID)));
        CarriedCall {
            carrier: self,
            headers,
            // The request itself has taken one.
            is_requests_own: number == 1 && self.is_request(),
            watched,
        }
    }

    fn is_request(&self) -> bool {
        matches!(self.way, Way::Single | Way::Batch)
    }
}

/// One of the calls that a [`Carrier`] has brought. It counts as given up if it is dropped before it has [ended](Self::end).
pub struct CarriedCall<'a> {
    carrier: &'a Carrier,
    headers: HeaderMap,
    is_requests_own: bool,
    watched: Option<Box<dyn Watched>>,
}

impl CarriedCall<'_> {
    /// The headers of the request, with an `X-Request-Id` of the call's own: `7f6b.3` is the third call of `7f6b`.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Does the work of the call, watched and within its limits.
    ///
    /// # Errors
    /// 429 for who calls too often, 503 for what takes too long.
    pub async fn run<T>(&self, work: impl Future<Output = T>) -> Result<T> {
        let Carrier {
            quota, time_limit, ..
        } = self.carrier;
        // What is large within is moved by each layer around it.
        let work = Box::pin(work);
        let limited = async {
            if let Some(quota) = quota.as_ref().filter(|_| !self.is_requests_own) {
                quota.take()?;
            }
            match time_limit {
                // The time of a request is kept around it.
                Some(limit) if !self.carrier.is_request() => limit.keep(work).await,
                _ => Ok(work.await),
            }
        };
        match &self.watched {
            Some(watched) => {
                let limited = limited.instrument(watched.span());
                watched.trail().follow(limited).await
            }
            None => limited.await,
        }
    }

    /// It has been answered as REST would answer with this status.
    pub fn end(mut self, status: u16) {
        if let Some(watched) = &mut self.watched {
            watched.ended(status);
        }
    }
}

impl fmt::Debug for Carrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Carrier").finish_non_exhaustive()
    }
}

impl fmt::Debug for CarriedCall<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CarriedCall").finish_non_exhaustive()
    }
}

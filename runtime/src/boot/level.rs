//! What answers requests, with all that is within it.

use std::convert::Infallible;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::response::Response;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tower::{Service, ServiceExt as _, service_fn};

/// A level of the application, and those that are within it.
///
/// A router does the same, but at several allocations and copies for each level and request: only what somebody may have put
/// paths or layers into is one.
#[derive(Clone)]
pub(super) struct Level(Arc<Answer>);

type Answer = dyn Fn(Request) -> BoxFuture<'static, Response> + Send + Sync;

impl Level {
    /// What `answer` answers.
    pub fn of<F, Fut>(answer: F) -> Self
    where
        F: Fn(Request) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Response> + Send + 'static,
    {
        Level(Arc::new(move |request| answer(request).boxed()))
    }

    /// What another level answers, which `choose` finds.
    pub fn to<F>(choose: F) -> Self
    where
        F: Fn(Request) -> BoxFuture<'static, Response> + Send + Sync + 'static,
    {
        Level(Arc::new(choose))
    }

    pub fn answer(&self, request: Request) -> BoxFuture<'static, Response> {
        (self.0)(request)
    }

    /// The level as a service, for layers.
    pub fn into_service(
        self,
    ) -> impl Service<Request, Response = Response, Error = Infallible, Future: Send> + Clone + Send + Sync
    {
        service_fn(move |request| self.answer(request).map(Ok))
    }

    /// The level as a router, for what goes around routers.
    pub fn into_router(self) -> Router {
        Router::new().fallback_service(self.into_service())
    }
}

impl From<Router> for Level {
    fn from(router: Router) -> Self {
        Level::of(move |request| {
            let answer = router.clone().oneshot(request);
            async {
                let Ok(response) = answer.await;
                response
            }
        })
    }
}

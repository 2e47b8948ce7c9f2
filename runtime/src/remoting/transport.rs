//! Other ways to the same methods than REST.

use axum::Router;

use super::Remotes;

/// A way to call the methods of an application: what LoopBack's remoting calls an adapter.
///
/// A transport reads calls off the wire and writes answers; everything between is done by [`Remotes`], the same for all of
/// them: who calls, the access decision, remote hooks, coercion and the pipeline. [`App::transport`](crate::App::transport)
/// mounts one at a path. A request that calls a method counts as that call; where a request, or a connection, brings several,
/// a [`Carrier`](super::Carrier) has each of them count. [`JsonRpc`](super::JsonRpc) is one, and so is `WebSocket` (cargo feature `web-socket`).
///
/// ```
/// use axum::extract::Path;
/// use axum::http::HeaderMap;
/// use axum::routing::post;
/// use axum::{Json, Router};
/// use loopwright::prelude::*;
/// use loopwright::remoting::{CallArguments, Remotes, Transport};
///
/// /// `POST /calls/Note.count` with the arguments as JSON.
/// struct Calls;
///
/// impl Transport for Calls {
///     fn routes(&self, remotes: Remotes) -> Router {
///         let call = async move |Path(name): Path<String>, headers: HeaderMap, Json(sent): Json<serde_json::Value>| {
///             let method = remotes.method(&name).ok_or_else(|| Error::new(404, "There is no such method"))?;
///             let caller = remotes.caller(&headers, None).await?;
///             let arguments = CallArguments::from_json(sent)?.with_headers(headers);
///             let answer = method.call(caller, arguments).await?;
///             Ok::<_, Error>(Json(answer.data))
///         };
///         Router::new().route("/{name}", post(call))
///     }
/// }
///
/// #[derive(Model)]
/// #[acl(open)]
/// struct Note {
///     #[model(id, generated)]
///     id: i64,
///     text: String,
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// # use axum::body::Body;
/// # use axum::http::Request;
/// # use tower::ServiceExt;
/// let app = App::new().data_source("db", "memory:").models::<(Note,)>();
/// let router = app.transport("/calls", Calls).into_router().await?;
/// let request = Request::post("/calls/Note.count").header("content-type", "application/json");
/// # let request = request.body(Body::from(r#"{"where":{"text":"Buy milk"}}"#)).unwrap();
/// # let response = router.oneshot(request).await.unwrap();
/// # let body = axum::body::to_bytes(response.into_body(), 100).await.unwrap();
/// # assert_eq!(body, r#"{"count":0}"#);
/// # Ok(())
/// # }
/// ```
pub trait Transport: Send + Sync + 'static {
    /// The routes below the path that the transport is mounted at. A handler may fail with an [`Error`](crate::Error), which is
    /// answered as REST answers it.
    fn routes(&self, remotes: Remotes) -> Router;
}

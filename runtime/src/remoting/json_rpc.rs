//! Methods by JSON-RPC 2.0 (contract *remoting.md* §9).
//!
//! LoopBack's addresses are `POST <path>/<Model>/jsonrpc`, with the method's name alone; at `<path>` itself the name is
//! `Model.method`. A batch is done in order, one call after the other. Each call counts as a request of REST does.

use std::sync::Arc;

use axum::Router;
use axum::extract::{OriginalUri, Path, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::{Map, Value as Json, json};

use super::carrier::Carrier;
use super::idempotency::{Idempotency, Keyed};
use super::response::{JSON, with_body};
use super::{CallArguments, RemoteMethod, Remotes, Transport, body};
use crate::{Error, Result};

/// What can't be read, and what a method refuses.
const REFUSED: i32 = -32000;
const INVALID_REQUEST: i32 = -32600;
const METHOD_NOT_FOUND: i32 = -32601;
const INVALID_PARAMS: i32 = -32602;
/// What fails inside the server.
const INTERNAL: i32 = -32603;

/// JSON-RPC 2.0 as a [transport](Transport), which the configuration mounts as `json_rpc`.
///
/// | request | answer |
/// |---|---|
/// | `params` as an object | arguments by name, the `id` of an instance among them |
/// | `params` as a list | every argument in LoopBack's order, `id` first, null for one that is not given |
/// | a list of requests | a list of answers, in order |
/// | no `id` | a notification: 204, or no part of the list |
/// | a call that is refused, or that does not fit | error -32000 with the REST error as its `data` |
/// | a failure of the server | error -32603 with the REST error as its `data` |
/// | `Idempotency-Key` with one call | done once, as a `POST` of REST, where `idempotency.data_source` is configured; error -32600 with a batch |
/// | malformed JSON | status 400, error -32000 |
///
/// ```
/// use loopwright::prelude::*;
/// use loopwright::remoting::JsonRpc;
///
/// let app = App::new().transport("/rpc", JsonRpc::new().max_calls(10));
/// ```
#[derive(Debug, Clone)]
pub struct JsonRpc {
    max_calls: usize,
}

impl JsonRpc {
    /// How many calls a batch may have, unless said.
    pub(crate) const MAX_CALLS: usize = 50;

    /// With batches of up to 50 calls.
    pub fn new() -> Self {
        JsonRpc {
            max_calls: Self::MAX_CALLS,
        }
    }

    /// With batches of up to so many calls.
    #[must_use]
    pub fn max_calls(mut self, calls: usize) -> Self {
        self.max_calls = calls.max(1);
        self
    }
}

impl Default for JsonRpc {
    fn default() -> Self {
        JsonRpc::new()
    }
}

impl Transport for JsonRpc {
    fn routes(&self, remotes: Remotes) -> Router {
        let whole = Arc::new(Adapter {
            remotes,
            max_calls: self.max_calls,
        });
        let of_model = whole.clone();
        let at_model =
            async move |Path(model): Path<String>, uri: OriginalUri, request: Request| {
                of_model.of_model(&model, &uri, request).await
            };
        let at_root = async move |request: Request| whole.answer(None, request).await;
        Router::new()
            .route("/{model}/jsonrpc", post(at_model))
            .route("/", post(at_root))
    }
}

struct Adapter {
    remotes: Remotes,
    max_calls: usize,
}

/// What a call comes to.
struct Reply {
    /// As REST has it.
    status: u16,
    /// Nothing for who wants to hear nothing.
    said: Option<Json>,
    headers: HeaderMap,
}

/// Why a call has no result: its status as REST has it, and the member `error` of the answer.
struct Refusal {
    status: u16,
    error: Json,
}

impl Adapter {
    async fn of_model(
        self: &Arc<Self>,
        model: &str,
        uri: &Uri,
        request: Request,
    ) -> Result<Response> {
        if !self.remotes.has_model(model) {
            return Err(Error::new(404, format!("Cannot POST {}", uri.path())));
        }
        Ok(self.answer(Some(model), request).await)
    }

    /// Answers what was sent to the address of `model`, or to that of all models.
    async fn answer(self: &Arc<Self>, model: Option<&str>, request: Request) -> Response {
        let (parts, body) = request.into_parts();
        let read = async {
            let bytes = body::bytes(&parts.headers, body, self.remotes.body_limit()).await?;
            let json = body::json(&parts.headers, &bytes)?;
            Ok((bytes, json))
        };
        let (bytes, json) = match read.await {
            Ok(read) => read,
            Err(error) => return self.unreadable(&error, &parts.headers),
        };
        let idempotency = self.remotes.idempotency();
        let idempotency = idempotency.filter(|one| one.concerns(&parts.method, &parts.headers));
        match (json, idempotency) {
            (Json::Array(_), Some(_)) => {
                let message =
                    "A batch has no Idempotency-Key; send the call alone that is to be done once";
                let error = Error::new(400, message).with_code("IDEMPOTENCY_KEY_OF_BATCH");
                self.unfit(Some(&error), &parts.headers)
            }
            (Json::Array(batch), None) => self.batch(model, batch, parts).await,
            (json, None) => {
                let reply = self.reply(model, json, &Carrier::single(parts)).await;
                said(reply.into_response())
            }
            (json, Some(idempotency)) => {
                self.once(idempotency.clone(), model, json, &bytes, parts)
                    .await
            }
        }
    }

    async fn batch(&self, model: Option<&str>, batch: Vec<Json>, request: Parts) -> Response {
        if batch.is_empty() {
            return self.unfit(None, &request.headers);
        }
        if batch.len() > self.max_calls {
            let message = format!("A batch has 1 to {} calls", self.max_calls);
            let error = Error::new(413, message).with_code("TOO_MANY_CALLS");
            return self.unfit(Some(&error), &request.headers);
        }
        let carrier = Carrier::batch(request);
        let mut answers = Vec::new();
        for json in batch {
            // A header is about one answer.
            answers.extend(self.reply(model, json, &carrier).await.said);
        }
        match answers.is_empty() {
            true => StatusCode::NO_CONTENT.into_response(),
            false => response(StatusCode::OK, &Json::Array(answers), HeaderMap::new()),
        }
    }

    async fn reply(&self, model: Option<&str>, json: Json, carrier: &Carrier) -> Reply {
        let carried = carrier.begin();
        let (id, call) = Call::parse(json);
        let outcome = carried
            .run(self.outcome(model, call, carrier, carried.headers()))
            .await
            .unwrap_or_else(|limited| Err(self.refusal(&limited, carried.headers())));
        let reply = Reply::new(id.as_ref(), outcome);
        carried.end(reply.status);
        reply
    }

    /// Answers a call that is to be done once, as it was answered before if it was.
    async fn once(
        self: &Arc<Self>,
        idempotency: Idempotency,
        model: Option<&str>,
        json: Json,
        bytes: &[u8],
        request: Parts,
    ) -> Response {
        // The path below which transports are does not belong to them.
        let whole = request.extensions.get::<OriginalUri>();
        let path = whole.map_or(&request.uri, |OriginalUri(uri)| uri);
        let path = path.path_and_query().map_or("", |path| path.as_str());
        let keyed = Keyed::new(&request.headers, path, bytes);
        let carrier = Arc::new(Carrier::single(request));
        let carried = carrier.begin();
        let (id, call) = Call::parse(json);
        let answer = {
            let (adapter, carrier, headers) =
                (self.clone(), carrier.clone(), carried.headers().clone());
            let (model, id) = (model.map(str::to_owned), id.clone());
            async move {
                let outcome = adapter.outcome(model.as_deref(), call, &carrier, &headers);
                Reply::new(id.as_ref(), outcome.await).into_response()
            }
        };
        let answer = async { idempotency.answer(keyed?, answer).await };
        let answered = carried.run(answer).await.flatten();
        let answered = answered.unwrap_or_else(|error| {
            let refusal = self.refusal(&error, carried.headers());
            Reply::new(id.as_ref(), Err(refusal)).into_response()
        });
        carried.end(answered.status().as_u16());
        said(answered)
    }

    async fn outcome(
        &self,
        model: Option<&str>,
        call: Option<Call>,
        carrier: &Carrier,
        headers: &HeaderMap,
    ) -> std::result::Result<(Json, HeaderMap), Refusal> {
        let unfit = |status, code, message| {
            let error = error(code, message, None);
            Err(Refusal { status, error })
        };
        let Some(call) = call else {
            return unfit(400, INVALID_REQUEST, "Invalid request");
        };
        let name = match model {
            Some(model) => format!("{model}.{}", call.method),
            None => call.method,
        };
        let Some(method) = self.remotes.method(&name) else {
            return unfit(404, METHOD_NOT_FOUND, "Method not found");
        };
        let counted = call.params.len_listed();
        if counted.is_some_and(|counted| counted != method.arguments().len()) {
            return unfit(400, INVALID_PARAMS, "Invalid method parameter(s)");
        }
        let params = call.params.with_headers(headers.clone());
        let run = self.run(method, params, carrier).await;
        run.map_err(|error| self.refusal(&error, headers))
    }

    async fn run(
        &self,
        method: RemoteMethod<'_>,
        params: CallArguments,
        carrier: &Carrier,
    ) -> Result<(Json, HeaderMap)> {
        let (headers, query) = (carrier.headers(), carrier.query());
        let caller = self.remotes.caller(headers, query).await?;
        let mut answer = method.call(caller, params).await?;
        // LoopBack's result is the value itself, without the object that REST has around it.
        let named = method.named_answer();
        let value = named.and_then(|name| answer.data.get_mut(name).map(Json::take));
        Ok((value.unwrap_or(answer.data), answer.headers))
    }

    fn refusal(&self, refused: &Error, headers: &HeaderMap) -> Refusal {
        let data = Some(self.remotes.error(refused, headers));
        Refusal {
            status: refused.status(),
            error: match refused.status() {
                500.. => error(INTERNAL, "Internal error", data),
                _ => error(REFUSED, refused.message(), data),
            },
        }
    }

    /// What is sent can't be answered call by call.
    fn unfit(&self, why: Option<&Error>, headers: &HeaderMap) -> Response {
        let data = why.map(|why| self.remotes.error(why, headers));
        let error = error(INVALID_REQUEST, "Invalid request", data);
        let json = failed(&Json::Null, error);
        response(StatusCode::OK, &json, HeaderMap::new())
    }

    fn unreadable(&self, unread: &Error, headers: &HeaderMap) -> Response {
        let status = StatusCode::from_u16(unread.status()).unwrap_or(StatusCode::BAD_REQUEST);
        let data = self.remotes.error(unread, headers);
        let error = error(REFUSED, "Server error", Some(data));
        response(status, &failed(&Json::Null, error), HeaderMap::new())
    }
}

impl Reply {
    fn new(id: Option<&Json>, outcome: std::result::Result<(Json, HeaderMap), Refusal>) -> Self {
        match outcome {
            Ok((result, headers)) => Reply {
                status: 200,
                said: id.map(|id| succeeded(id, result)),
                headers,
            },
            Err(Refusal { status, error }) => Reply {
                status,
                said: id.map(|id| failed(id, error)),
                headers: HeaderMap::new(),
            },
        }
    }

    /// As a response with the status of REST.
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status);
        let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        match self.said {
            Some(json) => response(status, &json, self.headers),
            None => status.into_response(),
        }
    }
}

/// The response with the status of JSON-RPC, which tells nothing but whether there is something to hear.
fn said(mut response: Response) -> Response {
    *response.status_mut() = match response.headers().contains_key(header::CONTENT_TYPE) {
        true => StatusCode::OK,
        false => StatusCode::NO_CONTENT,
    };
    response
}

/// One call.
struct Call {
    method: String,
    params: CallArguments,
}

impl Call {
    /// The call that `json` is, if it is one, and the id of its answer; none for a notification.
    fn parse(json: Json) -> (Option<Json>, Option<Self>) {
        const NO_CALL: (Option<Json>, Option<Call>) = (Some(Json::Null), None);
        let Json::Object(mut members) = json else {
            return NO_CALL;
        };
        let version = members.get("jsonrpc").and_then(Json::as_str);
        if version != Some("2.0") {
            return NO_CALL;
        }
        let Some(Json::String(method)) = members.shift_remove("method") else {
            return NO_CALL;
        };
        let id = members.shift_remove("id");
        let identifies = |id: &Json| id.is_string() || id.is_number() || id.is_null();
        if !id.as_ref().is_none_or(identifies) {
            return NO_CALL;
        }
        let params = members.shift_remove("params").unwrap_or_default();
        match CallArguments::from_json(params) {
            Ok(params) => (id, Some(Call { method, params })),
            Err(_) => NO_CALL,
        }
    }
}

fn succeeded(id: &Json, result: Json) -> Json {
    json!({ "jsonrpc": "2.0", "id": id, "result": result })
}

fn failed(id: &Json, error: Json) -> Json {
    json!({ "jsonrpc": "2.0", "id": id, "error": error })
}

fn error(code: i32, message: &str, data: Option<Json>) -> Json {
    let mut error = Map::new();
    error.insert("code".into(), code.into());
    error.insert("message".into(), message.into());
    error.extend(data.map(|data| ("data".to_owned(), data)));
    Json::Object(error)
}

/// Where a method or its hooks have said something in headers, the answer to its one call has them, too.
fn response(status: StatusCode, json: &Json, told: HeaderMap) -> Response {
    let mut response = with_body(status, JSON, json.to_string().into());
    let headers = response.headers_mut();
    headers.extend(told);
    headers.insert(header::CONTENT_TYPE, JSON);
    // It is no script, whatever a page takes it for.
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    response
}

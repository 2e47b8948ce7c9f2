//! Methods by JSON-RPC 2.0 (contract *remoting.md* §9).
//!
//! LoopBack's addresses are `POST <path>/<Model>/jsonrpc`, with the method's name alone; at `<path>` itself the name is
//! `Model.method`. A batch is done in order, one call after the other. Each call counts as a request of REST does.

use std::sync::Arc;

use axum::Router;
use axum::extract::{OriginalUri, Path, Request};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::{Map, Value as Json, json};

use super::carrier::Carrier;
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
enum Reply {
    /// The caller wants to hear nothing.
    Silence,
    Said(Json, HeaderMap),
}

/// Why a call has no result: its status as REST has it, and the member `error` of the answer.
struct Refusal {
    status: u16,
    error: Json,
}

impl Adapter {
    async fn of_model(&self, model: &str, uri: &Uri, request: Request) -> Result<Response> {
        if !self.remotes.has_model(model) {
            return Err(Error::new(404, format!("Cannot POST {}", uri.path())));
        }
        Ok(self.answer(Some(model), request).await)
    }

    /// Answers what was sent to the address of `model`, or to that of all models.
    async fn answer(&self, model: Option<&str>, request: Request) -> Response {
        let (parts, body) = request.into_parts();
        let json = match body::json(&parts.headers, body, self.remotes.body_limit()).await {
            Ok(json) => json,
            Err(error) => return self.unreadable(&error, &parts.headers),
        };
        let Json::Array(batch) = json else {
            return match self.reply(model, json, &Carrier::single(parts)).await {
                Reply::Silence => StatusCode::NO_CONTENT.into_response(),
                Reply::Said(json, headers) => response(StatusCode::OK, &json, headers),
            };
        };
        if batch.is_empty() || batch.len() > self.max_calls {
            let message = format!("A batch has 1 to {} calls", self.max_calls);
            let data = Error::new(413, message).with_code("TOO_MANY_CALLS");
            let data = self.remotes.error(&data, &parts.headers);
            let data = (!batch.is_empty()).then_some(data);
            let error = error(INVALID_REQUEST, "Invalid request", data);
            return response(
                StatusCode::OK,
                &failed(&Json::Null, error),
                HeaderMap::new(),
            );
        }
        let carrier = Carrier::batch(parts);
        let mut said = Vec::new();
        for json in batch {
            match self.reply(model, json, &carrier).await {
                Reply::Silence => {}
                // A header is about one answer.
                Reply::Said(json, _) => said.push(json),
            }
        }
        match said.is_empty() {
            true => StatusCode::NO_CONTENT.into_response(),
            false => response(StatusCode::OK, &Json::Array(said), HeaderMap::new()),
        }
    }

    async fn reply(&self, model: Option<&str>, json: Json, carrier: &Carrier) -> Reply {
        let carried = carrier.begin();
        let call = Call::parse(json);
        let (id, is_wanted) = match &call {
            Some(call) => (call.id.clone().unwrap_or_default(), call.id.is_some()),
            None => (Json::Null, true),
        };
        let outcome = carried
            .run(self.outcome(model, call, carrier, &carried.headers))
            .await
            .unwrap_or_else(|limited| Err(self.refusal(&limited, &carried.headers)));
        let (status, json, headers) = match outcome {
            Ok((result, headers)) => (200, succeeded(&id, result), headers),
            Err(Refusal { status, error }) => (status, failed(&id, error), HeaderMap::new()),
        };
        carried.end(status);
        match is_wanted {
            true => Reply::Said(json, headers),
            false => Reply::Silence,
        }
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

    fn unreadable(&self, unread: &Error, headers: &HeaderMap) -> Response {
        let status = StatusCode::from_u16(unread.status()).unwrap_or(StatusCode::BAD_REQUEST);
        let data = self.remotes.error(unread, headers);
        let error = error(REFUSED, "Server error", Some(data));
        response(status, &failed(&Json::Null, error), HeaderMap::new())
    }
}

/// One call.
struct Call {
    method: String,
    params: CallArguments,
    /// None for a notification.
    id: Option<Json>,
}

impl Call {
    /// The call that `json` is, if it is one.
    fn parse(json: Json) -> Option<Self> {
        let Json::Object(mut members) = json else {
            return None;
        };
        let version = members.get("jsonrpc").and_then(Json::as_str);
        if version != Some("2.0") {
            return None;
        }
        let Some(Json::String(method)) = members.shift_remove("method") else {
            return None;
        };
        let id = members.shift_remove("id");
        let identifies = |id: &Json| id.is_string() || id.is_number() || id.is_null();
        if !id.as_ref().is_none_or(identifies) {
            return None;
        }
        let params = members.shift_remove("params").unwrap_or_default();
        let params = CallArguments::from_json(params).ok()?;
        Some(Call { method, params, id })
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

//! Requests that are sent twice and done once: `Idempotency-Key` on `POST` (draft-ietf-httpapi-idempotency-key-header).
//!
//! Where the configuration names a key-value store, the answer to a request with a key is kept there for a while, and
//! answered again to the same request. A client that has lost the answer may so ask again, whatever became of the first
//! request; on whichever instance, if all use one store.

use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody as _, to_bytes};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use base64::prelude::{BASE64_STANDARD, Engine as _};
use futures_util::FutureExt as _;
use serde_json::{Map, Value as Json, json};
use sha2::{Digest as _, Sha256};

use crate::connectors::key_value::KeyValueStore;
use crate::model::{ModelDef, PropertyDef};
use crate::{Error, Result, trail};

const KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Where LoopBack's clients put their token, too.
const ACCESS_TOKEN: HeaderName = HeaderName::from_static("x-access-token");

/// Says that an answer was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// How long a request may be on its way: should the program end meanwhile, the key is free again after this time.
const LONGEST_REQUEST: Duration = Duration::from_secs(60);

/// What of an answer is answered again; the rest belongs to the one request.
const KEPT: [HeaderName; 4] = [
    header::CONTENT_TYPE,
    header::ETAG,
    header::LOCATION,
    header::LINK,
];

/// What the answers are kept as.
static ANSWER: ModelDef = ModelDef::key_value(
    "IdempotencyKey",
    "",
    &[PropertyDef::KEY, PropertyDef::of::<Json>("value", "value")],
)
.private();

/// The answers that were given.
#[derive(Clone)]
pub(crate) struct Idempotency {
    pub store: Arc<dyn KeyValueStore>,
    /// How long an answer is kept.
    pub ttl: Duration,
}

/// A request with a key of its own.
pub(crate) struct Keyed {
    /// The key as this caller's, for this path.
    key: String,
    /// What else the request says, by which a key that is used for two things is found out.
    fingerprint: String,
}

impl Idempotency {
    /// Is this a request that is to be done once?
    pub fn concerns(&self, method: &Method, headers: &HeaderMap) -> bool {
        method == Method::POST && headers.contains_key(KEY)
    }

    /// Answers the request as it was answered before, or else by `answer`: to its end, also when the caller leaves, since who asks
    /// again is told how it went.
    ///
    /// # Errors
    /// 409 while the first request is on its way, 422 for a key of another request, 503 when the store can't be reached.
    pub async fn answer(
        self,
        keyed: Keyed,
        answer: impl Future<Output = Response> + Send + 'static,
    ) -> Result<Response> {
        let work = async move { self.answered(&keyed, answer).await };
        match tokio::spawn(trail::carried(work)).await {
            Ok(answered) => answered,
            // As any other panic: what stands around all requests answers it.
            Err(error) => match error.try_into_panic() {
                Ok(panic) => resume_unwind(panic),
                Err(error) => Err(Error::internal("a request was given up").with_source(error)),
            },
        }
    }

    async fn answered(
        &self,
        keyed: &Keyed,
        answer: impl Future<Output = Response>,
    ) -> Result<Response> {
        let begun = json!({ "fingerprint": keyed.fingerprint });
        let store = &self.store;
        let key = &keyed.key;
        if !store
            .create(&ANSWER, key, begun, Some(LONGEST_REQUEST))
            .await?
        {
            // It may have gone just now; then the caller asks again.
            let given = store.get(&ANSWER, key).await?.unwrap_or_default();
            return keyed.again(given);
        }
        let answered = AssertUnwindSafe(answer).catch_unwind().await;
        let (response, kept) = match answered {
            Ok(response) => keep(response, &keyed.fingerprint).await?,
            Err(panic) => {
                // Whether it can be freed or not, the panic is what there is to tell.
                let _ = store.delete(&ANSWER, key).await;
                resume_unwind(panic);
            }
        };
        let kept = match kept {
            Some(kept) => store.set(&ANSWER, key, kept, Some(self.ttl)).await,
            // Nothing was done, or nothing that could be answered again: the next attempt is the first.
            None => store.delete(&ANSWER, key).await.map(drop),
        };
        if let Err(error) = kept {
            tracing::warn!("the answer to a request with an Idempotency-Key is not kept: {error}");
        }
        Ok(response)
    }
}

impl Keyed {
    /// The request with these headers and this body, to `path` with its query string.
    ///
    /// # Errors
    /// 400 for a key that is none.
    pub fn new(headers: &HeaderMap, path: &str, body: &[u8]) -> Result<Self> {
        let key = headers.get(KEY).and_then(|key| key.to_str().ok());
        let key = key.filter(|key| (1..=255).contains(&key.len()));
        let key = key.ok_or_else(|| {
            let message = "The Idempotency-Key is not valid; send 1 to 255 letters, such as a UUID";
            Error::new(400, message).with_code("INVALID_IDEMPOTENCY_KEY")
        })?;
        let bytes = |name| headers.get(name).map_or(&[][..], HeaderValue::as_bytes);
        // Nobody gets what another one was answered: a caller is told by its token, wherever it stands. The query string
        // is such a place.
        let caller = [header::AUTHORIZATION, header::COOKIE, ACCESS_TOKEN].map(bytes);
        let place = [path.as_bytes(), key.as_bytes()];
        Ok(Keyed {
            key: digest(&[&caller[..], &place].concat()),
            fingerprint: digest(&[bytes(header::CONTENT_TYPE), body]),
        })
    }

    /// The answer to the same request, given before.
    fn again(&self, given: Json) -> Result<Response> {
        if given["fingerprint"].is_string() && given["fingerprint"] != *self.fingerprint {
            let message = "The Idempotency-Key was sent with another request; send each request with a key of its own";
            return Err(Error::new(422, message).with_code("IDEMPOTENCY_KEY_REUSED"));
        }
        let status = given["status"]
            .as_u64()
            .and_then(|status| u16::try_from(status).ok());
        let status = status.and_then(|status| StatusCode::from_u16(status).ok());
        let body = given["body"]
            .as_str()
            .and_then(|body| BASE64_STANDARD.decode(body).ok());
        let (Some(status), Some(body)) = (status, body) else {
            let message =
                "The request with this Idempotency-Key is on its way; send it again later";
            return Err(Error::new(409, message).with_code("IDEMPOTENCY_KEY_IN_USE"));
        };
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        for name in KEPT {
            let value = given["headers"][name.as_str()].as_str();
            if let Some(Ok(value)) = value.map(HeaderValue::from_str) {
                headers.insert(name, value);
            }
        }
        headers.insert(REPLAYED, HeaderValue::from_static("true"));
        Ok(response)
    }
}

/// Distinct for distinct lists of parts, whoever has made them up.
fn digest(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    BASE64_STANDARD.encode(hash.finalize())
}

/// The response, and what is kept of it: nothing of a failure of the server, of one that another attempt may not meet, of a
/// stream, and of what says that nobody is to keep it.
async fn keep(response: Response, fingerprint: &str) -> Result<(Response, Option<Json>)> {
    let status = response.status();
    let passing = matches!(
        status,
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS
    );
    let known = response.body().size_hint().exact().is_some();
    let headers = response.headers().get(header::CACHE_CONTROL);
    let secret = headers.is_some_and(|value| value == "no-store");
    if status.is_server_error() || passing || !known || secret {
        return Ok((response, None));
    }
    let (parts, body) = response.into_parts();
    let bytes: Bytes = to_bytes(body, usize::MAX)
        .await
        .map_err(|error| Error::internal("an answer has broken off").with_source(error))?;
    let headers = KEPT.iter().filter_map(|name| {
        let value = parts.headers.get(name)?.to_str().ok()?;
        Some((name.as_str().to_owned(), Json::from(value)))
    });
    let kept = json!({
        "fingerprint": fingerprint,
        "status": status.as_u16(),
        "headers": Map::from_iter(headers),
        "body": BASE64_STANDARD.encode(&bytes),
    });
    Ok((Response::from_parts(parts, Body::from(bytes)), Some(kept)))
}

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Request, header};
use axum::routing::post;
use loopwright::remoting::Envelope;
use loopwright::{App, Config, Error};
use serde_json::{Map, Value as Json};
use tokio::runtime::Builder;

use crate::answer::Answer;

/// An `Accept` in the first line, and an error as JSON: whatever it says, the answer is JSON, XML or HTML, as its header says.
///
/// # Panics
/// It is not.
pub fn failure(data: &[u8]) {
    thread_local! {
        static ROUTERS: Vec<Router> = vec![router(Envelope::Strong, true), router(Envelope::Strong, false), router(Envelope::Rest, true)];
    }
    let (accept, body) = match data.iter().position(|byte| *byte == b'\n') {
        Some(end) => (&data[..end], &data[end + 1..]),
        None => (data, &data[data.len()..]),
    };
    let Ok(accept) = HeaderValue::from_bytes(accept) else {
        return;
    };
    let runtime = Builder::new_current_thread().build().unwrap();
    ROUTERS.with(|routers| {
        for router in routers {
            let request = Request::post("/fail").header(header::ACCEPT, accept.clone());
            let request = request.body(Body::from(body.to_vec())).unwrap();
            runtime.block_on(async {
                let method = request.method().clone();
                let response = tower::ServiceExt::oneshot(router.clone(), request)
                    .await
                    .unwrap();
                Answer::read(&method, data, response).await
            });
        }
    });
}

fn router(envelope: Envelope, debug: bool) -> Router {
    let mut config = Config::default();
    config.errors.envelope = envelope;
    config.errors.safe_fields = vec!["extra".into()];
    config.debug = debug;
    let routes = Router::new().route("/fail", post(fail));
    let app = App::new()
        .config(config)
        .data_source("db", "memory:")
        .routes(routes);
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(app.into_router()).unwrap()
}

/// Fails as it is told to.
async fn fail(_: HeaderMap, body: axum::body::Bytes) -> Result<(), Error> {
    let mut told: Map<String, Json> = serde_json::from_slice(&body).unwrap_or_default();
    let mut text = |name: &str| match told.remove(name) {
        Some(Json::String(text)) => Some(text),
        _ => None,
    };
    let (name, message, code) = (text("name"), text("message"), text("code"));
    let mut error = Error::new(418, message.unwrap_or_default());
    if let Some(name) = name {
        error = error.with_name(name);
    }
    if let Some(code) = code {
        error = error.with_code(code);
    }
    // Who fails says these by the status alone.
    told.retain(|key, _| !matches!(key.as_str(), "status" | "statusCode"));
    for (key, value) in told {
        error = match key.as_str() {
            "details" => error.with_details(value),
            _ => error.with_property(key, value),
        };
    }
    Err(error)
}

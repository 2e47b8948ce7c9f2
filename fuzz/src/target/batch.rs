use axum::body::Body;
use axum::http::{Request, header};
use serde_json::Value as Json;

use crate::served::served;

/// A call by JSON-RPC, or a batch of them: each that has an id is answered under it, and none by a failure of the server.
///
/// # Panics
/// An answer is none, or not what it must be.
pub fn batch(data: &[u8]) {
    let request = Request::post("/rpc").header(header::CONTENT_TYPE, "application/json");
    let request = request.body(Body::from(data.to_vec())).unwrap();
    let answers = served(|served| served.answer(data, vec![request]));
    let replies = match &answers[0].json {
        Some(Json::Array(replies)) => replies.as_slice(),
        Some(reply) => std::slice::from_ref(reply),
        None => &[],
    };
    for reply in replies {
        assert_eq!(reply["jsonrpc"], "2.0", "{reply}");
        assert!(
            reply.get("result").is_some() != reply.get("error").is_some(),
            "{reply}"
        );
        assert_ne!(reply["error"]["code"], -32603, "{reply}");
    }
    if let Ok(Json::Array(calls)) = serde_json::from_slice(data)
        && replies.len() > 1
    {
        let asked = calls.iter().map(|call| &call["id"]);
        let asked: Vec<_> = asked
            .filter(|id| id.is_string() || id.is_number())
            .collect();
        for reply in replies.iter().filter(|reply| !reply["id"].is_null()) {
            assert!(asked.contains(&&reply["id"]), "{reply}");
        }
    }
}

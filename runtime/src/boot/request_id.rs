//! The id of a request, by which its answer and its lines in the log are found.

use axum::extract::Request;
use axum::http::HeaderValue;
use axum::http::header::Entry;
use axum::response::Response;
use uuid::Uuid;

use super::level::Level;
use crate::trail::REQUEST_ID;

/// Each request has an id, its own unless the caller has given it one; the answer tells it.
pub(super) fn identified(within: Level) -> Level {
    Level::of(move |mut request: Request| {
        let id = id(&mut request);
        let answer = within.answer(request);
        async move {
            let mut response: Response = answer.await;
            if let Entry::Vacant(place) = response.headers_mut().entry(REQUEST_ID) {
                place.insert(id);
            }
            response
        }
    })
}

fn id(request: &mut Request) -> HeaderValue {
    match request.headers_mut().entry(REQUEST_ID) {
        Entry::Occupied(given) => given.get().clone(),
        Entry::Vacant(place) => place.insert(fresh()).clone(),
    }
}

fn fresh() -> HeaderValue {
    let mut text = Uuid::encode_buffer();
    let text = Uuid::new_v4().hyphenated().encode_lower(&mut text);
    // Digits and hyphens are always a value.
    HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static("-"))
}

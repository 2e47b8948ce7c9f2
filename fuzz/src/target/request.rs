use axum::http::{Request, header};

use crate::exchange::requests;
use crate::served::served;

/// Up to five requests, one after the other, as [`exchange`](crate::exchange) writes them. Where an answer names the page
/// before or after it, that page is there.
///
/// # Panics
/// An answer is not what answers must be: see [`Answer::read`](crate::answer::Answer::read).
pub fn request(data: &[u8]) {
    served(|served| {
        for request in requests(data) {
            let (path, headers) = (request.uri().path().to_owned(), request.headers().clone());
            let answers = served.answer(data, vec![request]);
            for link in answers[0].headers.get_all(header::LINK) {
                let link = link.to_str().unwrap();
                let queries = link.split('<').filter_map(|link| link.split_once('>'));
                for (query, _) in queries.filter(|(query, _)| query.starts_with('?')) {
                    let mut next = Request::get(format!("{path}{query}"));
                    next.headers_mut().unwrap().extend(headers.clone());
                    let next = next.body(axum::body::Body::empty()).unwrap();
                    let answers = served.answer(data, vec![next]);
                    assert!(!answers[0].status.is_client_error(), "{path}{query}");
                }
            }
        }
    });
}

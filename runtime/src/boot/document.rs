//! The OpenAPI document over HTTP, whole and as far as it concerns some callers.

use std::sync::OnceLock;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Uri, header};
use axum::response::Response;
use utoipa::openapi::OpenApi;

use super::description::Description;
use crate::access::{CallerKind, Subject};
use crate::remoting::{self, Asked, ErrorHandler};
use crate::{Error, Result};

/// The documents of an application, each written when it is first asked for.
pub(super) struct Documents {
    description: Description,
    whole: Bytes,
    /// There are as many as the rules tell callers apart, so nobody can fill the memory with them.
    parts: Vec<(CallerKind, OnceLock<Bytes>)>,
    errors: ErrorHandler,
}

impl Documents {
    pub fn new(description: Description, whole: &OpenApi) -> Self {
        let parts = description.callers().into_iter();
        Documents {
            whole: text(whole),
            parts: parts.map(|kind| (kind, OnceLock::new())).collect(),
            errors: description.config.error_handler(),
            description,
        }
    }

    /// The document, or with `?as=admin` what a member of that role may call.
    pub fn answer(&self, uri: &Uri, headers: &HeaderMap) -> Response {
        let query = uri.query().unwrap_or_default();
        let mut arguments = form_urlencoded::parse(query.as_bytes());
        let wanted = arguments.find(|(name, _)| name == "as");
        let document = match &wanted {
            None => Ok(&self.whole),
            Some((_, caller)) => self.part(caller),
        };
        match document {
            Ok(document) => {
                let mut response = Response::new(Body::from(document.clone()));
                let json = header::HeaderValue::from_static("application/json");
                response.headers_mut().insert(header::CONTENT_TYPE, json);
                response
            }
            Err(error) => remoting::failure(&error, &self.errors, &Asked::new(headers)),
        }
    }

    /// What `caller` may call.
    fn part(&self, caller: &str) -> Result<&Bytes> {
        // A role by its name alone, unless that is a word for all callers.
        let kind = CallerKind::parse(caller);
        let kind = kind.unwrap_or_else(|| CallerKind::Role(caller.to_owned()));
        let part = self.parts.iter().find(|(known, _)| *known == kind);
        let (kind, document) = part.ok_or_else(|| self.unknown(caller))?;
        Ok(document.get_or_init(|| {
            let subject = Subject::new(std::slice::from_ref(kind));
            text(&self.description.document(Some(&subject)))
        }))
    }

    fn unknown(&self, caller: &str) -> Error {
        let known = self.parts.iter().map(|(kind, _)| match kind {
            CallerKind::Anonymous => "everyone".to_owned(),
            CallerKind::Role(name) if CallerKind::parse(name).is_none() => name.clone(),
            kind => kind.to_string(),
        });
        let known: Vec<_> = known.collect();
        Error::new(
            400,
            format!(
                "no rule knows the caller `{caller}`; `as` is one of {}",
                known.join(", ")
            ),
        )
        .with_code("UNKNOWN_CALLER")
    }
}

/// The document as it is sent.
fn text(document: &OpenApi) -> Bytes {
    // Its keys are texts, and that is all that could be wrong with them.
    document.to_json().unwrap_or_default().into()
}

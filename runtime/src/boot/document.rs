//! The OpenAPI document over HTTP, whole and as far as it concerns some callers.

use std::sync::OnceLock;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Uri, header};
use axum::response::Response;

use super::description::Description;
use crate::access::{CallerKind, Subject};
use crate::remoting::{self, Asked, ErrorHandler};
use crate::{Error, Result};

/// The documents of an application, each written when it is first asked for.
pub(super) struct Documents {
    description: Description,
    whole: OnceLock<Bytes>,
    /// There are as many as the rules tell callers apart, so nobody can fill the memory with them.
    parts: Vec<(CallerKind, OnceLock<Bytes>)>,
    errors: ErrorHandler,
}

impl Documents {
    pub fn new(description: Description) -> Self {
        let parts = description.callers().into_iter();
        Documents {
            whole: OnceLock::new(),
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
            None => Ok(self.whole.get_or_init(|| self.text(None))),
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
            self.text(Some(&subject))
        }))
    }

    /// The document as it is sent. Only this is kept: as a tree, that of a model takes the better part of a megabyte.
    fn text(&self, subject: Option<&Subject>) -> Bytes {
        let document = self.description.document(subject);
        // Its keys are texts, and that is all that could be wrong with them.
        document.to_json().unwrap_or_default().into()
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

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;

    use crate::model::{ModelDef, PropertyDef};
    use crate::{App, Config};

    use super::*;

    static CAR: ModelDef = ModelDef::new(
        "Car",
        "Cars",
        "car",
        &[PropertyDef::of::<i64>("id", "id").id()],
    );

    #[tokio::test]
    async fn the_document_is_written_when_it_is_first_asked_for() {
        let mut app = App::new()
            .config(Config::default())
            .data_source("db", "memory:");
        app.models.push(&CAR);
        let app = app.build().await.unwrap();
        let documents = Documents::new(app.parts().description.clone());
        assert!(documents.whole.get().is_none());
        assert!(app.parts().openapi.get().is_none());

        let answer = documents.answer(&Uri::from_static("/openapi.json"), &HeaderMap::new());
        let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        assert_eq!(documents.whole.get(), Some(&body));
        // Nobody but a program that asks for the tree pays for it.
        assert!(app.parts().openapi.get().is_none());
        assert_eq!(app.openapi().to_json().unwrap(), body);
    }
}

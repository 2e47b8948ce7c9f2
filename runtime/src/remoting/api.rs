//! REST: the way of a request: path → method → body → access → pipeline → response.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{Method, Uri};
use axum::response::Response;
use serde_json::{Map, Value as Json, json};

use super::argument::Arguments;
use super::endpoint::Returns;
use super::failure::{Asked, failure};
use super::format::{Format, Formats};
use super::idempotency::{Idempotency, Keyed};
use super::invoke::Outcome;
use super::path_segment::{PathSegment, joined};
use super::remotes::Remotes;
use super::route_table::Match;
use super::{body, conditional, query_string, response};
use crate::repository::Options;
use crate::{Error, Result, trail};

/// The REST interface of one application.
pub(crate) struct Api {
    remotes: Remotes,
    root: Vec<String>,
    formats: Formats,
    started: chrono::DateTime<chrono::Utc>,
}

impl Api {
    /// The interface of the public models below `root`, such as `/api`.
    pub fn new(remotes: Remotes, root: &str, formats: Formats) -> Self {
        Api {
            remotes,
            root: root
                .split('/')
                .filter(|segment| !segment.is_empty())
                .map(str::to_owned)
                .collect(),
            formats,
            started: chrono::Utc::now(),
        }
    }

    async fn respond(&self, request: Request) -> Result<Response> {
        let (parts, body) = request.into_parts();
        let Some(segments) = self.below_root(&parts.uri)? else {
            return self.outside(&parts.method, &parts.uri);
        };
        let found = match self.remotes.routes().find(parts.method.as_str(), &segments) {
            Match::Found(found) => found,
            Match::NoMethod { model, rest } => {
                let message = format!(
                    "Shared class  \"{}\" has no method handling {} /{rest}{}",
                    model.name,
                    parts.method,
                    query_suffix(&parts.uri)
                );
                return Err(Error::new(404, message));
            }
            Match::NoModel => {
                let rest = joined(&segments);
                let message = format!(
                    "There is no method to handle {} /{rest}{}",
                    parts.method,
                    query_suffix(&parts.uri)
                );
                return Err(Error::new(404, message));
            }
        };
        trail::calls(found.model.data.def().name, &found.route.method);
        let query = query_string::parse(parts.uri.query().unwrap_or_default().as_bytes());
        let body = match body::read(&parts.headers, body, self.remotes.body_limit()).await {
            // A GET without a body may come with any content type.
            Err(error) if error.status() == 415 && parts.method.is_safe() => {
                Json::Object(Map::new())
            }
            body => body?,
        };
        let caller = self.remotes.auth().caller(&parts.headers, &query).await?;
        let found = match &self.remotes.auth().current_user_literal {
            Some(literal) => found.with_user(literal, &caller)?,
            None => found,
        };
        let stream = found.route.endpoint.returns == Returns::Stream;
        let call = self.remotes.admit(found, caller).await?;
        let Some(format) = self.formats.negotiate(&parts.headers, &query, stream) else {
            return Ok(response::not_acceptable());
        };
        let known = conditional::Known::new(&parts.method, &parts.headers);
        let arguments = Arguments {
            headers: parts.headers,
            query,
            uri: parts.uri,
            body,
            options: Options::new(),
            typed: false,
        };
        let answered = call.run(arguments).await?;
        let response = answered.response(&format, self.remotes.shutdown())?;
        Ok(known.answer(response))
    }

    /// Is it a path below the API's root?
    pub fn serves(&self, uri: &Uri) -> bool {
        let mut segments = uri.path().split('/').filter(|segment| !segment.is_empty());
        let mut root = self.root.iter();
        root.all(|expected| {
            let segment = segments.next();
            segment.is_some_and(|segment| segment.eq_ignore_ascii_case(expected))
        })
    }

    /// May a path that begins with `path` be below the API's root?
    pub fn overlaps(&self, path: &str) -> bool {
        let segments = path.split('/').filter(|segment| !segment.is_empty());
        let mut both = segments.zip(&self.root);
        both.all(|(segment, expected)| segment.eq_ignore_ascii_case(expected))
    }

    /// Leaves on the trail what the request calls, as far as that is known: it may be answered without being called.
    fn note(&self, request: &Request) {
        if let Ok(Some(segments)) = self.below_root(request.uri())
            && let Match::Found(found) = self
                .remotes
                .routes()
                .find(request.method().as_str(), &segments)
        {
            trail::calls(found.model.data.def().name, &found.route.method);
        }
    }

    /// The decoded segments below the API's root, or nothing for a path outside.
    fn below_root(&self, uri: &Uri) -> Result<Option<Vec<PathSegment>>> {
        let mut segments = uri.path().split('/').filter(|segment| !segment.is_empty());
        for expected in &self.root {
            if !segments
                .next()
                .is_some_and(|segment| segment.eq_ignore_ascii_case(expected))
            {
                return Ok(None);
            }
        }
        segments
            .map(PathSegment::new)
            .collect::<Result<_>>()
            .map(Some)
    }

    /// What a scaffolded application answers at `/`, and 404 elsewhere (contract *rest.md* §1 and §5.3).
    fn outside(&self, method: &Method, uri: &Uri) -> Result<Response> {
        if uri.path() == "/" && (method == Method::GET || method == Method::HEAD) {
            let uptime = (chrono::Utc::now() - self.started).as_seconds_f64();
            let started = crate::model::Value::DateTime(self.started);
            let status = Outcome::Json(json!({ "started": started, "uptime": uptime }));
            return response::success(status, &Format::Json, self.remotes.shutdown());
        }
        Err(Error::new(404, format!("Cannot {method} {}", uri.path())))
    }
}

/// Answers every request that no other route of the application takes.
pub(crate) async fn serve(api: Arc<Api>, request: Request) -> Response {
    let idempotency = api.remotes.idempotency().cloned();
    match idempotency.filter(|one| one.concerns(request.method(), request.headers())) {
        None => answer(&api, request).await,
        Some(idempotency) => {
            let asked = Asked::new(request.headers());
            let answered = Box::pin(once(&api, idempotency, request)).await;
            answered.unwrap_or_else(|error| failure(&error, api.remotes.errors(), &asked))
        }
    }
}

async fn once(api: &Arc<Api>, idempotency: Idempotency, request: Request) -> Result<Response> {
    api.note(&request);
    let (parts, body) = request.into_parts();
    let bytes = body::bytes(&parts.headers, body, api.remotes.body_limit()).await?;
    let path = parts.uri.path_and_query().map_or("", |path| path.as_str());
    let keyed = Keyed::new(&parts.headers, path, &bytes)?;
    let (api, request) = (api.clone(), Request::from_parts(parts, Body::from(bytes)));
    let answer = async move { answer(&api, request).await };
    idempotency.answer(keyed, answer).await
}

async fn answer(api: &Api, request: Request) -> Response {
    let asked = Asked::new(request.headers());
    match api.respond(request).await {
        Ok(response) => response,
        Err(error) => failure(&error, api.remotes.errors(), &asked),
    }
}

fn query_suffix(uri: &Uri) -> String {
    uri.query()
        .map(|query| format!("?{query}"))
        .unwrap_or_default()
}

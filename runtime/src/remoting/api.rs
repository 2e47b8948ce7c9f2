//! The way of a request: path → method → body → access → pipeline → response.

use std::panic::resume_unwind;
use std::sync::Arc;

use axum::extract::Request;
use axum::http::{Method, Uri};
use axum::response::Response;
use serde_json::{Map, Value as Json, json};
use tokio::sync::watch;

use super::access::{AskedRows, Decider, Guard};
use super::argument::Arguments;
use super::auth::Auth;
use super::endpoint::Returns;
use super::failure::{Asked, failure};
use super::format::{Format, Formats};
use super::hook::Answered;
use super::idempotency::Idempotency;
use super::invoke::{Outcome, invoke};
use super::list::Limits;
use super::nested::NestedAccess;
use super::path_segment::{PathSegment, joined};
use super::route_table::{Match, RouteTable};
use super::{body, conditional, hook, query_string, response};
use crate::repository::{Options, Registry};
use crate::{Error, Result, trail};

/// The REST interface of one application.
pub(crate) struct Api {
    routes: RouteTable,
    nested: Option<NestedAccess>,
    root: Vec<String>,
    settings: Settings,
    started: chrono::DateTime<chrono::Utc>,
    shutdown: watch::Sender<bool>,
}

/// What is configured.
pub(crate) struct Settings {
    /// How many bytes a body may have.
    pub body_limit: usize,
    /// Does the caller learn the causes of failures?
    pub debug: bool,
    pub formats: Formats,
    pub limits: Limits,
    /// May the body of a new instance hold instances that belong to it?
    pub nested_writes: bool,
    /// Who calls.
    pub auth: Auth,
    /// Where answers are kept for those who send a request twice.
    pub idempotency: Option<Idempotency>,
}

impl Api {
    /// The interface of the public models below `root`, such as `/api`.
    pub fn new(
        registry: &Arc<Registry>,
        root: &str,
        settings: Settings,
        shutdown: watch::Sender<bool>,
    ) -> Self {
        let defs = || registry.models().iter().map(|model| model.def);
        Api {
            routes: RouteTable::new(registry),
            nested: settings.nested_writes.then(|| NestedAccess::new(defs())),
            root: root
                .split('/')
                .filter(|segment| !segment.is_empty())
                .map(str::to_owned)
                .collect(),
            settings,
            started: chrono::Utc::now(),
            shutdown,
        }
    }

    async fn respond(&self, request: Request) -> Result<Response> {
        let (parts, body) = request.into_parts();
        let Some(segments) = self.below_root(&parts.uri)? else {
            return self.outside(&parts.method, &parts.uri);
        };
        let found = match self.routes.find(parts.method.as_str(), &segments) {
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
        let body = match body::read(&parts.headers, body, self.settings.body_limit).await {
            // A GET without a body may come with any content type.
            Err(error) if error.status() == 415 && parts.method.is_safe() => {
                Json::Object(Map::new())
            }
            body => body?,
        };
        let caller = self.settings.auth.caller(&parts.headers, &query).await?;
        trail::called_by(caller.user_id());
        let rows = self.settings.auth.rows.clone();
        let guard = Guard {
            decider: Decider {
                caller,
                includes: self.routes.includes.clone(),
                properties: self.routes.properties.clone(),
                rows: rows.map(AskedRows::new).map(Arc::new),
                status: self.settings.auth.acl_error_status,
            },
            nested: self.nested.as_ref(),
            limits: self.settings.limits,
        };
        let hooked = !found.route.hooks.is_empty();
        if !hooked {
            guard.method(&found).await?;
        }
        let stream = found.route.endpoint.returns == Returns::Stream;
        let formats = self.settings.formats;
        let Some(format) = formats.negotiate(&parts.headers, &query, stream) else {
            return Ok(response::not_acceptable());
        };
        let known = conditional::Known::new(&parts.method, &parts.headers);
        let mut arguments = Arguments {
            headers: parts.headers,
            query,
            uri: parts.uri,
            body,
            options: Options::new(),
        };
        let shutdown = self.shutdown.subscribe();
        let answered = if hooked {
            hook::call(found, arguments, &guard).await?
        } else {
            Answered::from(invoke(found, &mut arguments, &guard).await?)
        };
        let response = answered.response(&format, shutdown)?;
        Ok(known.answer(response))
    }

    /// Leaves on the trail what the request calls, as far as that is known: it may be answered without being called.
    fn note(&self, request: &Request) {
        if let Ok(Some(segments)) = self.below_root(request.uri())
            && let Match::Found(found) = self.routes.find(request.method().as_str(), &segments)
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
            return response::success(status, &Format::Json, self.shutdown.subscribe());
        }
        Err(Error::new(404, format!("Cannot {method} {}", uri.path())))
    }
}

/// Answers every request that no other route of the application takes.
pub(crate) async fn serve(api: Arc<Api>, request: Request) -> Response {
    let Some(idempotency) = api.settings.idempotency.clone() else {
        return answer(&api, request).await;
    };
    if !idempotency.concerns(&request) {
        return answer(&api, request).await;
    }
    let asked = Asked::new(request.headers());
    let (debug, limit) = (api.settings.debug, api.settings.body_limit);
    api.note(&request);
    // To its end, also when the caller leaves: who asks again is told how it went.
    let answered = tokio::spawn(trail::carried(async move {
        let answer = |request| async { answer(&api, request).await };
        idempotency.answer(request, limit, answer).await
    }));
    match answered.await {
        Ok(answered) => answered.unwrap_or_else(|error| failure(&error, debug, &asked)),
        // As any other panic: what stands around all requests answers it.
        Err(error) => match error.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            Err(error) => {
                let error = Error::internal("a request was given up").with_source(error);
                failure(&error, debug, &asked)
            }
        },
    }
}

async fn answer(api: &Api, request: Request) -> Response {
    let asked = Asked::new(request.headers());
    match api.respond(request).await {
        Ok(response) => response,
        Err(error) => failure(&error, api.settings.debug, &asked),
    }
}

fn query_suffix(uri: &Uri) -> String {
    uri.query()
        .map(|query| format!("?{query}"))
        .unwrap_or_default()
}

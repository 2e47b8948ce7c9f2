//! The methods of an application, whatever calls them.

use std::sync::Arc;

use axum::http::HeaderMap;
use serde_json::Value as Json;
use tokio::sync::watch;

use super::access::{AskedRows, Decider, Guard};
use super::argument::Arguments;
use super::auth::Auth;
use super::failure::{Asked, ErrorHandler};
use super::hook::{self, Answered};
use super::idempotency::Idempotency;
use super::invoke::invoke;
use super::list::Limits;
use super::nested::NestedAccess;
#[cfg(feature = "web-socket")]
use super::origin::Origins;
use super::remote_method::RemoteMethod;
use super::route_table::{Found, RouteTable};
use super::{failure, query_string};
use crate::access::Caller;
use crate::repository::Registry;
use crate::{Error, Result, trail};

/// The methods of an application, as [transports](super::Transport) call them. Clones share them.
///
/// Whatever a call comes by, it passes the same access decision, hooks, coercion and pipeline.
#[derive(Clone)]
pub struct Remotes {
    shared: Arc<Shared>,
}

struct Shared {
    routes: RouteTable,
    nested: Option<NestedAccess>,
    settings: Settings,
    shutdown: watch::Sender<bool>,
}

/// What is configured of all calls.
pub(crate) struct Settings {
    /// How many bytes a body may have.
    pub body_limit: usize,
    pub errors: Arc<ErrorHandler>,
    pub limits: Limits,
    /// Where answers are kept for those who send a request twice.
    pub idempotency: Option<Idempotency>,
    /// May the body of a new instance hold instances that belong to it?
    pub nested_writes: bool,
    /// Who calls.
    pub auth: Auth,
    /// Whose pages may call.
    #[cfg(feature = "web-socket")]
    pub origins: Origins,
}

impl Remotes {
    /// The methods of the models. `shutdown` turns true when they come to an end.
    pub(crate) fn new(
        registry: &Arc<Registry>,
        settings: Settings,
        shutdown: watch::Sender<bool>,
    ) -> Self {
        let defs = || registry.models().iter().map(|model| model.def);
        Remotes {
            shared: Arc::new(Shared {
                routes: RouteTable::new(registry),
                nested: settings.nested_writes.then(|| NestedAccess::new(defs())),
                settings,
                shutdown,
            }),
        }
    }

    /// The method called `name`: `Note.find`, `Note.prototype.updateAttributes`. The method of an instance is found without
    /// `prototype`, too, and every method by LoopBack's other names for it. What is found is what the request is said to call, in
    /// the access log, in metrics and in traces.
    pub fn method(&self, name: &str) -> Option<RemoteMethod<'_>> {
        let method = RemoteMethod::find(self, name)?;
        method.note();
        Some(method)
    }

    /// Is there a public model of this name?
    pub fn has_model(&self, name: &str) -> bool {
        self.shared.routes.model(name).is_some()
    }

    /// Who sends a request with these headers and this query string, by the token in one of the places where LoopBack has it.
    /// Ask for every call: a token ends, and a key's calls are counted.
    ///
    /// # Errors
    /// 401 for a token that is not valid any more, 429 for a key that has called too often; what keeps them failed.
    pub async fn caller(&self, headers: &HeaderMap, query: Option<&str>) -> Result<Caller> {
        let query = query_string::parse(query.unwrap_or_default().as_bytes());
        self.auth().caller(headers, &query).await
    }

    /// Who has this token.
    ///
    /// # Errors
    /// As [`caller`](Self::caller).
    pub async fn caller_by_token(&self, token: &str) -> Result<Caller> {
        self.auth().caller_by_token(token).await
    }

    /// How many bytes the body of a request may have.
    pub fn body_limit(&self) -> usize {
        self.shared.settings.body_limit
    }

    /// What a caller learns of an error: the object that REST answers as `error`. A failure of the server itself is logged with
    /// the id of the request, and told outside debug mode by that alone.
    pub fn error(&self, error: &Error, headers: &HeaderMap) -> Json {
        Json::Object(failure::told(error, self.errors(), &Asked::new(headers)))
    }

    /// Whether the application comes to an end. Who holds it is waited for.
    pub(super) fn shutdown(&self) -> watch::Receiver<bool> {
        self.shared.shutdown.subscribe()
    }

    pub(super) fn routes(&self) -> &RouteTable {
        &self.shared.routes
    }

    pub(super) fn auth(&self) -> &Auth {
        &self.shared.settings.auth
    }

    pub(super) fn idempotency(&self) -> Option<&Idempotency> {
        self.shared.settings.idempotency.as_ref()
    }

    pub(crate) fn errors(&self) -> &Arc<ErrorHandler> {
        &self.shared.settings.errors
    }

    #[cfg(feature = "web-socket")]
    pub(super) fn origins(&self) -> &Origins {
        &self.shared.settings.origins
    }

    /// Lets a call pass if the caller may make it. Where there are remote hooks, they are told of the refusal, and the rules
    /// are asked when the call is [run](Admitted::run).
    ///
    /// # Errors
    /// 401, or what the model answers to who is logged in.
    pub(super) async fn admit<'a>(
        &'a self,
        found: Found<'a>,
        caller: Caller,
    ) -> Result<Admitted<'a>> {
        trail::called_by(caller.user_id());
        let Shared {
            routes,
            nested,
            settings,
            ..
        } = &*self.shared;
        let rows = settings.auth.rows.clone();
        let guard = Guard {
            decider: Decider {
                caller,
                includes: routes.includes.clone(),
                properties: routes.properties.clone(),
                rows: rows.map(AskedRows::new).map(Arc::new),
                status: settings.auth.acl_error_status,
            },
            nested: nested.as_ref(),
            limits: settings.limits,
        };
        let hooked = !found.route.hooks.is_empty();
        if !hooked {
            guard.method(&found).await?;
        }
        Ok(Admitted {
            found,
            guard,
            hooked,
        })
    }
}

impl std::fmt::Debug for Remotes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Remotes").finish_non_exhaustive()
    }
}

/// A call that the caller may make.
pub(super) struct Admitted<'a> {
    found: Found<'a>,
    guard: Guard<'a>,
    hooked: bool,
}

impl Admitted<'_> {
    /// Calls the method, with its hooks around it.
    ///
    /// # Errors
    /// Whatever the method, a hook or the pipeline fails with.
    pub async fn run(self, mut arguments: Arguments) -> Result<Answered> {
        match self.hooked {
            true => Box::pin(hook::call(self.found, arguments, &self.guard)).await,
            false => {
                let outcome = invoke(self.found, &mut arguments, &self.guard).await?;
                Ok(Answered::from(outcome))
            }
        }
    }
}

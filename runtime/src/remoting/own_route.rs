//! What the application's own routes know of callers: handlers take a [`Caller`], or a repository on that caller's behalf, as
//! an argument.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::instance::StoredInstance;
use super::path_segment::PathSegment;
use super::query_string;
use super::remotes::Remotes;
use super::route::Place;
use super::route_table::Data;
use crate::access::{About, Caller, Instance, Standing};
use crate::model::{Model, ModelDef, RemoteMethodDef};
use crate::repository::{AsCaller, Registry, Repository};
use crate::{Error, Result, trail};

/// What knows who calls, and what callers may do.
#[derive(Clone)]
pub(crate) struct Gate {
    remotes: Remotes,
    registry: Arc<Registry>,
}

impl Gate {
    pub fn new(remotes: Remotes, registry: Arc<Registry>) -> Self {
        Gate { remotes, registry }
    }

    /// May `caller` call the method of a model, on the instance whose id is written so? The rules decide that a request is
    /// asked: those of the model, rows among them, and those of the models that a relation leads to.
    ///
    /// # Errors
    /// There is no such model or method, or what knows roles and instances failed.
    pub async fn allows(
        &self,
        caller: &Caller,
        model: &str,
        method: &str,
        id: Option<&str>,
    ) -> Result<bool> {
        let listed = self.remotes.routes().listed(model).ok_or_else(|| {
            Error::internal(format!("the application does not list a model `{model}`"))
        })?;
        let name = name_of(listed.data.def(), method);
        let route = listed.routes.iter().find(|route| route.method == name);
        let route = route.ok_or_else(|| {
            Error::internal(format!("the model `{model}` has no method `{method}`"))
        })?;
        // Values under keys belong to nobody.
        let instance = match (id, &listed.data) {
            (Some(id), Data::Records(repository)) => {
                let id = PathSegment::new(id)?;
                Some(StoredInstance::new(repository.clone(), id))
            }
            _ => None,
        };
        let instance = instance.as_ref().map(|instance| instance as &dyn Instance);
        for (access, place) in route.checks() {
            let known = matches!(place, Place::Id | Place::Owned);
            let standing = Standing {
                caller,
                about: About {
                    def: access.model(),
                    id: id.filter(|_| known),
                    method: access.method(),
                    access: access.access(),
                },
                instance: instance.filter(|_| known),
            };
            let rows = match &self.remotes.auth().rows {
                Some(rows) => rows.rows(access.model()).await?,
                None => Vec::new(),
            };
            if !access.decide(&rows, &standing).await?.allowed {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// The name of a method that goes by several.
fn name_of<'m>(def: &ModelDef, method: &'m str) -> &'m str {
    let mut every = def.kind.methods().iter();
    let alias = every.find(|known| known.aliases.contains(&method));
    alias.map_or(method, |known| known.name)
}

/// Who calls a route of the application's own, by the token of the request. A token, or a key, that is for some methods alone
/// is refused: a route is none of them.
impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self> {
        if let Some(known) = parts.extensions.get::<Caller>() {
            return Ok(known.clone());
        }
        let query = query_string::parse(parts.uri.query().unwrap_or_default().as_bytes());
        let gate = gate(parts)?;
        let caller = gate.remotes.auth().caller(&parts.headers, &query).await?;
        trail::called_by(caller.user_id());
        let for_everything = |scope: &String| scope == RemoteMethodDef::DEFAULT_SCOPE;
        if caller.token().is_some() && !caller.scopes().iter().any(for_everything) {
            let message = "This token is for some methods alone, and this is none of them";
            return Err(Error::new(401, message).with_code("TOKEN_OUT_OF_SCOPE"));
        }
        // Another argument of the handler may ask again.
        parts.extensions.insert(caller.clone());
        Ok(caller)
    }
}

/// The instances of `M`, on behalf of who calls a route of the application's own.
impl<S: Sync, M: Model> FromRequestParts<S> for Repository<M, AsCaller> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let caller = Caller::from_request_parts(parts, state).await?;
        let repository = gate(parts)?.registry.repository(M::DEF.name)?;
        Ok(Repository::of_caller(repository.on_behalf_of(caller)))
    }
}

fn gate(parts: &Parts) -> Result<&Gate> {
    parts.extensions.get::<Gate>().ok_or_else(|| {
        Error::internal("who calls is known to routes that `App::routes` has taken in alone")
    })
}

//! What the application's own routes know of callers: handlers take a [`Caller`], or a repository on that caller's behalf, as
//! an argument.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::auth::Auth;
use super::instance::StoredInstance;
use super::path_segment::PathSegment;
use super::query_string;
use crate::access::{About, Caller, Instance, MethodAccess, Standing};
use crate::model::{Model, ModelDef};
use crate::repository::{AsCaller, Registry, Repository};
use crate::{Error, Result, trail};

/// What knows who calls, and what callers may do.
#[derive(Clone)]
pub(crate) struct Gate {
    pub auth: Auth,
    pub registry: Arc<Registry>,
}

impl Gate {
    /// May `caller` call the method of `def`, on the instance whose id is written so? The rules of the model decide, rows among
    /// them.
    ///
    /// # Errors
    /// There is no such method, or what knows roles and instances failed.
    pub async fn allows(
        &self,
        caller: &Caller,
        model: &str,
        method: &str,
        id: Option<&str>,
    ) -> Result<bool> {
        let mut defs = self.registry.defs();
        let def = defs.find(|def| def.name == model).ok_or_else(|| {
            Error::internal(format!("the application does not list a model `{model}`"))
        })?;
        let access = method_access(def, method)?;
        let rows = match &self.auth.rows {
            Some(rows) => rows.rows(def).await?,
            None => Vec::new(),
        };
        // Values under keys belong to nobody.
        let instance = id.zip(self.registry.repository(model).ok());
        let instance = instance
            .map(|(id, repository)| StoredInstance::new(repository, PathSegment::plain(id)));
        let standing = Standing {
            caller,
            about: About {
                def,
                id,
                method: access.method(),
                access: access.access(),
            },
            instance: instance.as_ref().map(|instance| instance as &dyn Instance),
        };
        Ok(access.decide(&rows, &standing).await?.allowed)
    }
}

/// The rules about a method, by one of its names.
fn method_access(def: &'static ModelDef, method: &str) -> Result<MethodAccess> {
    let mut every = def.kind.methods().iter();
    let alias = every.find(|known| known.aliases.contains(&method));
    let name = alias.map_or(method, |known| known.name);
    let mut served = def.served_methods();
    let found = served.find(|(served, _)| served == name);
    let (name, access) = found.ok_or_else(|| {
        Error::internal(format!("the model `{}` has no method `{method}`", def.name))
    })?;
    Ok(MethodAccess::new(def, &name, access))
}

/// Who calls a route of the application's own, by the token of the request.
impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self> {
        if let Some(known) = parts.extensions.get::<Caller>() {
            return Ok(known.clone());
        }
        let query = query_string::parse(parts.uri.query().unwrap_or_default().as_bytes());
        let gate = gate(parts)?;
        let caller = gate.auth.caller(&parts.headers, &query).await?;
        trail::called_by(caller.user_id());
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

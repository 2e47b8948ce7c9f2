//! Where the roles of a caller come from.

use std::collections::HashSet;

use async_trait::async_trait;

use super::Caller;
use crate::Result;
use crate::model::{AccessType, ModelDef, Value};

/// What a decision is about: what a resolver of roles may want to know.
#[derive(Debug, Clone, Copy)]
pub(crate) struct About<'a> {
    pub def: &'static ModelDef,
    /// The id of the instance, as it stands in the path.
    pub id: Option<&'a str>,
    pub method: &'a str,
    pub access: AccessType,
}

/// Roles that somebody is a member of.
#[derive(Debug, Default)]
pub(crate) struct Memberships {
    pub names: HashSet<String>,
    pub ids: Vec<Value>,
}

/// What knows which roles callers have.
#[async_trait]
pub(crate) trait RoleSource: Send + Sync {
    /// Is there a resolver that alone decides about this role?
    fn resolves(&self, role: &str) -> bool;

    /// What the resolver of this role says.
    async fn resolve(&self, role: &str, caller: &Caller, about: &About<'_>) -> Result<bool>;

    /// Does the caller's token still stand for that caller?
    async fn still_knows(&self, caller: &Caller) -> Result<bool>;

    /// The roles that the caller's user and application are themselves members of, wherever the call goes.
    async fn memberships(&self, caller: &Caller) -> Result<Memberships>;

    /// The roles that these roles are members of, and those that they lead to in turn. Whoever has one of these roles has
    /// them all, but few applications nest roles: they are asked for last.
    async fn memberships_of(&self, roles: &Memberships) -> Result<Memberships>;
}

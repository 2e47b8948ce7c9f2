//! Rules that are rows of the database (contract *access-control.md* §2.2).

use std::fmt;

use async_trait::async_trait;

use crate::Result;
use crate::model::{AccessType, ModelDef, Permission, PrincipalDef};

/// A rule that is a row of the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RowRule {
    pub principal: RowPrincipal,
    pub permission: Permission,
    pub access: Option<AccessType>,
    /// The method's name or one of its aliases, or every method.
    pub method: Option<String>,
}

/// Whom a row is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RowPrincipal {
    Role(String),
    /// The user with this id: of this model, or of each, where it is not said.
    User {
        model: Option<&'static str>,
        id: String,
    },
    App(String),
}

/// Where rows come from.
#[async_trait]
pub(crate) trait RowRules: Send + Sync {
    /// The rows about `def`.
    async fn rows(&self, def: &'static ModelDef) -> Result<Vec<RowRule>>;
}

impl RowPrincipal {
    pub(super) fn as_def(&self) -> PrincipalDef<'_> {
        match self {
            RowPrincipal::Role(name) => match name.as_str() {
                "$everyone" => PrincipalDef::Everyone,
                "$authenticated" => PrincipalDef::Authenticated,
                "$unauthenticated" => PrincipalDef::Unauthenticated,
                "$owner" => PrincipalDef::Owner,
                "$related" => PrincipalDef::Related,
                role => PrincipalDef::Role(role),
            },
            RowPrincipal::User { id, .. } => PrincipalDef::User(id),
            RowPrincipal::App(id) => PrincipalDef::App(id),
        }
    }
}

/// As a row shows it.
impl fmt::Display for RowRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let method = self.method.as_deref().unwrap_or("*");
        let access = self.access.map_or("*", AccessType::as_str);
        let (principal, permission) = (self.principal.as_def(), self.permission.as_str());
        write!(f, "the row {permission} {principal} {method} {access}")
    }
}

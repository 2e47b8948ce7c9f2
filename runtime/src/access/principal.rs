//! On whose behalf something is done.

use crate::model::PrincipalDef;

/// On whose behalf a request is made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Caller {
    user_id: Option<String>,
    roles: Vec<String>,
}

impl Caller {
    /// A caller without a valid token.
    pub fn anonymous() -> Self {
        Caller::default()
    }

    /// A caller who is logged in, with the roles that the user has.
    pub fn user(id: impl Into<String>, roles: impl IntoIterator<Item = String>) -> Self {
        Caller {
            user_id: Some(id.into()),
            roles: roles.into_iter().collect(),
        }
    }

    /// Is the caller logged in?
    pub fn is_authenticated(&self) -> bool {
        self.user_id.is_some()
    }

    /// Is a rule for `principal` about this caller? `owner` tells whether the instance in question is the caller's own.
    pub(super) fn is(&self, principal: PrincipalDef, owner: bool) -> bool {
        match principal {
            PrincipalDef::Everyone => true,
            PrincipalDef::Authenticated => self.is_authenticated(),
            PrincipalDef::Unauthenticated => !self.is_authenticated(),
            PrincipalDef::Owner => owner && self.is_authenticated(),
            PrincipalDef::Role(name) => self.roles.iter().any(|role| role == name),
        }
    }
}

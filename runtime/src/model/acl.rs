//! Access rules as data (contract *access-control.md* §2).

/// One access rule: to whom, what, allowed or denied.
///
/// ```
/// use loopwright::model::{AccessType, AclDef, PrincipalDef};
///
/// const RULES: &[AclDef] = &[
///     AclDef::allow(PrincipalDef::Everyone).access(AccessType::Read),
///     AclDef::allow(PrincipalDef::Owner).method("updateAttributes"),
/// ];
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AclDef {
    /// Whom the rule is about.
    pub principal: PrincipalDef,
    /// Allowed or denied.
    pub permission: Permission,
    /// The kind of access, or every kind.
    pub access: Option<AccessType>,
    /// The method by its LoopBack name (`findById`, `__get__reviews`), or every method.
    pub method: Option<&'static str>,
}

/// Whom an access rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrincipalDef {
    /// Every caller.
    Everyone,
    /// Every caller with a valid token.
    Authenticated,
    /// Every caller without one.
    Unauthenticated,
    /// The user whom the instance belongs to.
    Owner,
    /// The members of a role.
    Role(&'static str),
}

/// What a method does to the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AccessType {
    /// Looks at data.
    Read,
    /// Changes data.
    Write,
    /// Runs something else.
    Execute,
}

/// What a matching rule decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// The call may go on.
    Allow,
    /// The call is refused.
    Deny,
}

impl AclDef {
    /// A rule that allows everything to `principal`.
    pub const fn allow(principal: PrincipalDef) -> Self {
        AclDef {
            principal,
            permission: Permission::Allow,
            access: None,
            method: None,
        }
    }

    /// A rule that denies everything to `principal`.
    pub const fn deny(principal: PrincipalDef) -> Self {
        AclDef {
            principal,
            permission: Permission::Deny,
            access: None,
            method: None,
        }
    }

    /// The rule for one kind of access.
    #[must_use]
    pub const fn access(mut self, access: AccessType) -> Self {
        self.access = Some(access);
        self
    }

    /// The rule for one method.
    #[must_use]
    pub const fn method(mut self, method: &'static str) -> Self {
        self.method = Some(method);
        self
    }
}

impl std::fmt::Display for PrincipalDef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            PrincipalDef::Everyone => f.write_str("everyone"),
            PrincipalDef::Authenticated => f.write_str("authenticated"),
            PrincipalDef::Unauthenticated => f.write_str("unauthenticated"),
            PrincipalDef::Owner => f.write_str("owner"),
            PrincipalDef::Role(name) => f.write_str(name),
        }
    }
}

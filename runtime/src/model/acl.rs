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
    pub principal: PrincipalDef<'static>,
    /// Allowed or denied.
    pub permission: Permission,
    /// The kind of access, or every kind.
    pub access: Option<AccessType>,
    /// The method by its LoopBack name (`findById`, `__get__reviews`), or every method.
    pub method: Option<&'static str>,
}

/// Whom an access rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrincipalDef<'a> {
    /// Every caller.
    Everyone,
    /// Every caller with a valid token.
    Authenticated,
    /// Every caller without one.
    Unauthenticated,
    /// The user whom the instance belongs to.
    Owner,
    /// The users whom a relation of the instance leads to.
    Related,
    /// The members of a role.
    Role(&'a str),
    /// The user with this id. Where there are several models of users, the model stands before it: `Customer:1`.
    User(&'a str),
    /// The application with this id.
    App(&'a str),
}

/// What the instances of a model are to access rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrincipalKind {
    /// Users: whoever has a token of one is logged in.
    User,
    /// Applications that call on their own behalf.
    App,
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
    /// What holds where no rule matches, all the same: LoopBack's `DEFAULT`.
    Default,
}

impl AclDef {
    /// A rule that allows everything to `principal`.
    pub const fn allow(principal: PrincipalDef<'static>) -> Self {
        AclDef {
            principal,
            permission: Permission::Allow,
            access: None,
            method: None,
        }
    }

    /// A rule that denies everything to `principal`.
    pub const fn deny(principal: PrincipalDef<'static>) -> Self {
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

impl AccessType {
    /// The word that LoopBack has for it: `READ`.
    pub const fn as_str(self) -> &'static str {
        match self {
            AccessType::Read => "READ",
            AccessType::Write => "WRITE",
            AccessType::Execute => "EXECUTE",
        }
    }
}

impl Permission {
    /// The word that LoopBack has for it: `ALLOW`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Permission::Allow => "ALLOW",
            Permission::Deny => "DENY",
            Permission::Default => "DEFAULT",
        }
    }
}

/// As it is written in an attribute, but for methods, which have LoopBack's names: `allow(findById), to = owner`.
impl std::fmt::Display for AclDef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let permission = self.permission.as_str().to_lowercase();
        let access = self.access.map(|access| access.as_str().to_lowercase());
        let what = self.method.or(access.as_deref()).unwrap_or("all");
        write!(f, "{permission}({what}), to = {}", self.principal)
    }
}

/// As rules are written: `everyone`, `role("admin")`.
impl std::fmt::Display for PrincipalDef<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            PrincipalDef::Everyone => f.write_str("everyone"),
            PrincipalDef::Authenticated => f.write_str("authenticated"),
            PrincipalDef::Unauthenticated => f.write_str("unauthenticated"),
            PrincipalDef::Owner => f.write_str("owner"),
            PrincipalDef::Related => f.write_str("related"),
            PrincipalDef::Role(name) => write!(f, "role({name:?})"),
            PrincipalDef::User(id) => write!(f, "user({id:?})"),
            PrincipalDef::App(id) => write!(f, "app({id:?})"),
        }
    }
}

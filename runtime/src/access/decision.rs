//! Which rule decides (contract *access-control.md* §10).

use super::Caller;
use crate::model::{AccessType, AclDef, Permission, PrincipalDef};

/// The rules for one method, in order of precedence.
#[derive(Debug, Clone)]
pub struct MethodAccess {
    rules: Vec<AclDef>,
}

impl MethodAccess {
    /// The rules among `acls` that are about the method called `name`, whose kind of access is `access`.
    pub fn new(acls: &[AclDef], name: &str, access: AccessType) -> Self {
        let mut scored: Vec<_> = acls
            .iter()
            .filter_map(|acl| Some((score(acl, name, access)?, *acl)))
            .collect();
        scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        MethodAccess {
            rules: scored.into_iter().map(|(_, acl)| acl).collect(),
        }
    }

    /// The rules of a method that nobody may call.
    pub const fn closed() -> Self {
        MethodAccess { rules: Vec::new() }
    }

    /// May `caller` call the method? `owner` tells whether the instance in question is the caller's own.
    ///
    /// ```
    /// use loopwright::access::{Caller, MethodAccess};
    /// use loopwright::model::{AccessType, AclDef, PrincipalDef};
    ///
    /// let rules = [
    ///     AclDef::deny(PrincipalDef::Everyone),
    ///     AclDef::allow(PrincipalDef::Everyone).access(AccessType::Read),
    /// ];
    /// let find = MethodAccess::new(&rules, "find", AccessType::Read);
    /// let create = MethodAccess::new(&rules, "create", AccessType::Write);
    /// assert!(find.allows(&Caller::anonymous(), false));
    /// assert!(!create.allows(&Caller::anonymous(), false));
    /// ```
    pub fn allows(&self, caller: &Caller, owner: bool) -> bool {
        let decisive = self
            .rules
            .iter()
            .find(|rule| caller.is(rule.principal, owner));
        decisive.is_some_and(|rule| rule.permission == Permission::Allow)
    }

    /// Does a rule that names this very method deny it to `caller`? Unlike [`allows`](Self::allows), silence forbids
    /// nothing.
    pub(crate) fn forbids(&self, caller: &Caller) -> bool {
        let mut rules = self.rules.iter();
        let decisive = rules.find(|rule| caller.is(rule.principal, false));
        decisive.is_some_and(|rule| rule.permission == Permission::Deny && rule.method.is_some())
    }

    /// The principals whom a rule allows the method, strongest rule first. A caller may also be denied by a rule that is
    /// stronger for them; [`allows`](Self::allows) decides.
    pub fn allowed(&self) -> impl Iterator<Item = PrincipalDef> {
        self.rules
            .iter()
            .filter(|rule| rule.permission == Permission::Allow)
            .map(|rule| rule.principal)
    }
}

/// LoopBack's score of a rule for a request: each digit outweighs all that follow. `None`: the rule is about something
/// else.
fn score(acl: &AclDef, name: &str, access: AccessType) -> Option<u32> {
    const EXACT: u32 = 3;
    const WILDCARD: u32 = 2;
    const ROLE: u32 = 2;

    let method = match acl.method {
        Some(method) if method == name => EXACT,
        Some(_) => return None,
        None => WILDCARD,
    };
    let access = match acl.access {
        // A rule for EXECUTE covers every kind of access, and counts as exact.
        Some(rule) if rule == access || rule == AccessType::Execute => EXACT,
        Some(_) => return None,
        None => WILDCARD,
    };
    let role = match acl.principal {
        PrincipalDef::Role(_) => 5,
        PrincipalDef::Owner => 4,
        PrincipalDef::Authenticated | PrincipalDef::Unauthenticated => 2,
        PrincipalDef::Everyone => 1,
    };
    let permission = match acl.permission {
        Permission::Deny => 3,
        Permission::Allow => 0,
    };
    let digits = [
        (method, 4),
        (access, 4),
        (ROLE, 4),
        (role, 8),
        (permission, 4),
    ];
    Some(
        digits
            .iter()
            .fold(EXACT, |score, (digit, base)| score * base + digit),
    )
}

#[cfg(test)]
mod tests {
    use AccessType::{Execute, Read, Write};
    use PrincipalDef::{Authenticated, Everyone, Owner, Role, Unauthenticated};

    use super::*;

    const fn allow(principal: PrincipalDef) -> AclDef {
        AclDef::allow(principal)
    }

    const fn deny(principal: PrincipalDef) -> AclDef {
        AclDef::deny(principal)
    }

    fn user() -> Caller {
        Caller::user("1", [])
    }

    fn allows(
        acls: &[AclDef],
        method: &str,
        access: AccessType,
        caller: &Caller,
        owner: bool,
    ) -> bool {
        MethodAccess::new(acls, method, access).allows(caller, owner)
    }

    #[test]
    fn the_reference_scores_of_the_contract() {
        let cases = [
            (allow(Everyone), 7492),
            (deny(Everyone), 7495),
            (allow(Authenticated), 7496),
            (allow(Owner), 7504),
            (allow(Role("admin")), 7508),
            (allow(Everyone).access(Read), 7620),
            (allow(Everyone).method("find"), 8004),
            (allow(Everyone).method("find").access(Read), 8132),
            (allow(Everyone).method("find").access(Execute), 8132),
        ];
        for (acl, expected) in cases {
            assert_eq!(score(&acl, "find", Read), Some(expected), "{acl:?}");
        }
    }

    #[test]
    fn the_test_vectors_of_the_contract() {
        let anonymous = Caller::anonymous();
        // DENY E
        let acls = [deny(Everyone)];
        assert!(!allows(&acls, "find", Read, &anonymous, false));
        assert!(!allows(&acls, "find", Read, &user(), false));
        // ALLOW E READ + DENY E, either order
        for acls in [
            [allow(Everyone).access(Read), deny(Everyone)],
            [deny(Everyone), allow(Everyone).access(Read)],
        ] {
            assert!(allows(&acls, "find", Read, &anonymous, false));
            assert!(!allows(&acls, "create", Write, &anonymous, false));
        }
        // DENY E + ALLOW A create EXECUTE + ALLOW A find EXECUTE
        let acls = [
            deny(Everyone),
            allow(Authenticated).method("create").access(Execute),
            allow(Authenticated).method("find").access(Execute),
        ];
        assert!(allows(&acls, "create", Write, &user(), false));
        assert!(allows(&acls, "find", Read, &user(), false));
        assert!(!allows(&acls, "findById", Read, &user(), false));
        // ALLOW E + DENY A
        let acls = [allow(Everyone), deny(Authenticated)];
        assert!(allows(&acls, "find", Read, &anonymous, false));
        assert!(!allows(&acls, "find", Read, &user(), false));
        // DENY E + ALLOW U find
        let acls = [deny(Everyone), allow(Unauthenticated).method("find")];
        assert!(allows(&acls, "find", Read, &anonymous, false));
        assert!(!allows(&acls, "find", Read, &user(), false));
        // ALLOW O + DENY E findById: the method's name beats the role
        let acls = [allow(Owner), deny(Everyone).method("findById")];
        assert!(!allows(&acls, "findById", Read, &user(), true));
        // ALLOW O + DENY E READ: the kind of access beats the role
        let acls = [allow(Owner), deny(Everyone).access(Read)];
        assert!(!allows(&acls, "findById", Read, &user(), true));
        assert!(allows(&acls, "updateAttributes", Write, &user(), true));
        assert!(!allows(&acls, "updateAttributes", Write, &user(), false));
        // ALLOW E find + DENY E find
        let acls = [
            allow(Everyone).method("find"),
            deny(Everyone).method("find"),
        ];
        assert!(!allows(&acls, "find", Read, &anonymous, false));
    }

    #[test]
    fn a_role_beats_everyone_at_the_same_place() {
        let acls = [deny(Everyone), allow(Role("admin"))];
        let admin = Caller::user("7", ["admin".to_owned()]);
        assert!(allows(&acls, "deleteById", Write, &admin, false));
        assert!(!allows(&acls, "deleteById", Write, &user(), false));
    }

    #[test]
    fn nothing_matches_nothing_allowed() {
        assert!(!allows(&[], "find", Read, &user(), true));
    }

    #[test]
    fn anonymous_is_never_the_owner() {
        assert!(!allows(
            &[allow(Owner)],
            "find",
            Read,
            &Caller::anonymous(),
            true
        ));
    }
}

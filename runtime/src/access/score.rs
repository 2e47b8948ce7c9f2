//! How strong a rule is (contract *access-control.md* §10).

use crate::model::{AccessType, Permission, PrincipalDef};

const EXACT: u32 = 3;
const WILDCARD: u32 = 2;

/// LoopBack's score of a rule for a request: each digit outweighs all that follow. `None`: the rule is about something
/// else.
///
/// `rule` is what the rule names, a method and a kind of access, each if it names one; `asked` is what is asked, with
/// whether the rule's method is the one.
pub(super) fn score(
    method: Option<bool>,
    rule_access: Option<AccessType>,
    asked: AccessType,
    principal: PrincipalDef<'_>,
    permission: Permission,
) -> Option<u32> {
    let method = match method {
        Some(true) => EXACT,
        Some(false) => return None,
        None => WILDCARD,
    };
    let access = match rule_access {
        // A rule for EXECUTE covers every kind of access, and counts as exact.
        Some(rule) if rule == asked || rule == AccessType::Execute => EXACT,
        Some(_) => return None,
        None => WILDCARD,
    };
    let (kind, role) = match principal {
        // In base 4 this carries into the digit before, as it does in LoopBack.
        PrincipalDef::User(_) => (4, 0),
        PrincipalDef::App(_) => (3, 0),
        PrincipalDef::Role(_) => (2, 5),
        PrincipalDef::Owner => (2, 4),
        PrincipalDef::Related => (2, 3),
        PrincipalDef::Authenticated | PrincipalDef::Unauthenticated => (2, 2),
        PrincipalDef::Everyone => (2, 1),
    };
    let digits = [(method, 4), (access, 4), (kind, 4), (role, 8)];
    let place = digits
        .iter()
        .fold(EXACT, |score, (digit, base)| score * base + digit);
    let score = place * 4;
    Some(match permission {
        Permission::Deny => score + 3,
        Permission::Allow => score,
        Permission::Default => score - 1,
    })
}

#[cfg(test)]
mod tests {
    use AccessType::{Execute, Read};
    use Permission::{Allow, Deny};
    use PrincipalDef::{App, Authenticated, Everyone, Owner, Related, Role, User};

    use super::*;

    #[test]
    fn the_reference_scores_of_the_contract() {
        let cases = [
            (None, None, Everyone, Allow, 7492),
            (None, None, Everyone, Deny, 7495),
            (None, None, Authenticated, Allow, 7496),
            (None, None, Related, Allow, 7500),
            (None, None, Owner, Allow, 7504),
            (None, None, Role("admin"), Allow, 7508),
            (None, None, App("a"), Allow, 7520),
            (None, None, User("1"), Allow, 7552),
            (None, Some(Read), Everyone, Allow, 7620),
            (None, Some(Read), User("1"), Allow, 7680),
            (Some(true), None, Everyone, Allow, 8004),
            (Some(true), Some(Read), Everyone, Allow, 8132),
            (Some(true), Some(Execute), Everyone, Allow, 8132),
        ];
        for (method, access, principal, permission, expected) in cases {
            let found = score(method, access, Read, principal, permission);
            assert_eq!(found, Some(expected), "{principal} {permission:?}");
        }
    }

    #[test]
    fn a_rule_about_something_else_has_none() {
        assert_eq!(score(Some(false), None, Read, Everyone, Allow), None);
        let write = Some(AccessType::Write);
        assert_eq!(score(None, write, Read, Everyone, Allow), None);
    }
}

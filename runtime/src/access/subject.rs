//! Callers of whom rules are asked in advance, without a request.

use std::fmt;

use super::Caller;
use crate::model::PrincipalDef;

/// A kind of caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CallerKind {
    /// Without a valid token.
    Anonymous,
    /// Logged in, and nothing besides.
    Authenticated,
    /// A user whom the instance belongs to.
    Owner,
    /// A user whom a relation of the instance leads to.
    Related,
    /// A user who is a member of this role.
    Role(String),
    /// The user with this id.
    User(String),
    /// The application with this id.
    App(String),
}

impl CallerKind {
    /// Those that every application has.
    pub const GENERAL: [CallerKind; 4] = [
        CallerKind::Anonymous,
        CallerKind::Authenticated,
        CallerKind::Owner,
        CallerKind::Related,
    ];

    /// Callers whom a rule for `principal` is about.
    pub fn of(principal: PrincipalDef<'_>) -> Self {
        match principal {
            PrincipalDef::Everyone | PrincipalDef::Unauthenticated => CallerKind::Anonymous,
            PrincipalDef::Authenticated => CallerKind::Authenticated,
            PrincipalDef::Owner => CallerKind::Owner,
            PrincipalDef::Related => CallerKind::Related,
            PrincipalDef::Role(name) => CallerKind::Role(name.to_owned()),
            PrincipalDef::User(id) => CallerKind::User(id.to_owned()),
            PrincipalDef::App(id) => CallerKind::App(id.to_owned()),
        }
    }

    /// Reads what [`Display`](fmt::Display) writes. What everyone may do is what may be done without a token, so `everyone`
    /// is another word for `anonymous`.
    pub fn parse(text: &str) -> Option<Self> {
        let name = |name: &str| (!name.is_empty()).then(|| name.to_owned());
        match text.split_once(':') {
            Some(("role", role)) => name(role).map(CallerKind::Role),
            Some(("user", id)) => name(id).map(CallerKind::User),
            Some(("app", id)) => name(id).map(CallerKind::App),
            _ => match text {
                "everyone" => Some(CallerKind::Anonymous),
                _ => CallerKind::GENERAL
                    .into_iter()
                    .find(|kind| kind.to_string() == text),
            },
        }
    }
}

/// As it is given on the command line: `anonymous`, `role:admin`, `user:5`.
impl fmt::Display for CallerKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CallerKind::Anonymous => f.write_str("anonymous"),
            CallerKind::Authenticated => f.write_str("authenticated"),
            CallerKind::Owner => f.write_str("owner"),
            CallerKind::Related => f.write_str("related"),
            CallerKind::Role(name) => write!(f, "role:{name}"),
            CallerKind::User(id) => write!(f, "user:{id}"),
            CallerKind::App(id) => write!(f, "app:{id}"),
        }
    }
}

/// A caller who is thought up, and what they are to the instances that the path names.
#[derive(Debug, Clone)]
pub(crate) struct Subject {
    pub(super) caller: Caller,
    pub(super) owner: bool,
    pub(super) related: bool,
}

impl Subject {
    /// Somebody who is all of these at once.
    pub fn new(kinds: &[CallerKind]) -> Self {
        let named = |name: fn(&CallerKind) -> Option<&String>| kinds.iter().find_map(name).cloned();
        let user = named(|kind| match kind {
            CallerKind::User(id) => Some(id),
            _ => None,
        });
        let app = named(|kind| match kind {
            CallerKind::App(id) => Some(id),
            _ => None,
        });
        let roles = kinds.iter().filter_map(|kind| match kind {
            CallerKind::Role(name) => Some(name.clone()),
            _ => None,
        });
        let (owner, related) = (
            kinds.contains(&CallerKind::Owner),
            kinds.contains(&CallerKind::Related),
        );
        // A user whom no rule names: an id is never empty.
        let somebody = match app {
            Some(_) => owner || related,
            None => kinds.iter().any(|kind| *kind != CallerKind::Anonymous),
        };
        let user = user.or_else(|| somebody.then(String::new));
        Subject {
            caller: Caller::assumed(user, app, roles.collect()),
            owner,
            related,
        }
    }

    /// The same caller before instances to which they are no more than this.
    #[must_use]
    pub fn limited(&self, owner: bool, related: bool) -> Self {
        Subject {
            caller: self.caller.clone(),
            owner: self.owner && owner,
            related: self.related && related,
        }
    }

    /// Who it is.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Is a rule for `principal` about this caller?
    pub fn is(&self, principal: PrincipalDef<'_>) -> bool {
        match principal {
            PrincipalDef::Related => self.related && self.caller.user_id().is_some(),
            other => self.caller.is(other, self.owner),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for text in [
            "anonymous",
            "authenticated",
            "owner",
            "related",
            "role:team member",
            "user:5",
            "app:a:b",
        ] {
            let kind = CallerKind::parse(text).unwrap();
            assert_eq!(kind.to_string(), text);
        }
        assert_eq!(CallerKind::parse("everyone"), Some(CallerKind::Anonymous));
        for text in ["", "admin", "role:", "roles:admin"] {
            assert_eq!(CallerKind::parse(text), None, "{text}");
        }
    }

    #[test]
    fn somebody_may_be_several_things_at_once() {
        let subject = |text: &str| {
            let kinds: Vec<_> = text.split(',').filter_map(CallerKind::parse).collect();
            Subject::new(&kinds)
        };
        let admin = subject("user:5,role:admin");
        for principal in [
            PrincipalDef::Everyone,
            PrincipalDef::Authenticated,
            PrincipalDef::Role("admin"),
            PrincipalDef::User("5"),
        ] {
            assert!(admin.is(principal), "{principal}");
        }
        assert!(!admin.is(PrincipalDef::Owner));
        assert!(subject("app:x,owner").is(PrincipalDef::Owner));
        assert!(subject("related").is(PrincipalDef::Related));
        assert!(
            !subject("related")
                .limited(true, false)
                .is(PrincipalDef::Related)
        );
        let anonymous = subject("anonymous");
        assert!(anonymous.is(PrincipalDef::Unauthenticated));
        assert!(!anonymous.is(PrincipalDef::Authenticated));
        // An application is no user, and owns nothing by itself.
        assert!(subject("app:x").caller().user_id().is_none());
    }
}

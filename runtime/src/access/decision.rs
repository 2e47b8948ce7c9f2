//! Which rule decides (contract *access-control.md* §10).

use std::sync::Arc;

use async_trait::async_trait;

use super::row::{RowPrincipal, RowRule};
use super::score::score;
use super::{About, Caller, Subject};
use crate::Result;
use crate::model::{AccessType, AclDef, ModelDef, Permission, PrincipalDef, RemoteMethodDef};

/// The rules for one method, in order of precedence.
#[derive(Debug, Clone)]
pub struct MethodAccess {
    def: &'static ModelDef,
    method: String,
    /// The method's other names, by which rows may call it.
    aliases: &'static [&'static str],
    access: AccessType,
    /// What a token must be for that is not for everything.
    scopes: &'static [&'static str],
    rules: Vec<Scored>,
    /// What a rule with the permission `DEFAULT` comes to.
    default: Permission,
}

#[derive(Debug, Clone)]
struct Scored {
    score: u32,
    rule: AclDef,
    /// The rule as it is written.
    text: Arc<str>,
}

/// The instance that a method is called on, as far as rules are about it.
#[async_trait]
pub(crate) trait Instance: Sync {
    /// Does it belong to `caller`? What is not there belongs to nobody.
    async fn is_owned_by(&self, caller: &Caller) -> Result<bool>;

    /// Does one of its relations lead to `caller`?
    async fn is_related_to(&self, caller: &Caller) -> Result<bool>;
}

/// A caller who stands before a method.
pub(crate) struct Standing<'a> {
    pub caller: &'a Caller,
    pub about: About<'a>,
    /// None for a method of the collection.
    pub instance: Option<&'a dyn Instance>,
}

impl Standing<'_> {
    /// Is a rule for `principal` about this caller?
    async fn is(&self, principal: PrincipalDef<'_>) -> Result<bool> {
        if let Some(known) = self.caller.is_by_itself(principal) {
            return Ok(known);
        }
        match principal {
            PrincipalDef::Role(role) => self.caller.has_role(role, &self.about).await,
            PrincipalDef::Related => self.is_related().await,
            _ => self.is_owner().await,
        }
    }

    /// Is a row about `principal` about this caller?
    async fn is_in_row(&self, principal: &RowPrincipal) -> Result<bool> {
        match principal {
            RowPrincipal::User { model, id } => Ok(self.caller.is_user(*model, id)),
            other => self.is(other.as_def()).await,
        }
    }

    async fn is_owner(&self) -> Result<bool> {
        // LoopBack lets its own roles be replaced, too.
        if let Some(decided) = self.caller.resolved("$owner", &self.about).await? {
            return Ok(decided);
        }
        match self.instance {
            Some(instance) if self.caller.user_id().is_some() => {
                instance.is_owned_by(self.caller).await
            }
            _ => Ok(false),
        }
    }

    async fn is_related(&self) -> Result<bool> {
        // To LoopBack it is a role like others: whoever has made it so goes on.
        if self.caller.has_role("$related", &self.about).await? {
            return Ok(true);
        }
        match self.instance {
            Some(instance) if self.caller.user_id().is_some() => {
                instance.is_related_to(self.caller).await
            }
            _ => Ok(false),
        }
    }
}

/// What a rule has decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decision {
    pub allowed: bool,
    /// The rule as it is written; none when no rule is about the caller.
    pub rule: Option<Arc<str>>,
    /// Does it name this very method?
    pub named: bool,
}

impl Decision {
    /// What holds where no rule is about the caller.
    const CLOSED: Decision = Decision {
        allowed: false,
        rule: None,
        named: false,
    };
}

impl MethodAccess {
    /// The rules of `def` that are about the method called `name`, whose kind of access is `access`.
    pub fn new(def: &'static ModelDef, name: &str, access: AccessType) -> Self {
        MethodAccess::among(def, def.acls, name, access)
    }

    /// The rules about reading or writing the property of `def` at `position`, if there are some.
    pub(crate) fn of_property(
        def: &'static ModelDef,
        position: usize,
        access: AccessType,
    ) -> Option<Self> {
        let property = &def.properties[position];
        let rules = MethodAccess::among(def, property.acls, property.name, access);
        (!rules.rules.is_empty()).then_some(rules)
    }

    fn among(
        def: &'static ModelDef,
        acls: &'static [AclDef],
        name: &str,
        access: AccessType,
    ) -> Self {
        let scored = |rule: &AclDef| {
            let method = rule.method.map(|method| method == name);
            let score = score(method, rule.access, access, rule.principal, rule.permission)?;
            Some(Scored {
                score,
                rule: *rule,
                text: rule.to_string().into(),
            })
        };
        let mut rules: Vec<_> = acls.iter().filter_map(scored).collect();
        // Stable: equals stay in the order of their declaration.
        rules.sort_by_key(|scored| std::cmp::Reverse(scored.score));
        let open = AclDef::allow(PrincipalDef::Everyone);
        MethodAccess {
            def,
            method: name.to_owned(),
            aliases: match def.kind.methods().iter().find(|known| known.name == name) {
                Some(method) => method.aliases,
                None => &[],
            },
            access,
            scopes: match def.methods.remotes.iter().find(|own| own.name == name) {
                Some(own) => own.scopes,
                None => &[RemoteMethodDef::DEFAULT_SCOPE],
            },
            rules,
            default: match acls.contains(&open) {
                true => Permission::Allow,
                false => Permission::Deny,
            },
        }
    }

    /// The rules of a method of `def` that nobody may call.
    pub fn closed(def: &'static ModelDef) -> Self {
        MethodAccess {
            def,
            method: String::new(),
            aliases: &[],
            access: AccessType::Execute,
            scopes: &[],
            rules: Vec::new(),
            default: Permission::Deny,
        }
    }

    /// The model whose method it is.
    pub fn model(&self) -> &'static ModelDef {
        self.def
    }

    /// The method's name, as rules know it.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// What the method does to the data.
    pub fn access(&self) -> AccessType {
        self.access
    }

    /// May `caller` call the method, by the rules of the program alone and the roles that the caller was given? `owner` tells
    /// whether the instance in question is the caller's own.
    ///
    /// ```
    /// use loopwright::access::{Caller, MethodAccess};
    /// use loopwright::model::AccessType;
    /// use loopwright::prelude::*;
    ///
    /// #[derive(Model)]
    /// #[acl(deny(all), to = everyone)]
    /// #[acl(allow(read), to = everyone)]
    /// struct Shop {
    ///     #[model(id)]
    ///     id: i64,
    /// }
    ///
    /// let find = MethodAccess::new(Shop::DEF, "find", AccessType::Read);
    /// let create = MethodAccess::new(Shop::DEF, "create", AccessType::Write);
    /// assert!(find.allows(&Caller::anonymous(), false));
    /// assert!(!create.allows(&Caller::anonymous(), false));
    /// ```
    pub fn allows(&self, caller: &Caller, owner: bool) -> bool {
        self.judge(&Subject {
            caller: caller.clone(),
            owner,
            related: false,
        })
        .allowed
    }

    /// What the rules of the program alone decide about `subject`.
    pub(crate) fn judge(&self, subject: &Subject) -> Decision {
        let mut rules = self.rules.iter();
        let decisive = rules.find(|scored| subject.is(scored.rule.principal));
        decisive.map_or(Decision::CLOSED, |scored| self.by(scored))
    }

    /// The rules about the method, the strongest first.
    pub(crate) fn rules(&self) -> impl Iterator<Item = &AclDef> {
        self.rules.iter().map(|scored| &scored.rule)
    }

    /// What this rule decides.
    fn by(&self, Scored { rule, text, .. }: &Scored) -> Decision {
        Decision {
            allowed: self.comes_to(rule.permission),
            rule: Some(text.clone()),
            named: rule.method.is_some(),
        }
    }

    /// The principals whom a rule allows the method, strongest rule first. A caller may also be denied by a rule that is
    /// stronger for them; [`allows`](Self::allows) decides.
    pub fn allowed(&self) -> impl Iterator<Item = PrincipalDef<'static>> {
        self.rules()
            .filter(|rule| self.comes_to(rule.permission))
            .map(|rule| rule.principal)
    }

    fn comes_to(&self, permission: Permission) -> bool {
        match permission {
            Permission::Allow => true,
            Permission::Deny => false,
            Permission::Default => self.default == Permission::Allow,
        }
    }

    /// Is a token for this method that is for `scopes` alone? A scope is one that the method names, `DEFAULT` for methods that
    /// name none, a kind of access (`READ`), a model (`Shop`) or a method (`Shop.find`).
    fn is_within(&self, scopes: &[String]) -> bool {
        let model = self.def.name;
        // What asks for a scope of its own is within no other.
        let usual = self.scopes.contains(&RemoteMethodDef::DEFAULT_SCOPE);
        scopes.iter().any(|scope| {
            let named = scope.split_once('.');
            self.scopes.contains(&scope.as_str())
                || usual
                    && (scope == self.access.as_str()
                        || scope == model
                        || named == Some((model, self.method.as_str())))
        })
    }

    /// What the rules decide, those of the program and those of the database, which are `rows`. The principal of each rule is
    /// looked at in turn until one is about the caller: no role is asked for in vain.
    ///
    /// # Errors
    /// What knows a role, or the instance, failed.
    pub(crate) async fn decide(
        &self,
        rows: &[RowRule],
        standing: &Standing<'_>,
    ) -> Result<Decision> {
        if let Some(token) = standing.caller.token()
            && !self.is_within(&token.scopes)
        {
            return Ok(Decision {
                allowed: false,
                rule: Some("the token is for something else".into()),
                named: true,
            });
        }
        let mut rows: Vec<_> = rows.iter().filter_map(|row| self.scored(row)).collect();
        rows.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        let mut rows = rows.into_iter().peekable();
        let mut rules = self.rules.iter().peekable();
        loop {
            // Among equals, rows come first (contract access-control.md §10).
            let row = rows
                .peek()
                .is_some_and(|(score, _)| rules.peek().is_none_or(|scored| *score >= scored.score));
            if row && let Some((_, row)) = rows.next() {
                if standing.is_in_row(&row.principal).await? {
                    return Ok(Decision {
                        allowed: self.comes_to(row.permission),
                        rule: Some(row.to_string().into()),
                        named: row.method.is_some(),
                    });
                }
            } else if let Some(scored) = rules.next() {
                if standing.is(scored.rule.principal).await? {
                    return Ok(self.by(scored));
                }
            } else {
                return Ok(Decision::CLOSED);
            }
        }
    }

    /// A row with its score, if it is about this method.
    fn scored<'r>(&self, row: &'r RowRule) -> Option<(u32, &'r RowRule)> {
        let method = row.method.as_deref();
        let method = method.map(|name| name == self.method || self.aliases.contains(&name));
        // Unlike a rule of the program, a row for EXECUTE is about nothing else (contract access-control.md §10).
        if row.access.is_some_and(|access| access != self.access) {
            return None;
        }
        let principal = row.principal.as_def();
        let score = score(method, row.access, self.access, principal, row.permission)?;
        Some((score, row))
    }
}

#[cfg(test)]
mod tests {
    use AccessType::{Execute, Read, Write};
    use PrincipalDef::{Authenticated, Everyone, Owner, Role, Unauthenticated, User};

    use super::*;
    use crate::model::PropertyDef;

    const fn allow(principal: PrincipalDef<'static>) -> AclDef {
        AclDef::allow(principal)
    }

    const fn deny(principal: PrincipalDef<'static>) -> AclDef {
        AclDef::deny(principal)
    }

    fn user() -> Caller {
        Caller::user("1", [])
    }

    fn def(acls: &[AclDef]) -> &'static ModelDef {
        let def = ModelDef::new("Thing", "Things", "thing", &[PropertyDef::KEY]);
        Box::leak(Box::new(def.acls(Box::leak(acls.into()))))
    }

    fn allows(
        acls: &[AclDef],
        method: &str,
        access: AccessType,
        caller: &Caller,
        owner: bool,
    ) -> bool {
        MethodAccess::new(def(acls), method, access).allows(caller, owner)
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
        // DENY E + ALLOW A * EXECUTE
        let acls = [deny(Everyone), allow(Authenticated).access(Execute)];
        assert!(allows(&acls, "deleteById", Write, &user(), false));
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
        // DENY USER 1 + ALLOW A
        let acls = [deny(User("1")), allow(Authenticated)];
        assert!(!allows(&acls, "find", Read, &user(), false));
        let other = Caller::user("2", []);
        assert!(allows(&acls, "find", Read, &other, false));
        // DENY E + ALLOW USER 1
        let acls = [deny(Everyone), allow(User("1"))];
        assert!(allows(&acls, "find", Read, &user(), false));
        assert!(!allows(&acls, "find", Read, &other, false));
        // ALLOW E find + DENY E find
        let acls = [
            allow(Everyone).method("find"),
            deny(Everyone).method("find"),
        ];
        assert!(!allows(&acls, "find", Read, &anonymous, false));
    }

    #[test]
    fn default_is_what_holds_where_no_rule_matches() {
        let default = AclDef {
            permission: Permission::Default,
            ..allow(Everyone).method("find")
        };
        let anonymous = Caller::anonymous();
        // It names the method, and so it is stronger than what opens all others.
        let open = [allow(Everyone), default];
        assert!(allows(&open, "find", Read, &anonymous, false));
        assert!(!allows(&[default], "find", Read, &anonymous, false));
        assert!(!allows(
            &[default, allow(Authenticated)],
            "find",
            Read,
            &user(),
            false
        ));
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
        let anonymous = Caller::anonymous();
        assert!(!allows(&[allow(Owner)], "find", Read, &anonymous, true));
    }

    async fn decided(acls: &[AclDef], rows: &[RowRule], caller: &Caller) -> bool {
        let def = def(acls);
        let access = MethodAccess::new(def, "find", Read);
        let about = About {
            def,
            id: None,
            method: "find",
            access: Read,
        };
        let standing = Standing {
            caller,
            about,
            instance: None,
        };
        access.decide(rows, &standing).await.unwrap().allowed
    }

    #[tokio::test]
    async fn rows_go_between_the_rules_of_the_program() {
        let row = |permission, method: Option<&str>| RowRule {
            principal: RowPrincipal::Role("$everyone".to_owned()),
            permission,
            access: None,
            method: method.map(str::to_owned),
        };
        let anonymous = Caller::anonymous();
        // DENY E + dynamic ALLOW E * *: the same place, and DENY wins
        let closed = [deny(Everyone)];
        let open = [row(Permission::Allow, None)];
        assert!(!decided(&closed, &open, &anonymous).await);
        // DENY E + dynamic ALLOW E find *
        let found = [row(Permission::Allow, Some("find"))];
        assert!(decided(&closed, &found, &anonymous).await);
        // ALLOW E + dynamic DENY E * *
        let shut = [row(Permission::Deny, None)];
        assert!(!decided(&[allow(Everyone)], &shut, &anonymous).await);
        assert!(decided(&[allow(Everyone)], &[], &anonymous).await);
    }
}

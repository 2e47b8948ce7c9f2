//! What the configuration says of who may call models, whoever has written them (contract *access-control.md* §2.1).

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use super::config::ModelConfig;
use crate::definitions::nearest;
use crate::model::{AccessType, AclDef, ModelDef, Permission, PrincipalDef, RelationDef};
use crate::{Error, Result};

/// An access rule in LoopBack's words, as `model-config.json` has them.
///
/// ```toml
/// [[models.CoffeeShop.acls]]
/// principal_id = "$everyone"
/// access_type = "WRITE"
/// permission = "DENY"
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct RuleConfig {
    /// What kind of caller it is about: `ROLE`, unless said, `USER` or `APP`.
    #[serde(default = "role", alias = "principalType")]
    pub principal_type: String,
    /// Which: the name of a role, LoopBack's own such as `$everyone` among them, or an id.
    #[serde(alias = "principalId")]
    pub principal_id: String,
    /// Which kind of access: `READ`, `WRITE`, `EXECUTE`; every kind, unless said.
    #[serde(default = "every", alias = "accessType")]
    pub access_type: String,
    /// Which method, such as `create`; every one, unless said.
    #[serde(default = "every")]
    pub property: String,
    /// `ALLOW`, `DENY` or `DEFAULT`.
    pub permission: String,
}

fn role() -> String {
    "ROLE".to_owned()
}

fn every() -> String {
    "*".to_owned()
}

impl RuleConfig {
    /// Whom it is about, and whether they are let in.
    pub fn new(principal_id: impl Into<String>, permission: impl Into<String>) -> Self {
        RuleConfig {
            principal_type: role(),
            principal_id: principal_id.into(),
            access_type: every(),
            property: every(),
            permission: permission.into(),
        }
    }

    /// The rule of `def` that it says.
    fn rule(&self, def: &'static ModelDef) -> std::result::Result<AclDef, String> {
        let (access, mut method) = (self.access()?, self.method(def)?);
        if let (Some(access), Some((name, does))) = (access, &method)
            && ![*does, AccessType::Execute].contains(&access)
        {
            return Err(format!(
                "the method `{name}` is no `{}` but `{}`; leave `access_type` out",
                access.as_str(),
                does.as_str()
            ));
        }
        Ok(AclDef {
            principal: self.principal()?,
            permission: self.permission()?,
            access,
            method: method.take().map(|(name, _)| &*name.leak()),
        })
    }

    fn principal(&self) -> std::result::Result<PrincipalDef<'static>, String> {
        // A rule lives as long as the program, as descriptions do.
        let id = || &*self.principal_id.clone().leak();
        if self.principal_id.is_empty() {
            return Err("`principal_id` says whom it is about; write a role or an id".to_owned());
        }
        match self.principal_type.as_str() {
            "USER" => return Ok(PrincipalDef::User(id())),
            "APP" => return Ok(PrincipalDef::App(id())),
            "ROLE" => {}
            other => {
                return Err(unknown(
                    "type of principal",
                    other,
                    &["ROLE", "USER", "APP"],
                ));
            }
        }
        let special = [
            ("$everyone", PrincipalDef::Everyone),
            ("$authenticated", PrincipalDef::Authenticated),
            ("$unauthenticated", PrincipalDef::Unauthenticated),
            ("$owner", PrincipalDef::Owner),
            ("$related", PrincipalDef::Related),
        ];
        let name = self.principal_id.as_str();
        match special.iter().find(|(known, _)| *known == name) {
            Some((_, principal)) => Ok(*principal),
            None if name.starts_with('$') => {
                Err(unknown("role", name, &special.map(|(known, _)| known)))
            }
            None => Ok(PrincipalDef::Role(id())),
        }
    }

    fn permission(&self) -> std::result::Result<Permission, String> {
        match self.permission.as_str() {
            // Audit and alarm allow, and do nothing else.
            "ALLOW" | "AUDIT" | "ALARM" => Ok(Permission::Allow),
            "DENY" => Ok(Permission::Deny),
            "DEFAULT" => Ok(Permission::Default),
            other => Err(unknown(
                "permission",
                other,
                &["ALLOW", "DENY", "DEFAULT", "AUDIT", "ALARM"],
            )),
        }
    }

    fn access(&self) -> std::result::Result<Option<AccessType>, String> {
        match self.access_type.as_str() {
            "*" => Ok(None),
            "READ" => Ok(Some(AccessType::Read)),
            "WRITE" => Ok(Some(AccessType::Write)),
            "EXECUTE" => Ok(Some(AccessType::Execute)),
            other => Err(unknown(
                "kind of access",
                other,
                &["READ", "WRITE", "EXECUTE", "*"],
            )),
        }
    }

    /// The method by the name that rules go by, and what it does.
    fn method(&self, def: &ModelDef) -> std::result::Result<Option<(String, AccessType)>, String> {
        let name = match self.property.as_str() {
            "*" => return Ok(None),
            name => name,
        };
        let mut every = def.kind.methods().iter();
        let alias = every.find(|known| known.aliases.contains(&name));
        let name = alias.map_or(name, |known| known.name);
        let mut methods: Vec<_> = def.served_methods().collect();
        match methods.iter().position(|(known, _)| known == name) {
            Some(index) => Ok(Some(methods.swap_remove(index))),
            None => {
                let known: Vec<_> = methods.iter().map(|(name, _)| name.as_str()).collect();
                Err(unknown("method", name, &known))
            }
        }
    }
}

fn unknown(what: &str, name: &str, known: &[&str]) -> String {
    match nearest(name, known.iter().copied()) {
        Some(near) => format!("there is no {what} `{name}`; did you mean `{near}`?"),
        None => format!("there is no {what} `{name}`"),
    }
}

/// Gives the models that the configuration speaks of the rules that it says, and hides those that it hides. Relations lead to
/// the models as they are then: whoever comes by way of another one may do no more.
///
/// # Errors
/// The configuration speaks of a model or a method that there is not, or serves what the program does not.
pub(super) fn apply(
    models: &mut [&'static ModelDef],
    config: &BTreeMap<String, ModelConfig>,
) -> Result<()> {
    let mut changed = BTreeMap::new();
    for (name, config) in config {
        let def = models.iter().copied().find(|def| def.name == name);
        let Some(def) = def else {
            if config.public.is_some() || !config.acls.is_empty() {
                return Err(unlisted(name, models));
            }
            // One between two others comes later.
            continue;
        };
        if config.public == Some(true) && !def.public {
            return Err(Error::internal(format!(
                "models.{name}: the program does not serve this model, and `public` can only hide one; remove it"
            )));
        }
        let hidden = config.public == Some(false) && def.public;
        if hidden || !config.acls.is_empty() {
            changed.insert(def.name, (rules(def, &config.acls)?, def.public && !hidden));
        }
    }
    if changed.is_empty() {
        return Ok(());
    }
    // What is kept within others comes along with them, and may lead to one that is changed.
    let mut all = models.to_vec();
    let mut next = 0;
    while let Some(owner) = all.get(next) {
        let embedded = owner.relations.iter().filter(|one| one.is_embedded());
        let embedded: Vec<_> = embedded.filter_map(RelationDef::target).collect();
        for def in embedded {
            if all.iter().all(|known| known.name != def.name) {
                all.push(def);
            }
        }
        next += 1;
    }
    let later: BTreeMap<&str, Later> = all
        .iter()
        .map(|def| (def.name, &*Box::leak(Box::default())))
        .collect();
    for def in all {
        let relations = def.relations.iter().map(|relation| {
            let mut relation = *relation;
            let target = relation.target().map(|target| target.name);
            if let Some(later) = target.and_then(|name| later.get(name)) {
                relation = relation.led_to(later);
            }
            let join = relation.through.filter(|through| !through.is_made());
            let join = join.and_then(|_| relation.join(def)).map(|join| join.name);
            match join.and_then(|name| later.get(name)) {
                Some(later) => relation.led_through(later),
                None => relation,
            }
        });
        let (acls, public) = match changed.remove(def.name) {
            Some((acls, public)) => (&*acls.leak(), public),
            None => (def.acls, def.public),
        };
        let new: &'static ModelDef = Box::leak(Box::new(ModelDef {
            relations: Vec::leak(relations.collect()),
            acls,
            public,
            base: Some(def),
            ..*def
        }));
        if let Some(later) = later.get(def.name) {
            later.get_or_init(|| new);
        }
    }
    for def in models {
        let new = later.get(def.name).and_then(|later| later.get());
        *def = new.copied().unwrap_or(def);
    }
    Ok(())
}

/// The configuration speaks of a model that there is not.
pub(super) fn unlisted(name: &str, models: &[&'static ModelDef]) -> Error {
    let hint = match nearest(name, models.iter().map(|def| def.name)) {
        Some(near) => format!("; did you mean `{near}`?"),
        None => String::new(),
    };
    Error::internal(format!(
        "the configuration speaks of the model `{name}`, which the application does not list{hint}"
    ))
}

/// Where the new description of a model will be.
type Later = &'static OnceLock<&'static ModelDef>;

/// The rules of `def` with `overrides` over them.
fn rules(def: &'static ModelDef, overrides: &[RuleConfig]) -> Result<Vec<AclDef>> {
    let mut rules = def.acls.to_vec();
    for config in overrides {
        let over = config.rule(def).map_err(|message| {
            Error::internal(format!("a rule of `models.{}`: {message}", def.name))
        })?;
        // What a method does it always does: there a kind of access makes no other rule.
        let same = |rule: &&mut AclDef| {
            (rule.principal, rule.method) == (over.principal, over.method)
                && (rule.method.is_some() || rule.access == over.access)
        };
        match rules.iter_mut().find(same) {
            Some(rule) => rule.permission = over.permission,
            None => rules.push(over),
        }
    }
    Ok(rules)
}

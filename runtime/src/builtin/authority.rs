//! Whom tokens stand for, which roles they have, and which rules are rows: what access decisions ask the data sources.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use chrono::Utc;
use futures_util::future::BoxFuture;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use super::account::Tokens;
use super::application::KEYS;
#[cfg(feature = "jwt")]
use super::jwt::Jwt;
use super::service::Users;
use super::throttle::{Throttle, too_many};
use super::{AccessToken, Acl, Application, Role, RoleMapping};
use crate::access::{
    About, Authenticator, Caller, Memberships, RoleSource, RowPrincipal, RowRule, RowRules,
    TokenIdentity,
};
use crate::model::{
    AccessType, Model, ModelDef, Permission, PrincipalKind, Record, RemoteMethodDef, Value,
};
use crate::query::{Comparison, Condition};
use crate::repository::{ErasedRepository, Registry, Repository};
use crate::{Error, Result};

/// What a resolver of roles is asked: has somebody the role, here?
///
/// [`App::role`](crate::App::role) registers one.
#[derive(Debug, Clone)]
pub struct RoleQuery {
    caller: Caller,
    model: &'static ModelDef,
    id: Option<String>,
    method: String,
    access: AccessType,
    registry: RegistryHandle,
}

#[derive(Clone)]
struct RegistryHandle(Arc<Registry>);

impl std::fmt::Debug for RegistryHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Registry")
    }
}

impl RoleQuery {
    /// Who calls, with or without a token.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The model whose method is called.
    pub fn model(&self) -> &'static ModelDef {
        self.model
    }

    /// The id of the instance in the path, as it was sent; none for a method of the collection.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The name of the method, as rules know it: `findById`.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// What the method does to the data.
    pub fn access(&self) -> AccessType {
        self.access
    }

    /// The instances of the model `M`, on behalf of the application: no rule is asked.
    ///
    /// # Errors
    /// The application does not list `M`.
    pub fn repository<M: Model>(&self) -> Result<Repository<M>> {
        Ok(Repository::new(self.erased(M::DEF.name)?))
    }

    /// The instances of the model called `name`, without their Rust type.
    pub(crate) fn erased(&self, name: &str) -> Result<ErasedRepository> {
        self.registry.0.repository(name)
    }
}

/// What knows whether somebody has a role.
pub(crate) type RoleResolver = dyn Fn(RoleQuery) -> BoxFuture<'static, Result<bool>> + Send + Sync;

/// What access decisions ask the data sources.
#[derive(Clone)]
pub(crate) struct Authority {
    registry: Arc<Registry>,
    resolvers: Arc<BTreeMap<String, Arc<RoleResolver>>>,
    /// The model of users, unless there are several.
    only_users: Option<&'static ModelDef>,
    /// The calls of applications in this minute.
    calls: Arc<Throttle>,
    #[cfg(feature = "jwt")]
    jwt: Option<Arc<Jwt>>,
}

impl Authority {
    pub fn new(registry: Arc<Registry>, resolvers: BTreeMap<String, Arc<RoleResolver>>) -> Self {
        let only_users = {
            let mut users = users(&registry);
            users.next().filter(|_| users.next().is_none())
        };
        Authority {
            registry,
            resolvers: Arc::new(resolvers),
            only_users,
            calls: Arc::new(Throttle::new(Duration::from_secs(60))),
            #[cfg(feature = "jwt")]
            jwt: None,
        }
    }

    /// The same, which knows signed tokens, too.
    #[cfg(feature = "jwt")]
    pub fn with_jwt(mut self, jwt: Option<Arc<Jwt>>) -> Self {
        self.jwt = jwt;
        self
    }

    /// The rules that are rows, if the application has a model of them.
    pub fn rows(&self) -> Option<Arc<dyn RowRules>> {
        let rows = self.derived_from(Acl::DEF)?;
        Some(Arc::new(Rows {
            repository: rows,
            users: users(&self.registry).collect(),
        }))
    }

    fn derived_from(&self, base: &'static ModelDef) -> Option<ErasedRepository> {
        let position = self.registry.derived_from(base)?;
        Some(ErasedRepository::new(self.registry.clone(), position))
    }

    /// The caller for whom the token with this id stands, if there is such a token.
    async fn known(&self, tokens: &Tokens, id: &str) -> Result<Option<Caller>> {
        let token = tokens
            .repository
            .stored(&Value::String(id.to_owned()))
            .await?;
        let Some(token) = token else {
            return Ok(None);
        };
        let at = |name| tokens.at(name);
        if !self.is_valid(&token, at("ttl")?, at("created")?)? {
            // One that two requests come with at once may be gone already.
            tokens
                .repository
                .delete_by_id(&Value::String(id.to_owned()))
                .await?;
            return Err(Error::new(401, "Invalid Access Token").with_code("INVALID_TOKEN"));
        }
        let text = |property: usize| match token.get(property) {
            None | Some(Value::Null) => None,
            Some(value) => Some(value.to_text()),
        };
        let model = self.user_model(text(at("principalType")?).as_deref());
        let user = text(at("userId")?).zip(model);
        let identity = TokenIdentity {
            id: id.to_owned(),
            scopes: scopes(&token, at("scopes")?),
            key: None,
            ends: None,
        };
        let app = text(at("appId")?);
        let caller = Caller::of_token(identity, user, app, Arc::new(self.clone()));
        Ok(Some(self.one_of_all(caller)))
    }

    /// The caller, of whom it is known whether an id alone says who it is.
    fn one_of_all(&self, caller: Caller) -> Caller {
        match self.only_users {
            Some(_) => caller,
            None => caller.among_several_models(),
        }
    }

    /// Is the token valid now (contract *users.md* §8.3)?
    fn is_valid(&self, token: &Record, ttl: usize, created: usize) -> Result<bool> {
        let (Some(Value::Integer(ttl)), Some(Value::DateTime(created))) =
            (token.get(ttl), token.get(created))
        else {
            return Ok(false);
        };
        let eternal = || {
            let users = self.registry.service::<Arc<Users>>();
            users.is_some_and(|users| users.settings.allow_eternal_tokens)
        };
        Ok(match *ttl {
            -1 => eternal(),
            ttl if ttl > 0 => {
                let age = (Utc::now() - *created).num_milliseconds();
                age < ttl.saturating_mul(1000)
            }
            _ => false,
        })
    }

    /// The model of users with this name, or the only one there is.
    fn user_model(&self, name: Option<&str>) -> Option<&'static ModelDef> {
        match name {
            Some(name) => {
                let mut users = users(&self.registry);
                users.find(|def| def.name == name)
            }
            None => self.only_users,
        }
    }

    /// The roles that have one of these members, each with the member's type.
    async fn roles_of(&self, members: &[(&str, Vec<String>)]) -> Result<Memberships> {
        let mappings = self.derived_from(RoleMapping::DEF);
        let (Some(mappings), Some(roles)) = (mappings, self.derived_from(Role::DEF)) else {
            return Ok(Memberships::default());
        };
        let def = mappings.def();
        let at = |name| super::account::position(def, name);
        let (kind, id, role) = (at("principalType")?, at("principalId")?, at("roleId")?);
        // Definitions may keep them as ids of another kind, which not every text is.
        let ty = &def.properties[id].ty;
        let members = members.iter().map(|(member, ids)| {
            let ids = ids.iter().cloned();
            let ids = ids.filter_map(|id| ty.from_json(id.into()).ok());
            let ids = Condition::compare(id, Comparison::In(ids.collect()));
            Condition::equal(kind, Value::String((*member).to_owned())).and(ids)
        });
        let name = super::account::position(roles.def(), "name")?;
        let members = Condition::Or(members.collect());
        let found = roles.stored_through(&mappings, role, members).await?;
        let names = found.iter().filter_map(|role| role.get(name));
        Ok(Memberships {
            names: names.map(Value::to_text).collect(),
            ids: found.iter().map(|role| roles.def().id_of(role)).collect(),
        })
    }
}

#[async_trait]
impl Authenticator for Authority {
    async fn caller(&self, meanings: &[String]) -> Result<Caller> {
        #[cfg(feature = "jwt")]
        if let Some(jwt) = &self.jwt {
            for token in meanings {
                if let Some(signed) = jwt.read(token)? {
                    let source = Arc::new(self.clone());
                    let (id, users) = (signed.user_id, signed.users);
                    let (roles, ends) = (signed.roles, signed.ends);
                    let caller = Caller::of_signed_token(id, users, roles, ends, source);
                    return Ok(self.one_of_all(caller));
                }
            }
        }
        if let Some(tokens) = self.derived_from(AccessToken::DEF) {
            let tokens = Tokens { repository: tokens };
            for id in meanings {
                if let Some(caller) = self.known(&tokens, id).await? {
                    return Ok(caller);
                }
            }
        }
        Ok(self.anonymous())
    }

    fn anonymous(&self) -> Caller {
        Caller::anonymous_with(Arc::new(self.clone()))
    }

    async fn application(&self, id: &str, key: &str) -> Result<Option<Caller>> {
        let Some(applications) = self.derived_from(Application::DEF) else {
            return Ok(None);
        };
        let stored = applications.stored(&Value::String(id.to_owned())).await?;
        let def = applications.def();
        let key = digest(key);
        let stored = match stored {
            Some(stored) if has_key(def, &stored, &key)? => stored,
            _ => return Ok(None),
        };
        let at = |name| super::account::position(def, name);
        if let Some(Value::Integer(limit)) = stored.get(at("rateLimit")?) {
            let most = u64::try_from(*limit).unwrap_or_default();
            self.calls
                .begin(id, most, Instant::now())
                .map_err(|wait| too_many("calls", "TOO_MANY_CALLS", wait))?;
        }
        let token = TokenIdentity {
            id: String::new(),
            scopes: scopes(&stored, at("scopes")?),
            key: Some(key),
            ends: None,
        };
        let source = Arc::new(self.clone());
        Ok(Some(Caller::of_token(
            token,
            None,
            Some(id.to_owned()),
            source,
        )))
    }
}

/// May this application log in by a key of this hash?
fn has_key(def: &ModelDef, application: &Record, key: &[u8; 32]) -> Result<bool> {
    let at = |name| super::account::position(def, name);
    let mut right = false;
    for name in KEYS {
        if let Some(Value::String(known)) = application.get(at(name)?) {
            right |= bool::from(digest(known).ct_eq(key));
        }
    }
    let enabled = application.get(at("authenticationEnabled")?) != Some(&Value::Boolean(false));
    Ok(right && enabled)
}

fn digest(key: &str) -> [u8; 32] {
    Sha256::digest(key).into()
}

/// The models of users.
fn users(registry: &Registry) -> impl Iterator<Item = &'static ModelDef> {
    let models = registry.listed().iter().map(|model| model.def);
    models.filter(|def| def.principal == Some(PrincipalKind::User))
}

/// What a token or a key is for: for everything, unless it says so.
fn scopes(record: &Record, property: usize) -> Vec<String> {
    match record.get(property) {
        Some(Value::Array(scopes)) => scopes.iter().map(Value::to_text).collect(),
        _ => vec![RemoteMethodDef::DEFAULT_SCOPE.to_owned()],
    }
}

#[async_trait]
impl RoleSource for Authority {
    fn resolves(&self, role: &str) -> bool {
        self.resolvers.contains_key(role)
    }

    async fn resolve(&self, role: &str, caller: &Caller, about: &About<'_>) -> Result<bool> {
        let Some(resolver) = self.resolvers.get(role) else {
            return Ok(false);
        };
        resolver(RoleQuery {
            caller: caller.clone(),
            model: about.def,
            id: about.id.map(str::to_owned),
            method: about.method.to_owned(),
            access: about.access,
            registry: RegistryHandle(self.registry.clone()),
        })
        .await
    }

    async fn still_knows(&self, caller: &Caller) -> Result<bool> {
        let id = caller.token().map(|token| token.id.as_str());
        if let Some(id) = id.filter(|id| !id.is_empty()) {
            let tokens = self.derived_from(AccessToken::DEF);
            let Some(repository) = tokens else {
                return Ok(false);
            };
            return match self.known(&Tokens { repository }, id).await {
                Ok(known) => Ok(known.is_some()),
                Err(error) if error.status() == 401 => Ok(false),
                Err(error) => Err(error),
            };
        }
        let key = caller.token().and_then(|token| token.key);
        let applications = self.derived_from(Application::DEF);
        let (Some(key), Some(id), Some(applications)) = (key, caller.app_id(), applications) else {
            return Ok(false);
        };
        let stored = applications.stored(&Value::String(id.to_owned())).await?;
        match stored {
            Some(stored) => has_key(applications.def(), &stored, &key),
            None => Ok(false),
        }
    }

    async fn memberships(&self, caller: &Caller) -> Result<Memberships> {
        let mut members = Vec::new();
        if let Some(id) = caller.user_id() {
            let model = caller.user_model().filter(|_| !caller.is_known_by_id());
            let kind = model.map_or(RoleMapping::OF_USER, |model| model.name);
            members.push((kind, vec![id.to_owned()]));
        }
        if let Some(id) = caller.app_id() {
            members.push((RoleMapping::OF_APP, vec![id.to_owned()]));
        }
        if members.is_empty() {
            return Ok(Memberships::default());
        }
        self.roles_of(&members).await
    }

    async fn memberships_of(&self, roles: &Memberships) -> Result<Memberships> {
        let mut known: HashSet<_> = roles.ids.iter().map(Value::to_text).collect();
        let mut next: Vec<_> = known.iter().cloned().collect();
        let mut all = Memberships::default();
        while !next.is_empty() {
            let found = self.roles_of(&[(RoleMapping::OF_ROLE, next)]).await?;
            let ids = found.ids.iter().map(Value::to_text);
            next = ids.filter(|id| known.insert(id.clone())).collect();
            all.names.extend(found.names);
            all.ids.extend(found.ids);
        }
        Ok(all)
    }
}

/// The rules that are rows.
struct Rows {
    repository: ErasedRepository,
    /// The models of users.
    users: Vec<&'static ModelDef>,
}

impl Rows {
    /// The user with this id, of a model that goes by the name `kind`: `USER`, or its own name, where there are several.
    fn user(&self, kind: &str, id: String, permission: Permission) -> Option<RowPrincipal> {
        let several = self.users.len() > 1;
        let mut users = self.users.iter().filter(|_| several);
        if let Some(def) = users.find(|def| def.name == kind) {
            let model = Some(def.name);
            return Some(RowPrincipal::User { model, id });
        }
        // One that does not say whose user it means denies that of each model, and allows none.
        let clear = !several || permission == Permission::Deny;
        (kind == "USER" && clear).then_some(RowPrincipal::User { model: None, id })
    }
}

#[async_trait]
impl RowRules for Rows {
    async fn rows(&self, def: &'static ModelDef) -> Result<Vec<RowRule>> {
        const ANY: &str = "*";
        let at = |name| super::account::position(self.repository.def(), name);
        let (property, access_type) = (at("property")?, at("accessType")?);
        let condition = Condition::equal(at("model")?, Value::String(def.name.to_owned()));
        let found = self.repository.stored_all(condition).await?;
        let (permission, kind) = (at("permission")?, at("principalType")?);
        let id = at("principalId")?;
        let kinds = [AccessType::Read, AccessType::Write, AccessType::Execute];
        let rule = |row: &Record| {
            let text = |property: usize| match row.get(property) {
                Some(Value::String(text)) => Some(text.as_str()),
                _ => None,
            };
            let id = text(id)?.to_owned();
            let permission = match text(permission).unwrap_or_default() {
                "DENY" => Permission::Deny,
                "ALLOW" | "AUDIT" | "ALARM" => Permission::Allow,
                _ => Permission::Default,
            };
            Some(RowRule {
                principal: match text(kind)? {
                    "ROLE" => RowPrincipal::Role(id),
                    "APP" => RowPrincipal::App(id),
                    // About others it is in LoopBack about nobody, too.
                    kind => self.user(kind, id, permission)?,
                },
                permission,
                access: match text(access_type)? {
                    ANY => None,
                    kind => Some(kinds.into_iter().find(|known| known.as_str() == kind)?),
                },
                method: match text(property)? {
                    ANY => None,
                    method => Some(method.to_owned()),
                },
            })
        };
        Ok(found.iter().filter_map(rule).collect())
    }
}

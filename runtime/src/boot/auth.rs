//! Who calls, and what that takes: the models that come along, what is shared with them, and what decides.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::config::Config;
use crate::access::Authenticator;
#[cfg(feature = "jwt")]
use crate::builtin::Jwt;
use crate::builtin::{
    AccessToken, Application, Authority, JwtConfig, LetterWriter, ResetHandler, Role, RoleMapping,
    RoleResolver, SecondFactor, Users, as_configured,
};
use crate::mail::Mailer;
use crate::model::{Described, ModelDef, PrincipalDef, PrincipalKind};
use crate::remoting::Auth;
use crate::repository::{Options, Registry};
use crate::{Error, Result};

/// How callers are known, and refused.
///
/// ```toml
/// [auth]
/// acl_error_status = 403
/// cookie_secret = "keyboard cat"
/// ```
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct AuthConfig {
    /// The status of a refusal for who is logged in, where the model says nothing else: 401 (as LoopBack has it, unless
    /// said), 403 or 404. Who is not logged in gets 401.
    pub acl_error_status: u16,
    /// What the cookies `access_token` and `authorization` are signed with, as Express signs them; without it no cookie
    /// counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cookie_secret: Option<String>,
    /// What stands for the id of the user who calls, in paths such as `/Members/me`; nothing, unless said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_user_literal: Option<String>,
    /// Signed tokens that others issue, which are good here, too (cargo feature `jwt`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwt: Option<JwtConfig>,
}

impl Default for AuthConfig {
    fn default() -> Self {
        AuthConfig {
            acl_error_status: 401,
            cookie_secret: None,
            current_user_literal: None,
            jwt: None,
        }
    }
}

// The secret is one.
impl fmt::Debug for AuthConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthConfig")
            .field("acl_error_status", &self.acl_error_status)
            .finish_non_exhaustive()
    }
}

impl AuthConfig {
    pub(super) fn check(&self) -> Result<()> {
        match self.acl_error_status {
            401 | 403 | 404 => Ok(()),
            other => Err(Error::internal(format!(
                "auth.acl_error_status: {other} is no status of a refusal; write 401, 403 or 404"
            ))),
        }
    }
}

/// What the program itself says about callers.
#[derive(Default)]
pub(super) struct AuthParts {
    pub resolvers: BTreeMap<String, Arc<RoleResolver>>,
    pub on_reset: Option<Arc<ResetHandler>>,
    pub letters: Option<Arc<LetterWriter>>,
}

/// Is it a model of users who log in here?
fn logs_in(def: &&'static ModelDef) -> bool {
    def.is_a(<crate::builtin::User as Described>::DEF)
}

/// Adds what models of users can't do without, unless the application lists it, or a model that extends it: each in the data
/// source of the first model of users.
pub(super) fn add(models: &mut Vec<&'static ModelDef>, config: &mut Config) {
    for def in models.iter_mut().filter(|def| logs_in(def)) {
        *def = as_configured(def, &config.users);
    }
    let second_factor = config.users.totp.is_some();
    let config = &mut config.models;
    let Some(user) = models.iter().copied().find(logs_in) else {
        return;
    };
    let data_source = config.get(user.name);
    let data_source = data_source.and_then(|model| model.data_source.clone());
    let needed = [
        <AccessToken as Described>::DEF,
        <Role as Described>::DEF,
        <RoleMapping as Described>::DEF,
    ];
    let second_factor = second_factor.then_some(<SecondFactor as Described>::DEF);
    for def in needed.into_iter().chain(second_factor) {
        let listed = |model: &&'static ModelDef| model.is_a(def) || model.name == def.name;
        if models.iter().any(listed) {
            continue;
        }
        models.push(def);
        let model = config.entry(def.name.to_owned()).or_default();
        model.data_source = model.data_source.take().or(data_source.clone());
    }
}

/// What models of users need beside their data source.
pub(super) fn services(
    parts: &AuthParts,
    config: &Config,
    models: &[&'static ModelDef],
) -> Result<(Options, Option<Arc<Mailer>>)> {
    let mailer = config
        .mail
        .as_ref()
        .map(Mailer::new)
        .transpose()?
        .map(Arc::new);
    let base = config.users.base_url.clone().unwrap_or_else(|| {
        let host = match config.host.as_str() {
            "0.0.0.0" | "::" => "localhost",
            host => host,
        };
        format!("http://{host}:{}", config.port)
    });
    let root = config.rest_api_root.trim_end_matches('/');
    let mut users = Users::new(
        config.users.clone(),
        format!("{}{root}", base.trim_end_matches('/')),
    );
    users.mailer.clone_from(&mailer);
    users.on_reset.clone_from(&parts.on_reset);
    users.letters.clone_from(&parts.letters);
    let kinds = models.iter();
    users.several = kinds
        .filter(|def| def.principal == Some(PrincipalKind::User))
        .count()
        > 1;
    Ok((Options::new().with(Arc::new(users)), mailer))
}

/// The roles of LoopBack that the caller alone decides.
const EVERYWHERE: [&str; 3] = ["$everyone", "$authenticated", "$unauthenticated"];

/// What decides about callers.
///
/// # Errors
/// The configuration of signed tokens can't be used.
pub(super) fn auth(
    parts: AuthParts,
    config: &AuthConfig,
    registry: &Arc<Registry>,
) -> Result<Auth> {
    let users = registry
        .derived_from(<AccessToken as Described>::DEF)
        .is_some();
    let keys = registry
        .derived_from(<Application as Described>::DEF)
        .is_some();
    for name in parts.resolvers.keys() {
        if EVERYWHERE.contains(&name.as_str()) {
            return Err(Error::internal(format!(
                "`.role(\"{name}\", …)`: who is `{name}` does not depend on the application; name a role of your own"
            )));
        }
    }
    check_users_of_rules(registry)?;
    let asked = users || keys || config.jwt.is_some() || !parts.resolvers.is_empty();
    let authority = Authority::new(registry.clone(), parts.resolvers);
    #[cfg(feature = "jwt")]
    let authority = {
        let models: Vec<_> = registry.listed().iter().map(|model| model.def).collect();
        let jwt = config.jwt.as_ref().map(|jwt| Jwt::new(jwt, &models));
        authority.with_jwt(jwt.transpose()?.map(Arc::new))
    };
    #[cfg(not(feature = "jwt"))]
    if config.jwt.is_some() {
        return Err(Error::internal(
            "auth.jwt: this program was built without signed tokens; add the cargo feature `jwt` to its `loopwright` \
             dependency",
        ));
    }
    Ok(Auth {
        rows: authority.rows(),
        authenticator: asked.then(|| Arc::new(authority) as Arc<dyn Authenticator>),
        acl_error_status: config.acl_error_status,
        cookie_secret: config.cookie_secret.as_deref().map(Arc::from),
        current_user_literal: config.current_user_literal.as_deref().map(Arc::from),
    })
}

/// Refuses rules about a user that don't say of which model, where there are several.
fn check_users_of_rules(registry: &Registry) -> Result<()> {
    let users = registry
        .defs()
        .filter(|def| def.principal == Some(PrincipalKind::User));
    let users: Vec<_> = users.map(|def| def.name).collect();
    let Some(known) = users.first().filter(|_| users.len() > 1) else {
        return Ok(());
    };
    for def in registry.defs() {
        let properties = def.properties.iter().flat_map(|property| property.acls);
        let rules = def.acls.iter().chain(properties).map(|rule| rule.principal);
        let policies = def.policies.iter().map(|policy| policy.principal);
        for principal in rules.chain(policies) {
            let PrincipalDef::User(name) = principal else {
                continue;
            };
            let model = name.split_once(':').map(|(model, _)| model);
            if !model.is_some_and(|model| users.contains(&model)) {
                return Err(Error::internal(format!(
                    "a rule of the model `{}` is about the user \"{name}\", and there are several models of users; say of which \
                     one, as in \"{known}:{name}\"",
                    def.name
                )));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderMap;

    use super::*;
    use crate::access::Caller;
    use crate::builtin::{Application as Client, User};
    use crate::prelude::*;

    /// Somebody.
    #[derive(Model, Clone, Debug)]
    struct Person {
        #[model(base)]
        user: User,
    }

    async fn app() -> Result<crate::Application> {
        let app = App::new().config(Config::default());
        let app = app.data_source("db", "memory:");
        app.models::<(Person, Client)>().build().await
    }

    async fn caller(app: &crate::Application, header: &'static str, value: &str) -> Caller {
        let mut headers = HeaderMap::new();
        headers.insert(header, value.parse().unwrap());
        let caller = app.parts().remotes.caller(&headers, None).await;
        caller.unwrap()
    }

    #[tokio::test]
    async fn a_token_is_known_until_it_ends() {
        let app = app().await.unwrap();
        let tokens = app.repository::<AccessToken>().unwrap();
        let new = || AccessToken {
            user_id: Some(1),
            ..AccessToken::default()
        };
        let over = Patch::new().set(AccessToken::TTL, Some(0));
        let (deleted, ended) = (new(), new());
        for token in [&deleted, &ended] {
            tokens.create(token.clone()).await.unwrap();
        }
        let first = caller(&app, "authorization", &deleted.id).await;
        let second = caller(&app, "authorization", &ended.id).await;
        for caller in [&first, &second] {
            assert_eq!(caller.user_id(), Some("1"));
            assert!(caller.is_still_known().await.unwrap());
        }
        assert!(tokens.delete_by_id(deleted.id).await.unwrap());
        tokens.update(ended.id, over).await.unwrap();
        for caller in [&first, &second] {
            assert!(!caller.is_still_known().await.unwrap());
        }
        assert!(Caller::anonymous().is_still_known().await.unwrap());
    }

    #[tokio::test]
    async fn a_key_is_known_until_there_is_another() {
        let app = app().await.unwrap();
        let clients = app.repository::<Client>().unwrap();
        for disable in [false, true] {
            let client = Client::register(&clients, "1", "Job").await.unwrap();
            let key = format!("{}:{}", client.id, client.rest_api_key.unwrap());
            let caller = caller(&app, "x-api-key", &key).await;
            assert_eq!(caller.app_id(), Some(client.id.as_str()));
            assert!(caller.is_still_known().await.unwrap());
            if disable {
                let off = Patch::new().set(Client::AUTHENTICATION_ENABLED, false);
                clients.update(client.id, off).await.unwrap();
            } else {
                Client::reset_keys(&clients, &client.id).await.unwrap();
            }
            assert!(!caller.is_still_known().await.unwrap());
        }
    }
}

//! On whose behalf something is done.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use tokio::sync::OnceCell;

use super::About;
use super::role::{Memberships, RoleSource};
use crate::Result;
use crate::model::{ModelDef, PrincipalDef};

/// On whose behalf a request is made: the user and the application that its token stands for, and what roles they have.
///
/// Clones share what has been found out about roles.
#[derive(Clone, Default)]
pub struct Caller {
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    user: Option<UserIdentity>,
    app_id: Option<String>,
    token: Option<TokenIdentity>,
    roles: Roles,
}

/// Which user of which model somebody is.
struct UserIdentity {
    id: String,
    /// The model that the user is an instance of, unless nobody said.
    model: Option<&'static ModelDef>,
    /// Are there other models of users, whose instances may have the same id?
    ambiguous: bool,
}

/// Which token somebody has sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TokenIdentity {
    pub id: String,
    /// What the token is for.
    pub scopes: Vec<String>,
    /// The hash of the key of an application, in the place of a token.
    pub key: Option<[u8; 32]>,
    /// When it ends, of a token that no data source knows.
    pub ends: Option<DateTime<Utc>>,
}

enum Roles {
    Given(Vec<String>),
    Asked {
        source: Arc<dyn RoleSource>,
        memberships: OnceCell<Box<Memberships>>,
        /// Those by way of roles that are members of others.
        further: OnceCell<Box<Memberships>>,
        resolved: Mutex<HashMap<Question, bool>>,
        /// The roles that the token itself says, if it does; then no data source is asked.
        said: Option<Vec<String>>,
    },
}

/// What a resolver has been asked: the role, the model, its method and the id of an instance.
type Question = (String, &'static str, String, Option<String>);

impl Default for Roles {
    fn default() -> Self {
        Roles::Given(Vec::new())
    }
}

impl Caller {
    /// A caller without a valid token.
    pub fn anonymous() -> Self {
        Caller::default()
    }

    /// A caller who is logged in, with the roles that the user has.
    ///
    /// ```
    /// use loopwright::access::Caller;
    ///
    /// let admin = Caller::user("1", ["admin".to_owned()]);
    /// assert_eq!(admin.user_id(), Some("1"));
    /// ```
    pub fn user(id: impl Into<String>, roles: impl IntoIterator<Item = String>) -> Self {
        Caller::new(Inner {
            user: Some(UserIdentity {
                id: id.into(),
                model: None,
                ambiguous: false,
            }),
            roles: Roles::Given(roles.into_iter().collect()),
            ..Inner::default()
        })
    }

    /// An application that calls on its own behalf.
    pub fn app(id: impl Into<String>) -> Self {
        Caller::new(Inner {
            app_id: Some(id.into()),
            ..Inner::default()
        })
    }

    fn new(inner: Inner) -> Self {
        Caller {
            inner: Arc::new(inner),
        }
    }

    /// A caller who is thought up: this user, this application, with these roles.
    pub(super) fn assumed(
        user: Option<String>,
        app_id: Option<String>,
        roles: Vec<String>,
    ) -> Self {
        Caller::new(Inner {
            user: user.map(|id| UserIdentity {
                id,
                model: None,
                ambiguous: false,
            }),
            app_id,
            roles: Roles::Given(roles),
            ..Inner::default()
        })
    }

    /// The caller that a token stands for, whose roles `source` knows.
    pub(crate) fn of_token(
        token: TokenIdentity,
        user: Option<(String, &'static ModelDef)>,
        app_id: Option<String>,
        source: Arc<dyn RoleSource>,
    ) -> Self {
        Caller::new(Inner {
            user: user.map(|(id, model)| UserIdentity {
                id,
                model: Some(model),
                ambiguous: false,
            }),
            app_id,
            token: Some(token),
            roles: Roles::asked(source),
        })
    }

    /// The same caller, where there are other models of users, whose instances may have the same id.
    pub(crate) fn among_several_models(mut self) -> Self {
        if let Some(user) = Arc::get_mut(&mut self.inner).and_then(|inner| inner.user.as_mut()) {
            user.ambiguous = true;
        }
        self
    }

    /// The user of `model` that a signed token names, who has the roles that the token says, if it says them; otherwise
    /// `source` knows them.
    #[cfg(feature = "jwt")]
    pub(crate) fn of_signed_token(
        user_id: String,
        model: &'static ModelDef,
        roles: Option<Vec<String>>,
        ends: DateTime<Utc>,
        source: Arc<dyn RoleSource>,
    ) -> Self {
        Caller::new(Inner {
            user: Some(UserIdentity {
                id: user_id,
                model: Some(model),
                ambiguous: false,
            }),
            app_id: None,
            token: Some(TokenIdentity {
                id: String::new(),
                scopes: vec![crate::model::RemoteMethodDef::DEFAULT_SCOPE.to_owned()],
                key: None,
                ends: Some(ends),
            }),
            roles: Roles::Asked {
                source,
                memberships: OnceCell::new(),
                further: OnceCell::new(),
                resolved: Mutex::default(),
                said: roles,
            },
        })
    }

    /// A caller without a valid token, whose roles `source` knows all the same: a resolver may let anybody in.
    pub(crate) fn anonymous_with(source: Arc<dyn RoleSource>) -> Self {
        Caller::new(Inner {
            roles: Roles::asked(source),
            ..Inner::default()
        })
    }

    /// The same caller as a user of `model`.
    #[must_use]
    pub fn of_model(self, model: &'static ModelDef) -> Self {
        let inner = &self.inner;
        let roles = match &inner.roles {
            Roles::Given(roles) => Roles::Given(roles.clone()),
            Roles::Asked { source, .. } => Roles::asked(source.clone()),
        };
        Caller::new(Inner {
            user: inner.user.as_ref().map(|user| UserIdentity {
                id: user.id.clone(),
                model: Some(model),
                ambiguous: user.ambiguous,
            }),
            app_id: inner.app_id.clone(),
            token: inner.token.clone(),
            roles,
        })
    }

    /// The id of the user, as text.
    pub fn user_id(&self) -> Option<&str> {
        self.inner.user.as_ref().map(|user| user.id.as_str())
    }

    /// The model that the user is an instance of, where there is a user, and the model is known.
    pub fn user_model(&self) -> Option<&'static ModelDef> {
        self.inner.user.as_ref()?.model
    }

    /// The id of the application, as text.
    pub fn app_id(&self) -> Option<&str> {
        self.inner.app_id.as_deref()
    }

    /// Is the caller logged in, as a user or as an application?
    pub fn is_authenticated(&self) -> bool {
        self.inner.user.is_some() || self.inner.app_id.is_some()
    }

    /// What the caller's token, or key, is for: `DEFAULT`, which is everything but what asks for a scope of its own, unless
    /// it says so. Nothing, without one.
    pub fn scopes(&self) -> &[String] {
        self.token().map_or(&[], |token| &token.scopes)
    }

    /// The token that the caller has sent, if it is valid.
    pub(crate) fn token(&self) -> Option<&TokenIdentity> {
        self.inner.token.as_ref()
    }

    /// Does the token of the caller, if there is one, still stand for that caller? Something that lasts asks now and then.
    ///
    /// # Errors
    /// What keeps the tokens failed.
    pub(crate) async fn is_still_known(&self) -> Result<bool> {
        let Some(token) = self.token() else {
            return Ok(true);
        };
        if let Some(ends) = token.ends {
            return Ok(Utc::now() < ends);
        }
        match &self.inner.roles {
            Roles::Asked { source, .. } => source.still_knows(self).await,
            Roles::Given(_) => Ok(true),
        }
    }

    /// Is the caller's user one of `model`? Where nobody has said whose user it is, it may be.
    pub(crate) fn may_be_of(&self, model: &'static ModelDef) -> bool {
        let own = self.user_model();
        own.is_none_or(|own| own.name == model.name)
    }

    /// Does an id alone say that it is this caller's user?
    pub(crate) fn is_known_by_id(&self) -> bool {
        self.inner.user.as_ref().is_some_and(|user| !user.ambiguous)
    }

    /// Is a rule for `principal` about this caller, as far as it is known without asking? `owner` tells whether the instance
    /// in question is the caller's own.
    pub(super) fn is(&self, principal: PrincipalDef, owner: bool) -> bool {
        match principal {
            PrincipalDef::Owner => owner && self.user_id().is_some(),
            PrincipalDef::Related => false,
            PrincipalDef::Role(name) => match &self.inner.roles {
                Roles::Given(roles) => roles.iter().any(|role| role == name),
                Roles::Asked { .. } => false,
            },
            other => self.is_by_itself(other).unwrap_or(false),
        }
    }

    /// Is a rule for `principal` about this caller? None where the caller alone does not decide it.
    pub(super) fn is_by_itself(&self, principal: PrincipalDef<'_>) -> Option<bool> {
        match principal {
            PrincipalDef::Everyone => Some(true),
            PrincipalDef::Authenticated => Some(self.is_authenticated()),
            PrincipalDef::Unauthenticated => Some(!self.is_authenticated()),
            PrincipalDef::User(name) => Some(self.is_called(name)),
            PrincipalDef::App(id) => Some(self.app_id() == Some(id)),
            PrincipalDef::Owner | PrincipalDef::Related | PrincipalDef::Role(_) => None,
        }
    }

    /// Is this the caller's user: one with this id, of the model of this name, if it is said?
    pub(super) fn is_user(&self, model: Option<&str>, id: &str) -> bool {
        self.inner.user.as_ref().is_some_and(|user| {
            let of_model = |name: &str| user.model.is_none_or(|own| own.name == name);
            user.id == id && model.is_none_or(of_model)
        })
    }

    /// Is this what a rule calls the caller's user: the id, or the model and the id, as in `Customer:1`?
    fn is_called(&self, name: &str) -> bool {
        let Some(user) = &self.inner.user else {
            return false;
        };
        match (name.split_once(':'), user.model) {
            (Some((model, id)), Some(own)) if own.name == model => user.id == id,
            // An id may look like the name of somebody else's.
            (_, Some(_)) if user.ambiguous => false,
            (Some((_, id)), None) if user.id == id => true,
            _ => user.id == name,
        }
    }

    /// Has the caller this role? What has been found out once is not asked again.
    ///
    /// # Errors
    /// The resolver of the role, or the data source of the roles, failed.
    pub(crate) async fn has_role(&self, role: &str, about: &About<'_>) -> Result<bool> {
        let Roles::Asked {
            source,
            memberships,
            further,
            said,
            ..
        } = &self.inner.roles
        else {
            return Ok(self.is(PrincipalDef::Role(role), false));
        };
        if let Some(decided) = self.resolved(role, about).await? {
            return Ok(decided);
        }
        if !self.is_authenticated() {
            return Ok(false);
        }
        if let Some(said) = said {
            return Ok(said.iter().any(|one| one == role));
        }
        let memberships =
            memberships.get_or_try_init(async || source.memberships(self).await.map(Box::new));
        let own = memberships.await?;
        if own.names.contains(role) {
            return Ok(true);
        }
        if own.ids.is_empty() {
            return Ok(false);
        }
        let further =
            further.get_or_try_init(async || source.memberships_of(own).await.map(Box::new));
        Ok(further.await?.names.contains(role))
    }

    /// What the resolver of this role says, if there is one.
    ///
    /// # Errors
    /// The resolver failed.
    pub(crate) async fn resolved(&self, role: &str, about: &About<'_>) -> Result<Option<bool>> {
        let Roles::Asked {
            source, resolved, ..
        } = &self.inner.roles
        else {
            return Ok(None);
        };
        if !source.resolves(role) {
            return Ok(None);
        }
        let (method, id) = (about.method.to_owned(), about.id.map(str::to_owned));
        let question = (role.to_owned(), about.def.name, method, id);
        let known = || resolved.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known().get(&question) {
            return Ok(Some(*known));
        }
        let decided = source.resolve(role, self, about).await?;
        known().insert(question, decided);
        Ok(Some(decided))
    }
}

impl Roles {
    fn asked(source: Arc<dyn RoleSource>) -> Self {
        Roles::Asked {
            source,
            memberships: OnceCell::new(),
            further: OnceCell::new(),
            resolved: Mutex::default(),
            said: None,
        }
    }
}

// The token is a secret.
impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller")
            .field("user_id", &self.user_id())
            .field("user_model", &self.user_model().map(|model| model.name))
            .field("app_id", &self.app_id())
            .finish_non_exhaustive()
    }
}

//! An application that is up: its models attached, its data sources connected.

use std::any::Any;
use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::extract::FromRequestParts;
use axum::http::request;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::Records;
use super::config::Config;
use super::data_source::DataSource;
use super::description::Description;
use super::middleware::Step;
use super::operations::Operations;
use super::router;
use crate::access::{AccessMatrix, Caller};
use crate::connectors::Connector;
use crate::connectors::key_value::KeyValueStore;
use crate::mail::Mailer;
use crate::model::{KeyValueModel, Model};
use crate::phase::PhaseList;
use crate::remoting::{Gate, Remotes};
use crate::repository::{KeyValue, NewTransaction, Registry, Repository};
use crate::{Error, Result};

/// An application that is up. Clones share it.
#[derive(Clone)]
pub struct Application {
    parts: Arc<Parts>,
}

pub(super) struct Parts {
    pub config: Config,
    pub data_sources: Vec<DataSource>,
    /// What keeps the records of models that are not attached elsewhere.
    pub default_data_source: Option<Arc<dyn Connector>>,
    pub registry: Arc<Registry>,
    /// What goes on beside the requests, and ends with the application.
    pub _tasks: JoinSet<()>,
    /// Made when it is first asked for.
    pub openapi: OnceLock<utoipa::openapi::OpenApi>,
    pub description: Description,
    pub routes: Router,
    /// What requests pass, and what answers them.
    pub phases: PhaseList<Step>,
    /// The methods of the models, whatever calls them.
    pub remotes: Remotes,
    /// What routes of its own know of callers.
    pub gate: Gate,
    /// What sends e-mail.
    pub mailer: Option<Arc<Mailer>>,
    /// The ways to the methods beside REST, each with the path that it is mounted at.
    pub transports: Vec<(String, Router)>,
    /// Turns true when the server shuts down, so that streams and sockets end.
    pub shutdown: watch::Sender<bool>,
    /// What watches it.
    pub operations: Operations,
}

impl Application {
    pub(super) fn new(parts: Parts) -> Self {
        Application {
            parts: Arc::new(parts),
        }
    }

    pub(super) fn parts(&self) -> &Parts {
        &self.parts
    }

    /// The instances of the model `M`.
    ///
    /// # Errors
    /// The application does not list `M`.
    pub fn repository<M: Model>(&self) -> Result<Repository<M>> {
        let erased = self.parts.registry.repository(M::DEF.name)?;
        Ok(Repository::new(erased))
    }

    /// The instances of the model called `name`, as they are kept.
    ///
    /// # Errors
    /// The application has no such model.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn erased(&self, name: &str) -> Result<crate::repository::ErasedRepository> {
        self.parts.registry.repository(name)
    }

    /// The instances of the model called `name`, as JSON: of one that has no Rust type, since only its
    /// [definition](crate::definitions) is known.
    ///
    /// # Errors
    /// The application has no such model.
    pub fn records(&self, name: &str) -> Result<Records> {
        self.parts.registry.repository(name).map(Records::new)
    }

    /// The values of the key-value model `M`.
    ///
    /// # Errors
    /// The application does not list `M`.
    pub fn key_value<M: KeyValueModel>(&self) -> Result<KeyValue<M>> {
        let erased = self.parts.registry.key_value(M::DEF.name)?;
        Ok(KeyValue::new(erased))
    }

    /// What sends e-mail.
    ///
    /// # Errors
    /// Nobody has said how, in the section `mail` of the configuration or by [`App::mail`](super::App::mail).
    pub fn mailer(&self) -> Result<&Mailer> {
        self.parts.mailer.as_deref().ok_or_else(|| {
            Error::internal(
                "no e-mail can be sent; say how in the section `mail` of the configuration",
            )
        })
    }

    /// A new transaction in the data source `db`: operations that happen together or not at all.
    pub fn transaction(&self) -> NewTransaction {
        let parts = &self.parts;
        NewTransaction::new(parts.registry.clone(), parts.default_data_source.clone())
    }

    /// As [`transaction`](Self::transaction), in the data source called `name`.
    ///
    /// # Errors
    /// There is no such data source.
    pub fn transaction_in(&self, name: &str) -> Result<NewTransaction> {
        let source = self.data_source(name)?;
        let registry = self.parts.registry.clone();
        Ok(NewTransaction::new(registry, source.connector().cloned()))
    }

    fn data_source(&self, name: &str) -> Result<&DataSource> {
        DataSource::find(&self.parts.data_sources, name)
    }

    /// The application as an ordinary axum router: the models below the API root, the OpenAPI document at
    /// `/openapi.json` (with `?as=admin`, what members of that role may call), the explorer where the configuration says,
    /// at `/explorer` unless it does, and the application's own routes.
    pub fn router(&self) -> Router {
        router::router(self)
    }

    /// The application's OpenAPI document.
    pub fn openapi(&self) -> &utoipa::openapi::OpenApi {
        let parts = &self.parts;
        parts
            .openapi
            .get_or_init(|| parts.description.document(None))
    }

    /// Who may call what, by the access rules of the program: [`App::access_matrix`](super::App::access_matrix) of an
    /// application that is up.
    pub fn access_matrix(&self) -> AccessMatrix {
        self.parts.description.access_matrix()
    }

    /// May `caller` call this method of a model, by its rules, those that are rows among them? `id` is that of the instance, as
    /// it stands in a path; none for a method of the collection. As of a request, the rules of the models are asked, too, that
    /// a relation leads to, with no instance of theirs in hand; policies about rows are within repositories.
    ///
    /// ```
    /// use loopwright::access::Caller;
    /// use loopwright::prelude::*;
    ///
    /// /// What its owner may change.
    /// #[derive(Model)]
    /// #[acl(allow(read), to = everyone)]
    /// #[acl(allow(write), to = owner)]
    /// struct Note {
    ///     #[model(id, generated)]
    ///     id: i64,
    ///     user_id: i64,
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> loopwright::Result<()> {
    /// let app = App::new().data_source("db", "memory:").models::<(Note,)>().build().await?;
    /// let note = app.repository::<Note>()?.create(Note { id: 0, user_id: 7 }).await?;
    ///
    /// let (ann, id) = (Caller::user("7", []), note.id.to_string());
    /// assert!(app.allows(&ann, "Note", "updateAttributes", Some(&id)).await?);
    /// assert!(!app.allows(&ann, "Note", "create", None).await?);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The application has no such model, or it no such method; what knows roles and instances failed.
    pub async fn allows(
        &self,
        caller: &Caller,
        model: &str,
        method: &str,
        id: Option<&str>,
    ) -> Result<bool> {
        self.parts.gate.allows(caller, model, method, id).await
    }

    pub(super) fn gate(&self) -> Gate {
        self.parts.gate.clone()
    }

    /// A setting of the application's own: from the section `settings` of the configuration, or from the `config.json` of a LoopBack
    /// application.
    ///
    /// ```toml
    /// [settings]
    /// currency = "CHF"
    /// ```
    pub fn setting(&self, key: &str) -> Option<&serde_json::Value> {
        self.parts.config.settings.get(key)
    }

    /// The application's configuration.
    pub fn config(&self) -> &Config {
        &self.parts.config
    }

    /// The connector of the data source called `name`, for everything that loopwright has no words for: the connection
    /// of a SQL data source, say.
    ///
    /// ```
    /// use loopwright::connectors::sql::SqlConnector;
    /// use loopwright::prelude::*;
    ///
    /// # tokio::runtime::Runtime::new()?.block_on(async {
    /// let app = App::new().data_source("db", "sqlite::memory:").build().await?;
    /// let sql = app.connector::<SqlConnector>("db")?;
    /// sql.sea_orm().ping().await?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// There is no such data source, or its connector is none of the type `C`.
    pub fn connector<C: Connector>(&self, name: &str) -> Result<&C> {
        let connector = self.data_source(name)?.connector();
        downcast(
            name,
            connector.map(|connector| connector.as_ref() as &dyn Any),
        )
    }

    /// As [`connector`](Self::connector), the key-value store of the data source called `name`: the connection of a
    /// Redis store, say.
    ///
    /// # Errors
    /// There is no such data source, or its store is none of the type `S`.
    pub fn key_value_store<S: KeyValueStore>(&self, name: &str) -> Result<&S> {
        let store = self.data_source(name)?.store();
        downcast(name, store.map(|store| store.as_ref() as &dyn Any))
    }
}

/// What serves the data source called `name`, as what it is.
fn downcast<'a, T: Any>(name: &str, served_by: Option<&'a dyn Any>) -> Result<&'a T> {
    let found = served_by.and_then(|any| any.downcast_ref());
    found.ok_or_else(|| {
        Error::internal(format!(
            "the data source \"{name}\" has none of the type `{}`",
            std::any::type_name::<T>()
        ))
    })
}

/// The application whose own route is called.
impl<S: Sync> FromRequestParts<S> for Application {
    type Rejection = Error;

    async fn from_request_parts(request: &mut request::Parts, _state: &S) -> Result<Self> {
        let application = request.extensions.get::<Application>().cloned();
        application
            .ok_or_else(|| Error::internal("this route is none that `App::routes` has taken in"))
    }
}

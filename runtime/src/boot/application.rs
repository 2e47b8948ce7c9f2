//! An application that is up: its models attached, its data sources connected.

use std::sync::Arc;

use axum::Router;
use tokio::sync::watch;

use super::app;
use super::config::Config;
use super::data_source::DataSource;
use crate::Result;
use crate::connectors::Connector;
use crate::model::Model;
use crate::repository::{NewTransaction, Registry, Repository};

/// An application that is up. Clones share it.
#[derive(Clone)]
pub struct Application {
    parts: Arc<Parts>,
}

pub(super) struct Parts {
    pub config: Config,
    pub data_sources: Vec<DataSource>,
    /// The one that models are attached to.
    pub default_data_source: Arc<dyn Connector>,
    pub registry: Arc<Registry>,
    pub openapi: utoipa::openapi::OpenApi,
    pub routes: Router,
    /// Turns true when the server shuts down, so that streams end.
    pub shutdown: watch::Sender<bool>,
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
        self.parts
            .registry
            .repository(M::DEF.name)
            .map(Repository::new)
    }

    /// A new transaction in the data source `db`: operations that happen together or not at all.
    pub fn transaction(&self) -> NewTransaction {
        let parts = &self.parts;
        NewTransaction::new(parts.registry.clone(), parts.default_data_source.clone())
    }

    /// The application as an ordinary axum router: the models below the API root, the OpenAPI document at
    /// `/openapi.json`, the explorer at `/explorer`, and the application's own routes.
    pub fn router(&self) -> Router {
        app::router(self)
    }

    /// The application's OpenAPI document.
    pub fn openapi(&self) -> &utoipa::openapi::OpenApi {
        &self.parts.openapi
    }

    /// The application's configuration.
    pub fn config(&self) -> &Config {
        &self.parts.config
    }

    /// The SQL data source called `name`, whose SeaORM connection does what loopwright has no words for.
    #[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
    pub fn sql(&self, name: &str) -> Option<&crate::connectors::sql::SqlConnector> {
        self.parts
            .data_sources
            .iter()
            .find(|data_source| data_source.name == name)?
            .sql
            .as_deref()
    }
}

//! Data sources by URL.

use std::sync::Arc;

use super::DataSourceConfig;
use crate::connectors::Connector;
use crate::{Error, Result};

/// A named place that keeps data.
#[derive(Clone)]
pub(super) struct DataSource {
    pub name: String,
    /// What the start-up summary shows: the kind and place without credentials.
    pub shown: String,
    pub connector: Arc<dyn Connector>,
    #[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
    pub sql: Option<Arc<crate::connectors::sql::SqlConnector>>,
}

impl DataSource {
    /// Connects to the data source.
    ///
    /// # Errors
    /// Nothing answers at the URL, or no connector of this build speaks its scheme.
    #[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
    pub async fn connect(name: &str, config: &DataSourceConfig) -> Result<Self> {
        let sql =
            crate::connectors::sql::SqlConnector::connect(&config.url, config.max_connections)
                .await;
        let sql = Arc::new(sql.map_err(|error| {
            let message = format!("the data source \"{name}\" can't be used");
            Error::internal(message).with_source(error)
        })?);
        Ok(DataSource {
            name: name.to_owned(),
            shown: shown(&config.url),
            connector: sql.clone(),
            sql: Some(sql),
        })
    }

    /// Connects to the data source.
    ///
    /// # Errors
    /// Always: this build has no connector.
    #[cfg(not(any(feature = "sqlite", feature = "postgres", feature = "mysql")))]
    pub async fn connect(name: &str, _config: &DataSourceConfig) -> Result<Self> {
        let message = format!(
            "the data source \"{name}\" can't be used: this build has no connector; \
             turn on one of loopwright's features `sqlite`, `postgres`, `mysql`"
        );
        Err(Error::internal(message))
    }
}

/// The URL without credentials and options.
#[cfg(any(test, feature = "sqlite", feature = "postgres", feature = "mysql"))]
fn shown(url: &str) -> String {
    let place = url.split('?').next().unwrap_or_default();
    match place.split_once("://") {
        Some((scheme, rest)) => {
            let place = rest.rsplit_once('@').map_or(rest, |(_, place)| place);
            format!("{scheme}://{place}")
        }
        None => place.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn credentials_are_not_shown() {
        assert_eq!(
            shown("postgres://me:p%40ss@db.example/shop?sslmode=require"),
            "postgres://db.example/shop"
        );
        assert_eq!(shown("sqlite::memory:"), "sqlite::memory:");
        assert_eq!(shown("mysql://me:p@ss@host/shop"), "mysql://host/shop");
    }
}

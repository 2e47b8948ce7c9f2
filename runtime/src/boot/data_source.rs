//! Data sources by URL.

use std::sync::Arc;

use super::DataSourceConfig;
use crate::connectors::Connector;
use crate::connectors::memory::MemoryConnector;
use crate::{Error, Result};

/// A named place that keeps data.
#[derive(Clone)]
pub(super) struct DataSource {
    pub name: String,
    /// What the start-up summary shows: the kind and place without credentials.
    pub shown: String,
    pub connector: Arc<dyn Connector>,
}

impl DataSource {
    /// Connects to the data source.
    ///
    /// # Errors
    /// Nothing answers at the URL, or no connector of this build speaks its scheme.
    pub async fn connect(name: &str, config: &DataSourceConfig) -> Result<Self> {
        let connected = connector(config).await.map_err(|error| {
            let message = format!("the data source \"{name}\" can't be used");
            Error::internal(message).with_source(error)
        });
        Ok(DataSource {
            name: name.to_owned(),
            shown: shown(&config.url),
            connector: connected?,
        })
    }

    /// The one called `name`.
    ///
    /// # Errors
    /// There is none, but others.
    pub fn find<'a>(all: &'a [DataSource], name: &str) -> Result<&'a DataSource> {
        all.iter()
            .find(|source| source.name == name)
            .ok_or_else(|| {
                let known: Vec<_> = all
                    .iter()
                    .map(|source| format!("\"{}\"", source.name))
                    .collect();
                Error::internal(format!(
                    "there is no data source \"{name}\"; the application has {}",
                    known.join(", ")
                ))
            })
    }

    /// A connector that the program brings along.
    pub fn own(name: String, connector: Arc<dyn Connector>) -> Self {
        DataSource {
            name,
            shown: "a connector of the program's own".to_owned(),
            connector,
        }
    }
}

/// The connector that speaks the URL's scheme.
async fn connector(config: &DataSourceConfig) -> Result<Arc<dyn Connector>> {
    let scheme = config.url.split_once(':').map(|(scheme, _)| scheme);
    match scheme {
        Some("memory") => Ok(Arc::new(MemoryConnector::connect(&config.url).await?)),
        Some("sqlite" | "postgres" | "postgresql" | "mysql" | "mariadb") => sql(config).await,
        Some("mongodb" | "mongodb+srv") => mongodb(config).await,
        _ => Err(unknown(scheme)),
    }
}

#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
async fn sql(config: &DataSourceConfig) -> Result<Arc<dyn Connector>> {
    use crate::connectors::sql::SqlConnector;

    let sql = SqlConnector::connect(&config.url, config.max_connections).await?;
    Ok(Arc::new(sql))
}

#[cfg(not(any(feature = "sqlite", feature = "postgres", feature = "mysql")))]
#[expect(clippy::unused_async, reason = "as its twin with a SQL data source")]
async fn sql(_config: &DataSourceConfig) -> Result<Arc<dyn Connector>> {
    Err(Error::internal(
        "this program was built without SQL data sources; begin the URL with `memory:`, \
         or turn on one of loopwright's features `sqlite`, `postgres`, `mysql`",
    ))
}

#[cfg(feature = "mongodb")]
async fn mongodb(config: &DataSourceConfig) -> Result<Arc<dyn Connector>> {
    use crate::connectors::mongodb::MongoConnector;

    let mongodb = MongoConnector::connect(&config.url, config.max_connections).await?;
    Ok(Arc::new(mongodb))
}

#[cfg(not(feature = "mongodb"))]
#[expect(clippy::unused_async, reason = "as its twin with MongoDB")]
async fn mongodb(_config: &DataSourceConfig) -> Result<Arc<dyn Connector>> {
    Err(Error::internal(
        "the data source URL begins with `mongodb`, which this program was built without; \
         add the cargo feature `mongodb` to its `loopwright` dependency",
    ))
}

/// Messages name the scheme alone: what follows may hold a password.
fn unknown(scheme: Option<&str>) -> Error {
    let known = "begin it with `memory:`, or with `sqlite:`, `postgres:`, `mysql:` or `mongodb:` (cargo features `sqlite`, `postgres`, `mysql`, `mongodb`)";
    Error::internal(match scheme {
        Some(scheme) if scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
            format!("`{scheme}:` is not a scheme of a data source; {known}")
        }
        _ => format!("the data source URL has no scheme; {known}"),
    })
}

/// The URL without credentials and options.
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
    use super::{DataSource, shown};
    use crate::boot::DataSourceConfig;

    async fn refusal(url: &str) -> String {
        let connected = DataSource::connect("db", &DataSourceConfig::new(url)).await;
        connected.map(drop).unwrap_err().to_string()
    }

    #[tokio::test]
    async fn the_scheme_chooses_and_unknown_ones_are_told_all_others() {
        let config = DataSourceConfig::new("memory:");
        let memory = DataSource::connect("db", &config).await.unwrap();
        assert_eq!(memory.shown, "memory:");
        memory.connector.ping().await.unwrap();
        for url in ["oracle://me:tiger@host/shop", "shop.db", ""] {
            let message = refusal(url).await;
            assert!(message.contains("`memory:`"), "{message}");
            assert!(message.contains("\"db\""), "{message}");
            assert!(!message.contains("tiger"), "{message}");
        }
        let message = refusal("memory:shop.json").await;
        assert!(message.contains("memory://path/to/file.json"), "{message}");
    }

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

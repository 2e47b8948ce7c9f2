//! Data sources by URL.

use std::sync::Arc;

use super::{DataSourceConfig, stored};
#[cfg(feature = "metrics")]
use crate::connectors::Connections;
use crate::connectors::key_value::{KeyValueStore, MemoryStore};
use crate::connectors::memory::MemoryConnector;
use crate::connectors::{Connector, Exchange, TransientConnector};
use crate::{Error, Result};

/// Sets those of the options that the configuration speaks of.
#[cfg(any(
    feature = "sqlite",
    feature = "postgres",
    feature = "mysql",
    feature = "mongodb"
))]
macro_rules! options {
    ($options:expr, $config:ident: $($key:ident)*) => {{
        let mut options = $options;
        $(if let Some(value) = $config.$key {
            options = options.$key(value);
        })*
        options
    }};
}

/// A named place that keeps data.
#[derive(Clone)]
pub(super) struct DataSource {
    pub name: String,
    /// What the start-up summary shows: the kind and place without credentials.
    pub shown: String,
    /// The word for its kind in names that depend on it.
    pub kind: &'static str,
    /// What keeps records.
    connector: Option<Arc<dyn Connector>>,
    /// What keeps values under keys.
    store: Option<Arc<dyn KeyValueStore>>,
    /// Do its tables follow the models at the start? They do unless it is said otherwise, or the tables have migrations.
    pub autoupdate: Option<bool>,
    /// May callers send extended operators?
    pub allow_extended_operators: Option<bool>,
}

impl DataSource {
    /// Connects to the data source.
    ///
    /// # Errors
    /// Nothing answers at the URL, or no connector of this build speaks its scheme.
    pub async fn connect(name: &str, config: &DataSourceConfig) -> Result<Self> {
        let source = DataSource {
            name: name.to_owned(),
            shown: shown(&config.url),
            kind: stored::kind(&config.url),
            connector: None,
            store: None,
            autoupdate: config.autoupdate,
            allow_extended_operators: config.allow_extended_operators,
        };
        let connected = source.connected(config).await;
        connected.map_err(|error| {
            let message = format!("the data source \"{name}\" can't be used");
            Error::internal(message).with_source(error)
        })
    }

    /// The data source with whatever speaks the URL's scheme.
    async fn connected(mut self, config: &DataSourceConfig) -> Result<Self> {
        let scheme = config.url.split_once(':').map(|(scheme, _)| scheme);
        let is_mongodb = matches!(scheme, Some("mongodb" | "mongodb+srv"));
        if config.allow_extended_operators == Some(true) && !is_mongodb {
            return Err(Error::internal(
                "`allow_extended_operators` is for MongoDB alone; leave it out here",
            ));
        }
        if let Some(known) = options_of(scheme.unwrap_or_default()) {
            let mut set = set_options(config).into_iter();
            if let Some(option) = set.find(|option| !known.contains(option)) {
                let mut cure = match known {
                    [] => "remove it".to_owned(),
                    known => format!("remove it; there are `{}`", known.join("`, `")),
                };
                if is_mongodb {
                    cure += "; what else the driver knows goes into the URL, such as `readPreference=secondaryPreferred`";
                }
                return Err(Error::internal(format!(
                    "`{option}` means nothing to this kind of data source; {cure}"
                )));
            }
        }
        match scheme {
            Some("memory") => {
                self.connector = Some(Arc::new(MemoryConnector::connect(&config.url).await?));
                // The file of a data source with a file has no place for keys.
                let with_file = !matches!(config.url.as_str(), "memory:" | "memory://");
                if !with_file {
                    self.store = Some(Arc::new(MemoryStore::new()));
                }
            }
            Some("kv-memory") if config.url == "kv-memory:" => {
                self.store = Some(Arc::new(MemoryStore::new()));
            }
            Some("transient") if config.url == "transient:" => {
                self.connector = Some(Arc::new(TransientConnector::default()));
            }
            Some("redis" | "rediss") => self.store = Some(redis(config).await?),
            Some("sqlite" | "postgres" | "postgresql" | "mysql" | "mariadb") => {
                self.connector = Some(sql(&self.name, config).await?);
            }
            Some("mongodb" | "mongodb+srv") => self.connector = Some(mongodb(config).await?),
            _ => return Err(unknown(scheme)),
        }
        Ok(self)
    }

    /// What keeps records here, if something does.
    pub fn connector(&self) -> Option<&Arc<dyn Connector>> {
        self.connector.as_ref()
    }

    /// What keeps values under keys here, if something does.
    pub fn store(&self) -> Option<&Arc<dyn KeyValueStore>> {
        self.store.as_ref()
    }

    /// Asks whatever is here for a sign of life.
    ///
    /// # Errors
    /// There is none.
    pub async fn ping(&self) -> Result<()> {
        if let Some(connector) = &self.connector {
            connector.ping().await?;
        }
        match &self.store {
            Some(store) => store.ping().await,
            None => Ok(()),
        }
    }

    /// How much of its connections is in use, if that is known.
    #[cfg(feature = "metrics")]
    pub fn connections(&self) -> Option<Connections> {
        self.connector.as_ref()?.connections()
    }

    /// What carries messages between the instances of the application.
    ///
    /// # Errors
    /// Nothing here does.
    pub fn exchange(&self) -> Result<Arc<dyn Exchange>> {
        let connector = self.connector.as_ref();
        let exchange = connector.and_then(|connector| connector.exchange());
        let store = || self.store.as_ref()?.exchange();
        exchange.or_else(store).ok_or_else(|| {
            Error::internal(format!(
                "the data source \"{}\" carries no messages between instances; name one on PostgreSQL or Redis under \
                 `change_streams.exchange`",
                self.name
            ))
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
            kind: "",
            connector: Some(connector),
            store: None,
            autoupdate: None,
            allow_extended_operators: None,
        }
    }

    /// A key-value store that the program brings along.
    pub fn own_store(name: String, store: Arc<dyn KeyValueStore>) -> Self {
        DataSource {
            name,
            shown: "a key-value store of the program's own".to_owned(),
            kind: "",
            connector: None,
            store: Some(store),
            autoupdate: None,
            allow_extended_operators: None,
        }
    }
}

#[cfg(feature = "redis")]
async fn redis(config: &DataSourceConfig) -> Result<Arc<dyn KeyValueStore>> {
    use crate::connectors::key_value::RedisStore;

    Ok(Arc::new(RedisStore::connect(&config.url).await?))
}

#[cfg(not(feature = "redis"))]
#[expect(clippy::unused_async, reason = "as its twin with Redis")]
async fn redis(_config: &DataSourceConfig) -> Result<Arc<dyn KeyValueStore>> {
    Err(Error::internal(
        "this program was built without Redis; turn on loopwright's feature `redis`, or begin the URL with `kv-memory:`",
    ))
}

#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
async fn sql(name: &str, config: &DataSourceConfig) -> Result<Arc<dyn Connector>> {
    use crate::connectors::sql::{SqlConnector, SqlOptions};

    let options = options!(SqlOptions::new().name(name), config:
        max_connections shared_connections min_connections connect_timeout acquire_timeout statement_timeout idle_timeout
        max_lifetime statement_cache
    );
    let options = config.replicas.iter().fold(options, SqlOptions::replica);
    Ok(Arc::new(SqlConnector::connect(&config.url, options).await?))
}

#[cfg(not(any(feature = "sqlite", feature = "postgres", feature = "mysql")))]
#[expect(clippy::unused_async, reason = "as its twin with a SQL data source")]
async fn sql(_name: &str, _config: &DataSourceConfig) -> Result<Arc<dyn Connector>> {
    Err(Error::internal(
        "this program was built without SQL data sources; begin the URL with `memory:`, \
         or turn on one of loopwright's features `sqlite`, `postgres`, `mysql`",
    ))
}

#[cfg(feature = "mongodb")]
async fn mongodb(config: &DataSourceConfig) -> Result<Arc<dyn Connector>> {
    use crate::connectors::mongodb::{MongoConnector, MongoOptions};

    let options = options!(MongoOptions::new(), config:
        max_connections min_connections connect_timeout acquire_timeout statement_timeout idle_timeout
    );
    Ok(Arc::new(
        MongoConnector::connect(&config.url, options).await?,
    ))
}

#[cfg(not(feature = "mongodb"))]
#[expect(clippy::unused_async, reason = "as its twin with MongoDB")]
async fn mongodb(_config: &DataSourceConfig) -> Result<Arc<dyn Connector>> {
    Err(Error::internal(
        "the data source URL begins with `mongodb`, which this program was built without; \
         add the cargo feature `mongodb` to its `loopwright` dependency",
    ))
}

/// The options that a kind of data source heeds, where it doesn't heed all.
fn options_of(scheme: &str) -> Option<&'static [&'static str]> {
    match scheme {
        "memory" | "kv-memory" | "transient" | "redis" | "rediss" => Some(&[]),
        "mysql" | "mariadb" => Some(&[
            "max_connections",
            "min_connections",
            "connect_timeout",
            "acquire_timeout",
            "statement_timeout",
            "idle_timeout",
            "max_lifetime",
            "statement_cache",
            "replicas",
        ]),
        "mongodb" | "mongodb+srv" => Some(&[
            "max_connections",
            "min_connections",
            "connect_timeout",
            "acquire_timeout",
            "statement_timeout",
            "idle_timeout",
        ]),
        _ => None,
    }
}

/// The options that the configuration speaks of, but for those that every data source has.
fn set_options(config: &DataSourceConfig) -> Vec<&'static str> {
    let options = [
        ("max_connections", config.max_connections.is_some()),
        ("shared_connections", config.shared_connections.is_some()),
        ("min_connections", config.min_connections.is_some()),
        ("connect_timeout", config.connect_timeout.is_some()),
        ("acquire_timeout", config.acquire_timeout.is_some()),
        ("statement_timeout", config.statement_timeout.is_some()),
        ("idle_timeout", config.idle_timeout.is_some()),
        ("max_lifetime", config.max_lifetime.is_some()),
        ("statement_cache", config.statement_cache.is_some()),
        ("replicas", !config.replicas.is_empty()),
    ];
    let set = options.into_iter().filter(|(_, set)| *set);
    set.map(|(option, _)| option).collect()
}

/// Messages name the scheme alone: what follows may hold a password.
fn unknown(scheme: Option<&str>) -> Error {
    let known = "begin it with `memory:`, `sqlite:`, `postgres:`, `mysql:` or `mongodb:`, for keys and values with \
        `kv-memory:` or `redis:` (cargo features `sqlite`, `postgres`, `mysql`, `mongodb`, `redis`), or write \
        `transient:` to keep nothing";
    Error::internal(match scheme {
        Some(scheme @ ("kv-memory" | "transient")) => {
            format!("nothing may follow `{scheme}:` in the URL of a data source")
        }
        Some(scheme) if scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
            format!("`{scheme}:` is not a scheme of a data source; {known}")
        }
        _ => format!("the data source URL has no scheme; {known}"),
    })
}

/// The URL without credentials and options.
pub(super) fn shown(url: &str) -> String {
    let place = url.split(['?', '#']).next().unwrap_or_default();
    let Some((scheme, rest)) = place.split_once("://") else {
        return place.to_owned();
    };
    match rest.rsplit_once('@') {
        Some((_, place)) => format!("{scheme}://{place}"),
        // What looks like options may be a password that is not encoded.
        None if url.contains('@') => format!("{scheme}://…"),
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
        memory.connector().unwrap().ping().await.unwrap();
        memory.store().unwrap().ping().await.unwrap();
        for url in ["oracle://me:tiger@host/shop", "shop.db", ""] {
            let message = refusal(url).await;
            assert!(message.contains("`memory:`"), "{message}");
            assert!(message.contains("\"db\""), "{message}");
            assert!(!message.contains("tiger"), "{message}");
        }
        let message = refusal("memory:shop.json").await;
        assert!(message.contains("memory://path/to/file.json"), "{message}");
    }

    #[tokio::test]
    async fn an_option_that_means_nothing_is_refused() {
        let mut config = DataSourceConfig::new("memory:");
        config.max_connections = Some(5);
        let connected = DataSource::connect("db", &config).await;
        let message = connected.map(drop).unwrap_err().to_string();
        assert!(
            message.contains("`max_connections` means nothing"),
            "{message}"
        );
        let mut config = DataSourceConfig::new("mongodb://127.0.0.1:1/shop");
        config.replicas = vec!["mongodb://127.0.0.1:1/shop".into()];
        let connected = DataSource::connect("db", &config).await;
        let message = connected.map(drop).unwrap_err().to_string();
        assert!(message.contains("there are `max_connections`"), "{message}");
    }

    #[cfg(all(feature = "postgres", feature = "mysql", feature = "mongodb"))]
    #[tokio::test]
    async fn a_password_that_is_not_encoded_is_advised_and_not_repeated() {
        for scheme in ["postgres", "mysql", "mongodb"] {
            for password in ["ti/ger", "ti#ger", "ti?ger", "ti%ffger"] {
                let message = refusal(&format!("{scheme}://me:{password}@127.0.0.1:1/shop")).await;
                assert!(message.contains("percent-encoded"), "{message}");
                assert!(!message.contains("ger"), "{message}");
            }
        }
    }

    #[test]
    fn credentials_are_not_shown() {
        assert_eq!(
            shown("postgres://me:p%40ss@db.example/shop?sslmode=require"),
            "postgres://db.example/shop"
        );
        assert_eq!(shown("sqlite::memory:"), "sqlite::memory:");
        assert_eq!(shown("mysql://me:p@ss@host/shop"), "mysql://host/shop");
        for url in ["mysql://me:p?ss@host/shop", "mysql://me:p#ss@host/shop"] {
            assert_eq!(shown(url), "mysql://…");
        }
    }
}

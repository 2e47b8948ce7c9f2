//! Configuration from `loopwright.toml` and the environment.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::auth::AuthConfig;
use super::config_file;
use super::connections::ServerConfig;
use super::data_source::{DataSource, shown};
use super::explorer;
use super::files::Said;
use super::middleware::MiddlewareConfig;
use super::model_rule::RuleConfig;
use super::operations::{HealthConfig, LogFormat, MetricsConfig, TracesConfig};
use super::own_settings::OwnSettings;
use super::transport::{self, JsonRpcConfig, WebSocketConfig};
use crate::builtin::UsersConfig;
use crate::definitions::Definitions;
use crate::mail::MailConfig;
use crate::remoting::{Envelope, ErrorHandler, Idempotency};
use crate::repository::MOST_INCLUDED;
use crate::{Error, Result};

/// What can be configured, with its defaults.
///
/// ```toml
/// host = "0.0.0.0"
/// port = 8080
///
/// [data_sources.db]
/// url = "postgres://shop@db.example/shop"
/// max_connections = 30
/// statement_timeout = "5s"
/// replicas = ["postgres://shop@replica.example/shop"]
///
/// [data_sources.log]
/// url = "memory:"
///
/// [models.Visit]
/// data_source = "log"
/// ```
///
/// The environment goes over the file: `HOST`, `PORT`, `DATABASE_URL` (the data source `db`), and every key by its own
/// name, as in `LOOPWRIGHT_BODY_LIMIT` or `LOOPWRIGHT_DATA_SOURCES__LOG__URL`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Config {
    /// The address or name to listen on. The default, 127.0.0.1, is reached from this machine alone; 0.0.0.0 is every
    /// address.
    pub host: String,
    /// The port to listen on; 0 takes any free one.
    pub port: u16,
    /// The path that models are served below.
    pub rest_api_root: String,
    /// The application's name in the OpenAPI document.
    pub title: String,
    /// The application's version in the OpenAPI document.
    pub version: String,
    /// How many bytes a request's body may have.
    pub body_limit: usize,
    /// Shows the causes of internal errors to the caller. On in debug builds, off in release builds.
    pub debug: bool,
    /// Where the explorer is: a path such as `/explorer`, which is the default, or `false` for none (cargo feature `explorer`).
    #[serde(default = "explorer_path", with = "explorer")]
    pub explorer: Option<String>,
    /// After which time a boot script that has not ended makes the start fail; never, unless said, but it is logged.
    #[serde(
        default,
        with = "humantime_serde",
        skip_serializing_if = "Option::is_none"
    )]
    pub boot_timeout: Option<Duration>,
    /// How errors are answered.
    #[serde(default)]
    pub errors: ErrorsConfig,
    /// How the models are served over HTTP.
    pub rest: RestConfig,
    /// Who hears of changes.
    #[serde(default)]
    pub change_streams: ChangeStreamConfig,
    /// Are requests that are sent twice done once? Not unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency: Option<IdempotencyConfig>,
    /// Are the methods served by JSON-RPC 2.0, too? Not unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub json_rpc: Option<JsonRpcConfig>,
    /// Are the methods served over WebSockets, too? Not unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub web_socket: Option<WebSocketConfig>,
    /// Names of phases beside LoopBack's, each behind the one before it: `["auth", "audit", "parse"]`.
    #[serde(default)]
    pub phases: Vec<String>,
    /// What requests pass on their way.
    #[serde(default)]
    pub middleware: MiddlewareConfig,
    /// Does the application tell whether it is up, and ready? It does, unless told not to.
    #[serde(default)]
    pub health: HealthConfig,
    /// Metrics for Prometheus; none unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metrics: Option<MetricsConfig>,
    /// Traces for OpenTelemetry; none unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traces: Option<TracesConfig>,
    /// Is each request logged, without the secrets in its address? Not unless said.
    #[serde(default)]
    pub access_log: bool,
    /// What log lines look like, `"text"` unless said.
    #[serde(default)]
    pub log_format: LogFormat,
    /// How long a server that was told to end goes on taking connections, while it says that it is not ready: what balances
    /// the load needs some time to find out. No time at all, unless said.
    #[serde(default, with = "humantime_serde")]
    pub shutdown_delay: Duration,
    /// How long a server that was told to end waits after that for the requests that are under way; 30 seconds unless said.
    #[serde(default = "half_a_minute", with = "humantime_serde")]
    pub shutdown_timeout: Duration,
    /// How long connections are waited for, and how much is taken on at once.
    #[serde(default)]
    pub server: ServerConfig,
    /// How callers are known, and refused.
    #[serde(default)]
    pub auth: AuthConfig,
    /// How users register, log in and are logged out.
    #[serde(default)]
    pub users: UsersConfig,
    /// How e-mail is sent; not at all unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail: Option<MailConfig>,
    /// The data sources by name. Models are attached to the one called `db` unless said otherwise; unless configured,
    /// that is a SQLite file named after the program, in the working directory.
    pub data_sources: BTreeMap<String, DataSourceConfig>,
    /// The models by name, as far as something is to be said of them.
    pub models: BTreeMap<String, ModelConfig>,
    /// The JSON definitions of a LoopBack application, which are loaded too. What its files say of the application itself holds
    /// unless it is said here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub definitions: Option<Definitions>,
    /// Settings of the application's own, see [`Application::setting`](crate::Application::setting).
    #[serde(default)]
    pub settings: OwnSettings,
    /// What has been said, if somebody was asked.
    #[serde(skip)]
    pub(super) said: Option<Said>,
}

fn explorer_path() -> Option<String> {
    Some(explorer::PATH.to_owned())
}

/// How errors are answered (contract *rest.md* §5, *middleware.md* §6).
///
/// ```toml
/// [errors]
/// envelope = "strong"
/// safe_fields = ["retryAfter"]
/// ```
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct ErrorsConfig {
    /// What callers get: `rest`, unless said, or `strong`, as applications have it that LoopBack's generator has made.
    pub envelope: Envelope,
    /// Properties of errors that callers see beside `code` and `details`, where the envelope is `strong`.
    pub safe_fields: Vec<String>,
}

/// How models are served over HTTP (contract *rest.md* §6 and §9).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct RestConfig {
    /// Is XML answered to who accepts it? Off unless said; who asks for it by `?_format=xml` gets it anyway.
    pub xml: bool,
    /// Is a script answered to who accepts one and names its function, as in `?callback=show`? On unless said.
    pub jsonp: bool,
    /// How many instances a list has whose filter has no `limit`; 0, unless said, is all of them.
    pub default_limit: u64,
    /// How many instances a list may have. Who asks for more, or for all where there are more, is refused and told to send
    /// a `limit` or to ask for pages. 10,000, unless said; 0 is any number.
    pub max_limit: u64,
    /// How many instances one level of a filter's includes may read, and copy where several belong to one; who asks for more
    /// is refused. 100,000, unless said.
    pub max_included: usize,
    /// May the body of a new instance hold instances that belong to it, `{"name": "Ann", "orders": [{"item": "tea"}]}`, which
    /// are created with it or not at all? Off unless said: a relation's name in a body is dropped then, as LoopBack does.
    pub nested_writes: bool,
}

impl Default for RestConfig {
    fn default() -> Self {
        RestConfig {
            xml: false,
            jsonp: true,
            default_limit: 0,
            max_limit: 10_000,
            max_included: MOST_INCLUDED,
            nested_writes: false,
        }
    }
}

/// Who hears of changes (contract *rest.md* §8).
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct ChangeStreamConfig {
    /// The name of a data source, PostgreSQL or Redis, through which several instances of the application tell each other of
    /// changes. Unless said, each instance tells its own listeners of its own changes; of models on a MongoDB replica set
    /// the server tells every instance. The instances of one application are those with its `title`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exchange: Option<String>,
}

/// Requests that are sent twice and done once: `POST` with the header `Idempotency-Key`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct IdempotencyConfig {
    /// The name of the data source for keys and values, such as Redis, that keeps the answers: all instances of the
    /// application must use the same.
    pub data_source: String,
    /// How long an answer is kept; a day unless said.
    #[serde(default = "a_day", with = "humantime_serde")]
    pub ttl: Duration,
}

impl IdempotencyConfig {
    /// Answers are kept for a day in the data source of this name.
    pub fn new(data_source: impl Into<String>) -> Self {
        IdempotencyConfig {
            data_source: data_source.into(),
            ttl: a_day(),
        }
    }

    pub(super) fn store(&self, data_sources: &[DataSource]) -> Result<Idempotency> {
        let data_source = DataSource::find(data_sources, &self.data_source)?;
        let store = data_source.store().ok_or_else(|| {
            Error::internal(format!(
                "the data source \"{}\" keeps no values under keys, as `idempotency.data_source` must; name one such as \
                 `redis://localhost` (cargo feature `redis`)",
                self.data_source
            ))
        })?;
        Ok(Idempotency {
            store: store.clone(),
            ttl: self.ttl,
        })
    }
}

fn half_a_minute() -> Duration {
    Duration::from_secs(30)
}

fn a_day() -> Duration {
    Duration::from_secs(24 * 60 * 60)
}

/// One data source.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct DataSourceConfig {
    /// Where the data is: `sqlite://shop.db`, `sqlite::memory:`, `postgres://user:password@host/database`,
    /// `mysql://user:password@host/database`, `mongodb://user:password@host/database`, `memory:`, `memory://shop.json`,
    /// for keys and values `redis://user:password@host/0` or `kv-memory:`, and `transient:` to keep nothing. A data source that a
    /// LoopBack application's `datasources.json` has needs none.
    #[serde(default)]
    pub url: String,
    /// What is said of a SQL database or of MongoDB besides its URL: see
    /// [`SqlOptions`](crate::connectors::sql::SqlOptions) and
    /// [`MongoOptions`](crate::connectors::mongodb::MongoOptions), which have the defaults. `memory:` has no use for it.
    #[serde(default)]
    pub max_connections: Option<u32>,
    /// How many of a PostgreSQL data source's connections all callers share, and how many threads read a SQLite file for all of them;
    /// zero switches that off.
    #[serde(default)]
    pub shared_connections: Option<u32>,
    /// How many connections stay open when nobody asks for any.
    #[serde(default)]
    pub min_connections: Option<u32>,
    /// How long the start waits for a server that does not answer yet.
    #[serde(default, with = "humantime_serde")]
    pub connect_timeout: Option<Duration>,
    /// How long a caller waits for a free connection.
    #[serde(default, with = "humantime_serde")]
    pub acquire_timeout: Option<Duration>,
    /// How long a statement may take, also on MongoDB; `"0s"` is without end.
    #[serde(default, with = "humantime_serde")]
    pub statement_timeout: Option<Duration>,
    /// After which time a connection that nobody has used is closed; `"0s"` is never.
    #[serde(default, with = "humantime_serde")]
    pub idle_timeout: Option<Duration>,
    /// After which time a connection is replaced by a new one; `"0s"` is never.
    #[serde(default, with = "humantime_serde")]
    pub max_lifetime: Option<Duration>,
    /// How many prepared statements each connection keeps; 0 behind pgbouncer in transaction mode.
    #[serde(default)]
    pub statement_cache: Option<usize>,
    /// May callers send MongoDB's update operators, such as `{"$inc": {"visits": 1}}`, where a change takes plain values?
    /// No, unless `true` is said; `false` forbids it for models that say `true` too.
    #[serde(default)]
    pub allow_extended_operators: Option<bool>,
    /// The URLs of replicas, which what is read outside transactions comes from.
    #[serde(default)]
    pub replicas: Vec<String>,
    /// Are the tables made what the models say at every start, as far as nothing is lost? They are, unless `false` is
    /// said: where they are changed by `migrate apply` alone, a start says in the log how many differences there are.
    /// Where there are versioned migrations (`App::migrations`), a start runs the pending ones if `true` is said, and is
    /// refused otherwise.
    #[serde(default)]
    pub autoupdate: Option<bool>,
}

/// One model.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ModelConfig {
    /// The data source that the model is attached to; `db` unless said.
    #[serde(default)]
    pub data_source: Option<String>,
    /// May callers send MongoDB's update operators? As the data source says, unless said here.
    #[serde(default)]
    pub allow_extended_operators: Option<bool>,
    /// `false` hides the model: it is kept and used, and not served. What the program does not serve can't be served so.
    #[serde(default)]
    pub public: Option<bool>,
    /// Access rules that go over the model's own: each takes the place of the one about the same calls of the same callers, or
    /// stands beside the others.
    #[serde(default)]
    pub acls: Vec<RuleConfig>,
}

impl Default for Config {
    fn default() -> Self {
        Config {
            host: "127.0.0.1".into(),
            port: 3000,
            rest_api_root: "/api".into(),
            title: "loopwright application".into(),
            version: "1.0.0".into(),
            body_limit: 100 * 1024,
            debug: cfg!(debug_assertions),
            boot_timeout: None,
            errors: ErrorsConfig::default(),
            explorer: explorer_path(),
            rest: RestConfig::default(),
            change_streams: ChangeStreamConfig::default(),
            idempotency: None,
            json_rpc: None,
            web_socket: None,
            phases: Vec::new(),
            middleware: MiddlewareConfig::default(),
            health: HealthConfig::default(),
            metrics: None,
            traces: None,
            access_log: false,
            log_format: LogFormat::default(),
            shutdown_delay: Duration::ZERO,
            shutdown_timeout: half_a_minute(),
            server: ServerConfig::default(),
            auth: AuthConfig::default(),
            users: UsersConfig::default(),
            mail: None,
            data_sources: BTreeMap::new(),
            models: BTreeMap::new(),
            definitions: None,
            settings: OwnSettings::default(),
            said: None,
        }
    }
}

impl DataSourceConfig {
    /// A data source at `url`.
    pub fn new(url: impl Into<String>) -> Self {
        DataSourceConfig {
            url: url.into(),
            ..DataSourceConfig::default()
        }
    }
}

// URLs hold passwords.
impl fmt::Debug for DataSourceConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DataSourceConfig")
            .field("url", &shown(&self.url))
            .field("max_connections", &self.max_connections)
            .field("shared_connections", &self.shared_connections)
            .field("min_connections", &self.min_connections)
            .field("connect_timeout", &self.connect_timeout)
            .field("acquire_timeout", &self.acquire_timeout)
            .field("statement_timeout", &self.statement_timeout)
            .field("idle_timeout", &self.idle_timeout)
            .field("max_lifetime", &self.max_lifetime)
            .field("statement_cache", &self.statement_cache)
            .field("allow_extended_operators", &self.allow_extended_operators)
            .field("replicas", &self.replicas.len())
            .field("autoupdate", &self.autoupdate)
            .finish()
    }
}

impl Config {
    /// The configuration from the file at `path`, which may be missing, and the environment. Over `loopwright.toml` go
    /// `loopwright.local.toml`, and then that of the environment, such as `loopwright.production.toml`: `LOOPWRIGHT_ENV`, or
    /// `NODE_ENV`, says which it is, `development` unless said.
    ///
    /// # Errors
    /// A key that nobody knows, with the nearest one, or a value of another type, with its file and line.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        let (mut config, said) = config_file::load(path.as_ref())?;
        config.said = Some(said);
        config.check()?;
        Ok(config)
    }

    pub(super) fn error_handler(&self) -> ErrorHandler {
        ErrorHandler {
            debug: self.debug,
            envelope: self.errors.envelope,
            safe_fields: self.errors.safe_fields.clone(),
        }
    }

    /// Is it known of each data source where it is?
    pub(super) fn check_data_sources(&self) -> Result<()> {
        let mut sources = self.data_sources.iter();
        match sources.find(|(_, source)| source.url.is_empty()) {
            Some((name, _)) => Err(Error::internal(format!(
                "data_sources.{name}: nothing says where the data is; write `url`, such as \"sqlite://shop.db\""
            ))),
            None => Ok(()),
        }
    }

    pub(super) fn check(&self) -> Result<()> {
        if !self.rest_api_root.starts_with('/') {
            return Err(Error::internal("rest_api_root must start with \"/\""));
        }
        self.server.check()?;
        self.auth.check()?;
        self.users.check()?;
        self.metrics.as_ref().map_or(Ok(()), MetricsConfig::check)?;
        transport::check_metrics(self)?;
        self.traces.as_ref().map_or(Ok(()), TracesConfig::check)?;
        if let Some(path) = self
            .explorer
            .as_deref()
            .filter(|path| !explorer::is_path(path))
        {
            return Err(Error::internal(format!(
                "explorer: {path:?} is no path of the explorer's own; write one such as \"/explorer\", or false for none"
            )));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str) -> Result<Config> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("loopwright.toml");
        std::fs::write(&path, text).unwrap();
        Config::load(&path)
    }

    #[test]
    fn the_file_goes_over_the_defaults() {
        let config = load("port = 0\n[data_sources.db]\nurl = \"sqlite::memory:\"").unwrap();
        assert_eq!(config.port, 0);
        assert_eq!(config.rest_api_root, "/api");
        assert_eq!(config.data_sources["db"].url, "sqlite::memory:");
    }

    #[test]
    fn times_have_a_unit() {
        let source = "[data_sources.db]\nurl = \"memory:\"\n";
        let config = load(&format!("{source}statement_timeout = \"1500ms\"")).unwrap();
        let timeout = config.data_sources["db"].statement_timeout;
        assert_eq!(timeout, Some(Duration::from_millis(1500)));
        let error = load(&format!("{source}statement_timeout = 5")).unwrap_err();
        assert!(error.to_string().contains("statement_timeout"), "{error}");
    }

    #[test]
    fn an_unknown_key_is_named_with_its_file() {
        let message = load("prot = 80").unwrap_err().to_string();
        assert!(
            message.contains("prot") && message.contains("loopwright.toml"),
            "{message}"
        );
    }

    #[test]
    fn layers_go_over_each_other() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            std::fs::write(folder.path().join(name), text).unwrap();
        };
        write(
            "loopwright.toml",
            "port = 1\ntitle = \"Shop\"\n[rest]\nxml = true\n",
        );
        write("loopwright.local.toml", "port = 2\nversion = \"2\"\n");
        write(
            "loopwright.development.toml",
            "version = \"3\"\n[rest]\nmax_limit = 7\n",
        );
        write("loopwright.production.toml", "port = 99\n");
        let load = || Config::load(folder.path().join("loopwright.toml"));
        let config = load().unwrap();
        assert_eq!((config.port, config.title.as_str()), (2, "Shop"));
        assert_eq!((config.version.as_str(), config.rest.max_limit), ("3", 7));
        assert!(config.rest.xml);
        // A mistake is told where it stands.
        write("loopwright.development.toml", "\n[rest]\nmax_limti = 7\n");
        let message = load().unwrap_err().to_string();
        let expected = "loopwright.development.toml:3: there is no key `rest.max_limti`; did you mean `max_limit`?";
        assert!(message.contains(expected), "{message}");
        write(
            "loopwright.development.toml",
            "[rest]\nmax_limit = \"many\"\n",
        );
        let message = load().unwrap_err().to_string();
        let expected = "loopwright.development.toml:2: `rest.max_limit`: ";
        assert!(message.contains(expected), "{message}");
    }

    #[test]
    fn the_main_file_is_missed_where_others_go_over_it() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("loopwright.local.toml"), "port = 2").unwrap();
        let message = Config::load(folder.path().join("loopwright.toml"));
        let message = message.unwrap_err().to_string();
        assert!(message.contains("there is no"), "{message}");
    }

    #[test]
    fn a_wrong_type_is_named_with_its_key() {
        let message = load("port = \"many\"").unwrap_err().to_string();
        assert!(message.contains("port"), "{message}");
    }

    #[test]
    fn passwords_are_not_repeated() {
        let url = "postgres://me:tiger@host/shop";
        for (text, named) in [
            (format!("[data_sources]\ndb = \"{url}\""), "data_sources.db"),
            (
                format!("[data_sources.db]\nurl = \"memory:\"\nreplicas = \"{url}\""),
                "replicas",
            ),
            (
                format!("[data_sources.db]\nurl = \"memory:\"\nmax_connections = \"{url}\""),
                "max_connections",
            ),
            (
                format!("[data_sources.db]\nurl = \"memory:\"\nidle_timeout = \"{url}\""),
                "idle_timeout",
            ),
            (format!("[data_sources.db]\nurl = \"{url}"), "line 2"),
        ] {
            let message = load(&text).unwrap_err().to_string();
            assert!(!message.contains("tiger"), "{message}");
            assert!(message.contains(named), "{message}");
        }
        let config = load(&format!(
            "[data_sources.db]\nurl = \"{url}\"\nreplicas = [\"{url}\"]"
        ))
        .unwrap();
        let debug = format!("{config:?}");
        assert!(!debug.contains("tiger"), "{debug}");
        assert!(debug.contains("postgres://host/shop"), "{debug}");
    }
}

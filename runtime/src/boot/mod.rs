//! From a list of models to a running server: configuration, data sources, start-up, shutdown.
//!
//! **Architecture Invariant:** there is no process-wide state. Any number of applications live side by side, each with
//! its own models and data sources; what an application knows hangs on its [`Application`].

mod acl;
mod app;
mod application;
mod auth;
mod command;
mod config;
mod config_file;
mod connected;
mod connections;
mod data_source;
mod description;
#[cfg(feature = "discovery")]
mod discover;
mod document;
mod explorer;
mod files;
mod foreign_key;
mod guarded;
#[cfg(feature = "discovery")]
mod import;
mod inventory;
mod join;
mod level;
mod load;
mod middleware;
mod migrate;
#[cfg(feature = "migrations")]
mod migration_file;
#[cfg(feature = "migrations")]
mod migrations;
mod model_rule;
mod models;
mod operations;
mod own_settings;
mod path;
mod records;
mod remotes;
mod request_id;
mod router;
mod server;
mod stand_in;
mod stored;
mod summary;
mod transport;

pub use app::App;
pub use application::Application;
pub use auth::AuthConfig;
pub use config::{
    ChangeStreamConfig, Config, DataSourceConfig, ErrorsConfig, IdempotencyConfig, ModelConfig,
    RestConfig,
};
pub use connections::ServerConfig;
pub use middleware::{
    At, CompressionConfig, CorsConfig, FaviconConfig, Middleware, MiddlewareConfig,
    RateLimitConfig, SecurityHeadersConfig, StaticFilesConfig, TimeoutConfig,
};
pub use model_rule::RuleConfig;
pub use models::Models;
pub use operations::{HealthConfig, LogFormat, MetricsConfig, TracesConfig};
pub use own_settings::OwnSettings;
pub use records::Records;
#[doc(hidden)]
pub use server::run_main;
pub use transport::{JsonRpcConfig, WebSocketConfig};

use axum::body::Body;
use axum::http::Request;
use loopwright::boot::DataSourceConfig;
use loopwright::{App, Config};
use tokio::runtime::Builder;
use tower::ServiceExt as _;

use crate::model::{All, Cache};

/// A `loopwright.toml`: refused with a word on what is wrong, or a configuration that is the same after it was written
/// down, and with which an application starts, or says why it does not.
///
/// # Panics
/// It is not.
pub fn configuration(data: &[u8]) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("loopwright.toml");
    std::fs::write(&path, data).unwrap();
    let mut config = match Config::load(&path) {
        Ok(config) => config,
        Err(error) => return assert!(!error.message().is_empty()),
    };
    let json = serde_json::to_value(&config).unwrap();
    let again: Config = serde_json::from_value(json.clone()).expect("a configuration");
    assert_eq!(serde_json::to_value(&again).unwrap(), json);
    // Whatever it says, nothing is looked for, or left behind, on this machine.
    config.definitions = None;
    config.mail = None;
    config.traces = None;
    config.middleware.static_files.clear();
    for source in config.data_sources.values_mut() {
        if !matches!(source.url.as_str(), "kv-memory:" | "transient:") {
            *source = DataSourceConfig::new("memory:");
        }
    }
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let root = config.rest_api_root.clone();
    let app = App::new()
        .config(config)
        .data_source("db", "memory:")
        .data_source("kv", "kv-memory:")
        .models::<All>()
        .attach::<Cache>("kv");
    match runtime.block_on(app.build()) {
        Ok(application) => {
            for path in [
                "/",
                "/openapi.json",
                &format!("{root}/Owners?filter[limit]=1"),
            ] {
                let Ok(request) = Request::get(path).body(Body::empty()) else {
                    continue;
                };
                let answer = application.router().oneshot(request);
                let _ = runtime.block_on(answer).unwrap();
            }
        }
        Err(error) => assert!(!error.message().is_empty()),
    }
}

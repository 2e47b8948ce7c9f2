//! What is mounted beside REST: the transports of the configuration and of the program.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use serde::{Deserialize, Serialize};

use super::app::DOCUMENT_PATH;
use super::config::Config;
use super::path::{is_below, is_plain, overlap};
#[cfg(feature = "web-socket")]
use crate::remoting::WebSocket;
use crate::remoting::{JsonRpc, Remotes, Transport};
use crate::{Error, Result};

/// JSON-RPC 2.0 at a path: [`JsonRpc`].
///
/// ```toml
/// [json_rpc]
/// path = "/rpc"
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct JsonRpcConfig {
    /// Where it is: `POST /rpc`, and `POST /rpc/CoffeeShop/jsonrpc` as LoopBack has it.
    pub path: String,
    /// How many calls a batch may have; 50, unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_calls: Option<usize>,
}

impl JsonRpcConfig {
    /// JSON-RPC at this path.
    pub fn new(path: impl Into<String>) -> Self {
        JsonRpcConfig {
            path: path.into(),
            max_calls: None,
        }
    }
}

/// WebSockets at a path: `remoting::WebSocket` (cargo feature `web-socket`).
///
/// ```toml
/// [web_socket]
/// path = "/socket"
/// max_connections = 1000
/// ping = "30s"
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct WebSocketConfig {
    /// Where it is.
    pub path: String,
    /// How many connections may be open, of all clients together; 512, unless said. Who comes then is answered 503. A process needs
    /// an open file for each, of which it usually has 1,024.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_connections: Option<usize>,
    /// How many calls of a connection may be under way, and to how many streams of changes it may listen; 16, unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_calls: Option<usize>,
    /// How often a connection is asked for a sign of life; every 20 seconds, unless said.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "humantime_serde"
    )]
    pub ping: Option<Duration>,
}

impl WebSocketConfig {
    /// WebSockets at this path.
    pub fn new(path: impl Into<String>) -> Self {
        WebSocketConfig {
            path: path.into(),
            max_connections: None,
            max_calls: None,
            ping: None,
        }
    }
}

/// A transport, and the path that it is mounted at.
pub(super) type Mounted = (String, Arc<dyn Transport>);

/// The paths at which something is already beside the models.
fn taken(config: &Config) -> Vec<String> {
    let metrics = config.metrics.as_ref().map(|metrics| metrics.path.clone());
    let always = [DOCUMENT_PATH, "/health/live", "/health/ready"].map(str::to_owned);
    let explorer = config.explorer.clone();
    always.into_iter().chain(explorer).chain(metrics).collect()
}

/// Refuses metrics where something else is.
pub(super) fn check_metrics(config: &Config) -> Result<()> {
    let Some(metrics) = &config.metrics else {
        return Ok(());
    };
    let path = metrics.path.as_str();
    let root = config.rest_api_root.trim_end_matches('/').to_owned();
    let mut others = taken(config);
    // Their own.
    others.pop();
    others.extend((!root.is_empty()).then_some(root));
    match others.iter().find(|other| overlap(path, other)) {
        Some(other) => Err(Error::internal(format!(
            "metrics.path: \"{other}\" is taken; choose another path than \"{path}\""
        ))),
        None => Ok(()),
    }
}

/// The transports of the configuration, and the program's own, each at a path that nothing else has.
pub(super) fn mounted(config: &Config, own: Vec<Mounted>) -> Result<Vec<Mounted>> {
    let mut mounted = own;
    if let Some(json_rpc) = &config.json_rpc {
        let transport = JsonRpc::new();
        let transport = match json_rpc.max_calls {
            Some(calls) => transport.max_calls(calls),
            None => transport,
        };
        mounted.push((json_rpc.path.clone(), Arc::new(transport)));
    }
    if let Some(config) = &config.web_socket {
        mounted.push((config.path.clone(), web_socket(config)?));
    }
    for (path, _) in &mut mounted {
        *path = path.trim_end_matches('/').to_owned();
        check(path)?;
    }
    let root = config.rest_api_root.trim_end_matches('/');
    for (index, (path, _)) in mounted.iter().enumerate() {
        let ours = taken(config);
        let others = mounted[..index].iter().map(|(other, _)| other.as_str());
        let ours = ours.iter().map(String::as_str);
        let other = others.chain(ours).find(|other| overlap(path, other));
        // Below the models' own path there is room.
        if let Some(other) = other.or((root == path || is_below(root, path)).then_some(root)) {
            return Err(Error::internal(format!(
                "a transport can't be at \"{path}\", since \"{other}\" is taken; choose another path"
            )));
        }
    }
    Ok(mounted)
}

#[cfg(feature = "web-socket")]
fn web_socket(config: &WebSocketConfig) -> Result<Arc<dyn Transport>> {
    let mut transport = WebSocket::new();
    if let Some(connections) = config.max_connections {
        transport = transport.max_connections(connections);
    }
    if let Some(calls) = config.max_calls {
        transport = transport.max_calls(calls);
    }
    if let Some(every) = config.ping {
        transport = transport.ping(every);
    }
    Ok(Arc::new(transport))
}

#[cfg(not(feature = "web-socket"))]
fn web_socket(_config: &WebSocketConfig) -> Result<Arc<dyn Transport>> {
    Err(Error::internal(
        "web_socket: this program was built without WebSockets; add the cargo feature `web-socket` to its `loopwright` \
         dependency",
    ))
}

fn check(path: &str) -> Result<()> {
    match is_plain(path) {
        true => Ok(()),
        false => Err(Error::internal(format!(
            "\"{path}\" is no path for a transport; write one such as \"/rpc\""
        ))),
    }
}

/// The routes of each transport, with the path that it is mounted at.
pub(super) fn routes(mounted: Vec<Mounted>, remotes: &Remotes) -> Vec<(String, Router)> {
    let mounted = mounted.into_iter();
    let routes = mounted.map(|(path, transport)| (path, transport.routes(remotes.clone())));
    routes.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(paths: &[&str]) -> Result<Vec<Mounted>> {
        let transport = || Arc::new(JsonRpc::new()) as Arc<dyn Transport>;
        let own = paths.iter().map(|path| ((*path).to_owned(), transport()));
        mounted(&Config::default(), own.collect())
    }

    #[test]
    fn every_transport_has_a_path_of_its_own() {
        let paths = at(&["/rpc/", "/api/rpc", "/v1/rpc"]).unwrap();
        let paths: Vec<_> = paths.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(paths, ["/rpc", "/api/rpc", "/v1/rpc"]);
        for (paths, named) in [
            (&["rpc"][..], "\"rpc\" is no path"),
            (&["/"], "\"\" is no path"),
            (&["/{any}"], "no path"),
            (&["/a//b"], "no path"),
            (&["/a/../b"], "no path"),
            (&["/api"], "\"/api\" is taken"),
            (&["/explorer/x"], "\"/explorer\" is taken"),
            (&["/rpc", "/rpc"], "\"/rpc\" is taken"),
            (&["/rpc", "/rpc/more"], "\"/rpc\" is taken"),
        ] {
            let error = at(paths).err().map(|error| error.to_string());
            assert!(
                error.as_ref().is_some_and(|error| error.contains(named)),
                "{error:?}"
            );
        }
    }
}

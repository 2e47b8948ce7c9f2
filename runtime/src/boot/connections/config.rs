//! How long connections are waited for, and how much is taken on at once.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// How the server bears slow and hostile clients, and more of them than it can serve.
///
/// What is said of requests (`body_timeout`, `max_requests`) also holds where a program serves
/// [`Application::router`](crate::Application::router) by itself; the rest is about connections, which are that program's
/// own then.
///
/// ```toml
/// [server]
/// header_timeout = "5s"
/// max_connections = 50000
/// max_requests = 200
/// ```
///
/// ```
/// use loopwright::Config;
///
/// let mut config = Config::default();
/// config.server.max_requests = 200;
/// ```
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct ServerConfig {
    /// How long the head of a request may take from its first byte to its last; what takes longer is given up with 408.
    /// 15 seconds, unless said.
    #[serde(with = "humantime_serde")]
    pub header_timeout: Duration,
    /// How many bytes the head of a request may have, its address among them; what has more is refused with 431. 16384, as
    /// Node.js has it, unless said; 4096 at least.
    pub max_header_size: usize,
    /// How long a connection may ask for nothing; then it is closed. 75 seconds, unless said: longer than load balancers keep
    /// a connection that they mean to use again.
    #[serde(with = "humantime_serde")]
    pub idle_timeout: Duration,
    /// How long the next 16 KiB of a request's body may take, or its end; what is slower is given up with 408. An upload may
    /// take any time, as long as it moves. 30 seconds, unless said.
    #[serde(with = "humantime_serde")]
    pub body_timeout: Duration,
    /// How long who gets an answer, or a stream, may read nothing of it; then the connection is closed. 30 seconds, unless
    /// said.
    #[serde(with = "humantime_serde")]
    pub write_timeout: Duration,
    /// After how long a connection on which nothing happens is asked for a sign of life (TCP keep-alive); three are asked
    /// for, a sixth of that time apart, and without an answer it is closed, though not before `write_timeout`. A minute, unless
    /// said.
    #[serde(with = "humantime_serde")]
    pub keepalive: Duration,
    /// How many connections are open at once. Who comes beyond gets 503 and `Retry-After`, and those close that have asked
    /// for nothing for a second. 20,000, unless said, or fewer where the process may not have as many file descriptors.
    pub max_connections: usize,
    /// How many requests are under way at once, those that wait for a connection to a database among them: from the last byte
    /// of their bodies to the first of their answers. What is beyond is answered at once with 503 and `Retry-After`; what
    /// watches the application (health, metrics) is always answered. 1,000, unless said.
    pub max_requests: usize,
}

/// What every request line and a few headers need.
const LEAST_HEADER_SIZE: usize = 4096;

impl Default for ServerConfig {
    fn default() -> Self {
        ServerConfig {
            header_timeout: Duration::from_secs(15),
            max_header_size: 16 * 1024,
            idle_timeout: Duration::from_secs(75),
            body_timeout: Duration::from_secs(30),
            write_timeout: Duration::from_secs(30),
            keepalive: Duration::from_secs(60),
            max_connections: 20_000,
            max_requests: 1_000,
        }
    }
}

impl ServerConfig {
    pub(in crate::boot) fn check(&self) -> Result<()> {
        let times = [
            ("header_timeout", self.header_timeout),
            ("idle_timeout", self.idle_timeout),
            ("body_timeout", self.body_timeout),
            ("write_timeout", self.write_timeout),
            ("keepalive", self.keepalive),
        ];
        if let Some((key, _)) = times.iter().find(|(_, time)| time.is_zero()) {
            return Err(Error::internal(format!(
                "server.{key}: nothing comes in no time; write one such as \"30s\""
            )));
        }
        if self.max_header_size < LEAST_HEADER_SIZE {
            return Err(Error::internal(format!(
                "server.max_header_size: browsers send more than {} bytes; allow {LEAST_HEADER_SIZE} at least",
                self.max_header_size
            )));
        }
        let numbers = [
            ("max_connections", self.max_connections),
            ("max_requests", self.max_requests),
        ];
        // More than these no semaphore counts, and no machine has.
        const MOST: usize = u32::MAX as usize;
        match numbers.iter().find(|(_, most)| !(1..=MOST).contains(most)) {
            Some((key, most)) => Err(Error::internal(format!(
                "server.{key}: {most} can't be; write a number from 1 to {MOST}"
            ))),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_could_serve_nobody_is_refused() {
        let refused = |change: fn(&mut ServerConfig), key: &str| {
            let mut config = ServerConfig::default();
            config.check().unwrap();
            change(&mut config);
            let error = config.check().unwrap_err().to_string();
            assert!(error.contains(key), "{error}");
        };
        refused(
            |config| config.header_timeout = Duration::ZERO,
            "header_timeout",
        );
        refused(|config| config.max_header_size = 100, "max_header_size");
        refused(|config| config.max_requests = 0, "max_requests");
        refused(
            |config| config.max_connections = usize::MAX,
            "max_connections",
        );
    }
}

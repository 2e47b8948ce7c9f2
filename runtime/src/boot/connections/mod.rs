//! What is behind the socket: how many connections there are, and how long each is waited for.
//!
//! **Architecture Invariant:** nothing here knows a route. A connection ends by what its socket does or lacks; what a request
//! may do is decided within the router.

mod config;
mod connection;
mod crowd;
mod refusal;
mod stage;
mod wire;

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};

pub use self::config::ServerConfig;
use self::crowd::Crowd;
use super::level::Level;
use crate::Error;
use crate::remoting::ErrorHandler;

/// How many of those are told at once that there are too many; others find the connection closed.
const REFUSALS: usize = 256;

/// How many file descriptors are left to data sources, files and the log.
const RESERVED: u64 = 256;

/// How many signs of life are asked for before a connection is given up.
const PROBES: u32 = 3;

/// What all connections have in common.
struct Served {
    level: Level,
    config: ServerConfig,
    protocol: http1::Builder,
    crowd: Crowd,
    errors: Arc<ErrorHandler>,
    refusals: Arc<Semaphore>,
}

/// Serves what connects, until `end`; then finishes what is under way on open connections.
pub(super) async fn serve(
    listener: TcpListener,
    level: Level,
    config: &ServerConfig,
    errors: ErrorHandler,
    end: impl Future<Output = ()>,
) {
    let served = Arc::new(Served::new(level, config.clone(), errors));
    let (close, closing) = watch::channel(false);
    let mut end = pin!(end);
    loop {
        let (socket, address) = tokio::select! {
            accepted = served.accept(&listener) => accepted,
            () = &mut end => break,
        };
        served.prepare(&socket);
        match served.crowd.enter() {
            Some(place) => {
                let connection =
                    connection::serve(socket, address, served.clone(), place, closing.clone());
                tokio::spawn(connection);
            }
            None => served.refuse(socket),
        }
    }
    drop(listener);
    drop(closing);
    close.send_replace(true);
    // Each connection keeps a receiver until it ends.
    close.closed().await;
}

impl Served {
    fn new(level: Level, config: ServerConfig, errors: ErrorHandler) -> Self {
        let mut protocol = http1::Builder::new();
        protocol
            // Ours tells a connection that asks for nothing from half a request.
            .header_read_timeout(None)
            // Ours counts the head alone, and answers as the rest of the application does.
            .max_buf_size(config.max_header_size.saturating_mul(2).max(64 * 1024));
        Served {
            level,
            protocol,
            crowd: Crowd::new(most_connections(config.max_connections)),
            errors: Arc::new(errors),
            refusals: Arc::new(Semaphore::new(REFUSALS)),
            config,
        }
    }

    /// The next connection.
    async fn accept(&self, listener: &TcpListener) -> (TcpStream, SocketAddr) {
        loop {
            match listener.accept().await {
                Ok(accepted) => return accepted,
                // Who has hung up before anybody answered.
                Err(error) if is_of_connection(&error) => {}
                Err(error) => {
                    // The process, or the machine, has no descriptor left; it gets some when others leave.
                    tracing::error!("no connection can be taken: {error}");
                    self.crowd.make_room();
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
        }
    }

    /// Answers leave at once, and who is gone without a word is found out.
    fn prepare(&self, socket: &TcpStream) {
        let socket = SockRef::from(socket);
        let apart = (self.config.keepalive / 6).max(Duration::from_secs(1));
        let keepalive = TcpKeepalive::new()
            .with_time(self.config.keepalive)
            .with_interval(apart);
        #[cfg(unix)]
        let keepalive = keepalive.with_retries(PROBES);
        let prepared = socket
            .set_tcp_nodelay(true)
            .and_then(|()| socket.set_tcp_keepalive(&keepalive));
        // No sign of life is asked for while something waits to be acknowledged, or to be read.
        #[cfg(target_os = "linux")]
        let prepared = prepared.and_then(|()| {
            let gone = self.config.keepalive + apart * PROBES;
            socket.set_tcp_user_timeout(Some(gone.max(self.config.write_timeout)))
        });
        if let Err(error) = prepared {
            // It may be closed already; a connection without is better than none.
            tracing::trace!("a socket can't be prepared: {error}");
        }
    }

    /// Tells somebody who has no place to come again.
    fn refuse(self: &Arc<Self>, socket: TcpStream) {
        self.crowd.make_room();
        let Ok(turn) = self.refusals.clone().try_acquire_owned() else {
            return;
        };
        let served = self.clone();
        tokio::spawn(async move {
            let error = Error::new(503, "the server has too many connections; try again later")
                .with_code("TOO_MANY_CONNECTIONS");
            refusal::answer(socket, &error, &served.errors).await;
            drop(turn);
        });
    }
}

fn is_of_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
    )
}

/// As many as are wanted, or as there can be: a process is started with few descriptors, and may have more.
fn most_connections(wanted: usize) -> usize {
    let wanted_descriptors = u64::try_from(wanted)
        .unwrap_or(u64::MAX)
        .saturating_add(RESERVED);
    let descriptors = match rlimit::increase_nofile_limit(wanted_descriptors) {
        Ok(descriptors) => descriptors,
        Err(error) => {
            tracing::warn!("how many files the process may open is unknown: {error}");
            return wanted;
        }
    };
    if descriptors >= wanted_descriptors {
        return wanted;
    }
    let possible = descriptors.saturating_sub(RESERVED).max(descriptors / 2);
    let possible = usize::try_from(possible).unwrap_or(wanted);
    tracing::info!(
        "no more than {possible} connections are taken, since the process may have {descriptors} file descriptors; \
         raise the limit (`ulimit -n`), or lower `server.max_connections`"
    );
    possible
}

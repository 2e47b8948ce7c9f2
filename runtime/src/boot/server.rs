//! Listening, and coming to an end.

use std::io::Write;
use std::net::SocketAddr;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tracing_subscriber::EnvFilter;

use super::{Application, summary};
use crate::{Error, Result};

/// Log lines on standard error, unless the program has set up its own.
pub(super) fn log() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    // An error says that a subscriber is there already: the program's own, which stays.
    let _ = subscriber.try_init();
}

/// Runs the body of a program's `main`, for `#[loopwright::main]`.
#[doc(hidden)]
pub fn run_main<T>(main: impl Future<Output = T>) -> T {
    match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime.block_on(main),
        Err(error) => {
            // The machine has no threads or file descriptors left; nothing that the program could do is left either.
            let _ = writeln!(std::io::stderr(), "Error: no runtime: {error}");
            std::process::exit(1)
        }
    }
}

/// Serves the application until the process is told to end.
pub(super) async fn run(application: Application) -> Result<()> {
    let config = application.config();
    let wanted = (config.host.as_str(), config.port);
    let listener = TcpListener::bind(wanted).await.map_err(|error| {
        let message = format!(
            "can't listen on {}:{}; choose another port with PORT or loopwright.toml",
            wanted.0, wanted.1
        );
        Error::internal(message).with_source(error)
    })?;
    let address = listener
        .local_addr()
        .map_err(|error| Error::internal("no local address").with_source(error))?;
    let shutdown = application.parts().shutdown.clone();
    // Nobody may be reading; that is no reason not to serve.
    let _ = std::io::stdout().write_all(summary::summary(&application, address).as_bytes());
    // Who is limited is known by the address.
    let service = application
        .router()
        .into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service)
        .with_graceful_shutdown(end(shutdown.clone()))
        .await
        .map_err(|error| Error::internal("the server failed").with_source(error))?;
    // Sockets have left the server's hands, and end by themselves; each keeps a receiver until it has.
    shutdown.closed().await;
    tracing::info!("stopped");
    Ok(())
}

/// Waits for SIGINT or SIGTERM, and tells the streams to end.
async fn end(shutdown: watch::Sender<bool>) {
    let interrupt = async {
        // Without a handler there is nothing to wait for, but the server can still be killed.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
    tracing::info!("finishing the requests that are under way");
    shutdown.send_replace(true);
}

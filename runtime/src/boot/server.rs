//! Listening, and coming to an end.

use std::io::{self, Write};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::operations::Signals;
use super::{App, Application, connections, router, summary};
use crate::{Error, Result};

/// How long the end of a program waits for a thread that is at work still, such as one that hashes a password.
const PATIENCE: Duration = Duration::from_secs(1);

/// Runs the body of a program's `main`, for `#[loopwright::main]`.
#[doc(hidden)]
pub fn run_main<T>(main: impl Future<Output = T>) -> T {
    match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => {
            let ended = runtime.block_on(main);
            runtime.shutdown_timeout(PATIENCE);
            ended
        }
        Err(error) => {
            // The machine has no threads or file descriptors left; nothing that the program could do is left either.
            let _ = writeln!(std::io::stderr(), "Error: no runtime: {error}");
            std::process::exit(1)
        }
    }
}

/// Starts the application, and serves it until the process is told to end.
pub(super) async fn serve(app: App) -> Result<()> {
    run(app.build().await?).await
}

async fn run(application: Application) -> Result<()> {
    let config = application.config();
    let listener = TcpListener::bind((config.host.as_str(), config.port)).await;
    let listener = listener.map_err(|error| {
        let cause = match error.kind() {
            io::ErrorKind::AddrInUse => ": another program listens there",
            _ => "",
        };
        let message = format!(
            "can't listen on {}:{}{cause}; choose another port with PORT or loopwright.toml",
            config.host, config.port
        );
        Error::internal(message).with_source(error)
    })?;
    let address = listener
        .local_addr()
        .map_err(|error| Error::internal("no local address").with_source(error))?;
    let signals = Signals::new();
    // Nobody may be reading; that is no reason not to serve.
    let _ = io::stdout().write_all(summary::summary(&application, address).as_bytes());
    let (close, closing) = oneshot::channel();
    let (level, errors) = (router::level(&application), config.error_handler());
    let server = connections::serve(listener, level, &config.server, errors, async {
        // It is dropped with the server alone.
        let _ = closing.await;
    });
    let shutdown = application.parts().shutdown.clone();
    let served = async {
        server.await;
        // Sockets have left the server's hands, and end by themselves; each keeps a receiver until it has.
        shutdown.closed().await;
    };
    tokio::select! {
        () = served => {}
        () = end(&application, signals, close) => {
            let sockets = application.parts().shutdown.receiver_count();
            let left = application.parts().operations.drain.under_way().max(sockets);
            // Who is connected and asks for nothing waits for nothing.
            if left > 0 {
                return Err(Error::internal(format!(
                    "requests that took longer than `shutdown_timeout` were given up: {left}"
                )));
            }
        }
    }
    tracing::info!("stopped");
    Ok(())
}

/// Waits until the process is told to end, has the server finish what is under way, and returns when the time for that is
/// over.
async fn end(application: &Application, mut signals: Signals, close: oneshot::Sender<()>) {
    let (parts, config) = (application.parts(), application.config());
    signals.next().await;
    tracing::info!("finishing the requests that are under way");
    parts.operations.drain.begin();
    let finish = async {
        tokio::time::sleep(config.shutdown_delay).await;
        parts.shutdown.send_replace(true);
        // A server that has failed needs no word.
        let _ = close.send(());
        tokio::time::sleep(config.shutdown_timeout).await;
    };
    tokio::select! {
        () = finish => {}
        // Who asks twice does not want to wait.
        code = signals.next() => {
            tracing::warn!("ended by a second signal");
            std::process::exit(code)
        }
    }
}

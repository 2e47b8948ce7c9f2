//! An application behind a real socket.

use loopwright::{App, Application};
use tokio::net::TcpListener;

/// An application that listens on a private port until it is dropped.
pub struct Served {
    /// Where it listens, without a slash at the end.
    pub url: String,
    /// The application itself.
    pub application: Application,
    /// A client for it.
    pub client: reqwest::Client,
    server: tokio::task::JoinHandle<()>,
}

impl Drop for Served {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Serves `app`.
///
/// # Errors
/// The application does not start.
pub async fn serve(app: App) -> Result<Served, Box<dyn std::error::Error>> {
    let application = app.build().await?;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    let router = application.router();
    let server = tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            eprintln!("the server failed: {error}");
        }
    });
    Ok(Served {
        url,
        application,
        client: reqwest::Client::new(),
        server,
    })
}

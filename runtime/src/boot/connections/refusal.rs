//! Answers to what is no request yet, or comes to nobody: written to the socket itself.

use std::io;
use std::time::Duration;

use axum::body::to_bytes;
use axum::http::HeaderMap;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::time::timeout;

use crate::Error;
use crate::remoting::{Asked, ErrorHandler, failure};

/// How long somebody may take to read a refusal. The answer would be lost if the socket closed while more is on its way.
const LINGER: Duration = Duration::from_secs(2);

/// Answers with `error`, and lets the other side read it.
pub(super) async fn send<S>(mut socket: S, error: &Error, errors: &ErrorHandler)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    // Who does not read it, or is gone, has nothing to say either.
    let _ = timeout(LINGER, say(&mut socket, error, errors)).await;
}

/// As [`send`], once something has been asked: an answer before that is none.
pub(super) async fn answer<S>(mut socket: S, error: &Error, errors: &ErrorHandler)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let asked = async {
        if socket.read(&mut [0; 1024]).await? > 0 {
            say(&mut socket, error, errors).await?;
        }
        io::Result::Ok(())
    };
    let _ = timeout(LINGER, asked).await;
}

async fn say<S>(socket: &mut S, error: &Error, errors: &ErrorHandler) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    socket.write_all(&written(error, errors).await).await?;
    socket.shutdown().await?;
    let mut rest = [0; 4096];
    while socket.read(&mut rest).await? > 0 {}
    Ok(())
}

/// The error as HTTP writes it.
async fn written(error: &Error, errors: &ErrorHandler) -> Vec<u8> {
    let response = failure(error, errors, &Asked::new(&HeaderMap::new()));
    let (head, body) = response.into_parts();
    // It is in memory.
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let status = head.status;
    let reason = status.canonical_reason().unwrap_or_default();
    let mut text = format!("HTTP/1.1 {} {reason}\r\n", status.as_u16()).into_bytes();
    for (name, value) in &head.headers {
        text.extend_from_slice(name.as_str().as_bytes());
        text.extend_from_slice(b": ");
        text.extend_from_slice(value.as_bytes());
        text.extend_from_slice(b"\r\n");
    }
    let rest = format!(
        "content-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    text.extend_from_slice(rest.as_bytes());
    text.extend_from_slice(&body);
    text
}

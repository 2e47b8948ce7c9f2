//! Clients that are slow, silent, clumsy or hostile.

use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::tally::Tally;

const PAUSE: Duration = Duration::from_secs(1);

/// Somebody who means no good.
#[derive(Clone)]
pub struct Hostile {
    address: String,
    tally: Arc<Tally>,
}

impl Hostile {
    pub fn new(address: &str, tally: Arc<Tally>) -> Self {
        Hostile {
            address: address.to_owned(),
            tally,
        }
    }

    /// Everybody, until this is dropped; `idle` of them ask for nothing.
    pub fn begin(&self, idle: usize) -> JoinSet<()> {
        let mut all = JoinSet::new();
        for number in 0..idle {
            all.spawn(self.clone().stay(number));
        }
        for _ in 0..100 {
            all.spawn(self.clone().again("slow heads", Self::slow_head));
            all.spawn(self.clone().again("slow bodies", Self::slow_body));
        }
        for _ in 0..20 {
            all.spawn(
                self.clone()
                    .again("answers that nobody reads", Self::never_read),
            );
        }
        for _ in 0..4 {
            all.spawn(self.clone().again("huge heads", Self::huge_head));
            all.spawn(self.clone().again("noise", Self::noise));
            all.spawn(self.clone().again("gone before the answer", Self::reset));
        }
        all
    }

    async fn again<F>(self, kind: &'static str, attempt: fn(Self) -> F)
    where
        F: Future<Output = io::Result<String>>,
    {
        loop {
            let how = attempt(self.clone()).await;
            self.tally
                .answered(kind, how.unwrap_or_else(|_| "connection lost".into()));
            sleep(PAUSE).await;
        }
    }

    async fn connect(&self) -> io::Result<TcpStream> {
        TcpStream::connect(&self.address).await
    }

    /// Asks once, then holds the connection until the server closes it, and comes again.
    async fn stay(self, number: usize) {
        // Not all at the same moment.
        sleep(Duration::from_millis(number as u64)).await;
        loop {
            let stayed = async {
                let mut socket = self.connect().await?;
                // Every other one never says a word.
                if number.is_multiple_of(2) {
                    socket
                        .write_all(b"GET /health/live HTTP/1.1\r\nHost: soak\r\n\r\n")
                        .await?;
                }
                status(&mut socket).await
            };
            let how = stayed
                .await
                .unwrap_or_else(|_: io::Error| "connection lost".into());
            self.tally.answered("idle connections, closed", how);
            sleep(PAUSE).await;
        }
    }

    async fn slow_head(self) -> io::Result<String> {
        let mut socket = self.connect().await?;
        socket
            .write_all(b"GET /api/Shops HTTP/1.1\r\nHost: soak\r\nX: ")
            .await?;
        trickle(&mut socket).await
    }

    async fn slow_body(self) -> io::Result<String> {
        let mut socket = self.connect().await?;
        let head = b"POST /api/Entries HTTP/1.1\r\nHost: soak\r\nContent-Type: application/json\r\nContent-Length: 9000\r\n\r\n";
        socket.write_all(head).await?;
        trickle(&mut socket).await
    }

    async fn huge_head(self) -> io::Result<String> {
        let mut socket = self.connect().await?;
        socket.write_all(b"GET /api/Shops HTTP/1.1\r\nX: ").await?;
        socket.write_all(&vec![b'x'; 1_000_000]).await?;
        status(&mut socket).await
    }

    async fn noise(self) -> io::Result<String> {
        let mut socket = self.connect().await?;
        socket
            .write_all(b"\x16\x03\x01\0\xff\0 no HTTP at all\r\n\r\n")
            .await?;
        status(&mut socket).await
    }

    /// A list of some megabytes, of which nothing is read until the server has lost patience.
    async fn never_read(self) -> io::Result<String> {
        let mut socket = self.connect().await?;
        let request = b"GET /api/Shops?filter=%7B%22include%22%3A%22reviews%22%7D HTTP/1.1\r\nHost: soak\r\n\r\n";
        socket.write_all(request).await?;
        sleep(Duration::from_secs(45)).await;
        status(&mut socket).await
    }

    async fn reset(self) -> io::Result<String> {
        let mut socket = self.connect().await?;
        let request = b"GET /api/Shops?filter[limit]=5 HTTP/1.1\r\nHost: soak\r\n\r\n";
        socket.write_all(request).await?;
        SockRef::from(&socket).set_linger(Some(Duration::ZERO))?;
        Ok("reset".into())
    }
}

/// A byte now and then, until there is an answer.
async fn trickle(socket: &mut TcpStream) -> io::Result<String> {
    let (mut reader, mut writer) = socket.split();
    let mut answered = pin!(status(&mut reader));
    loop {
        if let Ok(answered) = timeout(PAUSE, &mut answered).await {
            return answered;
        }
        writer.write_all(b" ").await?;
    }
}

/// The status of an answer, read until the connection closes.
async fn status(socket: &mut (impl AsyncRead + Unpin)) -> io::Result<String> {
    let mut first = [0; 12];
    let mut known = 0;
    let mut buffer = [0; 4096];
    loop {
        let count = socket.read(&mut buffer).await?;
        if count == 0 {
            break;
        }
        let part = count.min(first.len() - known);
        first[known..known + part].copy_from_slice(&buffer[..part]);
        known += part;
    }
    let text = String::from_utf8_lossy(&first[..known]);
    Ok(text.split(' ').nth(1).unwrap_or("closed").to_owned())
}

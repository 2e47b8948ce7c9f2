//! A server in a process of its own, and its clients.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use futures_util::future::try_join_all;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use serde_json::Value as Json;
use tokio::net::TcpStream;
use tokio::sync::Mutex;

use crate::request::{Kind, TOKEN};
use crate::{Result, SERVE, cost};

/// How many clients ask at once.
pub const CLIENTS: usize = 64;

pub struct Server {
    pub name: &'static str,
    process: Child,
    address: String,
    clients: Vec<Mutex<SendRequest<Full<Bytes>>>>,
    /// The time from its start to its first answer.
    pub started_in: Duration,
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What a round of requests has cost.
pub struct Round {
    /// Microseconds of the server's processor per request.
    pub cpu: f64,
    /// Those of PostgreSQL.
    pub cpu_of_database: f64,
    /// Requests per second.
    pub throughput: f64,
    /// How long each took.
    pub latencies: Vec<Duration>,
}

impl Server {
    pub async fn start(name: &'static str, database: &str) -> Result<Self> {
        let begun = Instant::now();
        let mut process = Command::new(std::env::current_exe()?)
            .env(SERVE, format!("{name} {database}"))
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        let output = process.stdout.take().ok_or("the server has no output")?;
        BufReader::new(output).read_line(&mut line)?;
        let (_, address) = line
            .split_once("http://")
            .ok_or("the server has no address")?;
        let mut server = Server {
            name,
            process,
            address: address.trim().to_owned(),
            clients: Vec::new(),
            started_in: Duration::ZERO,
        };
        for _ in 0..CLIENTS {
            let stream = TcpStream::connect(&server.address).await?;
            stream.set_nodelay(true)?;
            let (client, connection) = http1::handshake(TokioIo::new(stream)).await?;
            tokio::spawn(connection);
            server.clients.push(Mutex::new(client));
        }
        server.answer(&crate::request::KINDS[0], 1).await?;
        server.started_in = begun.elapsed();
        Ok(server)
    }

    /// What one request is answered.
    pub async fn answer(&self, kind: &Kind, number: usize) -> Result<Json> {
        let mut client = self.clients[0].lock().await;
        let body = self.ask(&mut client, kind, number).await?;
        Ok(serde_json::from_slice(&body)?)
    }

    async fn ask(
        &self,
        client: &mut SendRequest<Full<Bytes>>,
        kind: &Kind,
        number: usize,
    ) -> Result<Bytes> {
        let request = kind.request(self.name.starts_with("loopwright"), number);
        let mut sent = hyper::Request::builder()
            .method(kind.method)
            .uri(&request.path)
            .header("host", &self.address);
        if kind.guarded {
            sent = sent.header("authorization", TOKEN);
        }
        if request.body.is_some() {
            sent = sent.header("content-type", "application/json");
        }
        let sent = sent.body(Full::from(request.body.unwrap_or_default()))?;
        client.ready().await?;
        let response = client.send_request(sent).await?;
        let status = response.status();
        let body = response.into_body().collect().await?.to_bytes();
        if !status.is_success() {
            let path = request.path;
            return Err(format!("{} answers {status} to {path}: {body:?}", self.name).into());
        }
        Ok(body)
    }

    /// Asks as often as one round has requests, all clients at once. The requests of `round` are others than those of the
    /// rounds before.
    pub async fn round(&self, kind: &Kind, round: usize, database: Option<u32>) -> Result<Round> {
        let cpu_of_database = || database.map_or(Ok(Duration::ZERO), cost::cpu_of_family);
        let each = kind.requests / CLIENTS;
        let (before, database_before) = (cost::cpu(self.process.id())?, cpu_of_database()?);
        let begun = Instant::now();
        let first = |client| round * kind.requests + client * each;
        let asked = (0..CLIENTS).map(|client| self.requests(client, kind, first(client), each));
        // A task for each would be one too many: the clients are no more than one thread.
        let latencies = try_join_all(asked).await?;
        let latencies = latencies.concat();
        let elapsed = begun.elapsed();
        let count = latencies.len() as f64;
        let per_request = |spent: Duration| spent.as_secs_f64() * 1e6 / count;
        Ok(Round {
            cpu: per_request(cost::cpu(self.process.id())? - before),
            cpu_of_database: per_request(cpu_of_database()?.saturating_sub(database_before)),
            throughput: count / elapsed.as_secs_f64(),
            latencies,
        })
    }

    /// How long so many requests of one client have taken, one after the other.
    async fn requests(
        &self,
        client: usize,
        kind: &Kind,
        first: usize,
        count: usize,
    ) -> Result<Vec<Duration>> {
        let mut client = self.clients[client].lock().await;
        let mut latencies = Vec::with_capacity(count);
        for number in first..first + count {
            let begun = Instant::now();
            self.ask(&mut client, kind, number).await?;
            latencies.push(begun.elapsed());
        }
        Ok(latencies)
    }

    /// The memory that it has in use, in kB.
    pub fn memory(&self) -> Result<u64> {
        cost::memory(self.process.id())
    }
}

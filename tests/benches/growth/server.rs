//! A server in a process of its own, and what it costs.

use std::collections::HashMap;
use std::ffi::OsString;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use loopwright::Config;
use loopwright::boot::DataSourceConfig;
use reqwest::{Client, Method};
use serde_json::Value as Json;

use crate::pace::Pace;
use crate::{Result, SERVER, cost};

/// How many clients ask at once: fewer than an application has connections, so that none waits for another's.
const CLIENTS: usize = 8;

/// How many requests come before those that are measured.
const BEFORE: usize = 2 * CLIENTS;

/// How much longer a repetition keeps the database busy, where it is the database that does the work.
const DATABASE_BUSY: u32 = 5;

/// What a server prints before its address.
const LISTENING: &str = "listening at http://";

/// What all servers are told: where the data is, and whether tables are made and compared at the start.
pub fn config(url: &str, tables: Option<bool>) -> Config {
    let mut source = DataSourceConfig::new(url);
    source.autoupdate = tables;
    let mut config = Config::default();
    config.port = 0;
    config.debug = false;
    config.data_sources.insert("db".to_owned(), source);
    config
}

/// A server that runs until this is dropped.
pub struct Server {
    /// Where it listens: a host and a port.
    pub address: String,
    /// The time on processors that it took to start.
    pub started_with: Duration,
    process: Child,
    client: Client,
    /// Of PostgreSQL, the process that has started all others.
    postmaster: Option<u32>,
}

/// What is asked.
pub struct Request {
    method: Method,
    path: String,
    body: Option<Json>,
    token: Option<String>,
}

/// Microseconds on processors per request.
#[derive(Clone, Copy)]
pub struct Cost {
    pub server: f64,
    pub database: f64,
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Server {
    /// Starts this program once more, as the server that `what` says.
    pub fn start(what: &str) -> Result<Self> {
        let mut process = command(what)?.stdout(Stdio::piped()).spawn()?;
        let output = process.stdout.take().ok_or("the server has no output")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let address = line.split_once(LISTENING);
        let address = address.ok_or_else(|| format!("{what} does not listen: {line}"))?;
        Ok(Server {
            address: address.1.trim_end().to_owned(),
            started_with: cost::cpu(process.id())?,
            process,
            client: Client::new(),
            postmaster: None,
        })
    }

    /// What this program prints that is started as `what` and ends by itself.
    pub fn output(what: &str) -> Result<String> {
        let output = command(what)?.stderr(Stdio::inherit()).output()?;
        if !output.status.success() {
            return Err(format!("{what} fails").into());
        }
        Ok(String::from_utf8(output.stdout)?)
    }

    /// The same, whose requests also cost those whom this process has started.
    pub fn with_postmaster(mut self, postmaster: Option<u32>) -> Self {
        self.postmaster = postmaster;
        self
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}/api/{path}", self.address)
    }

    pub async fn ask(&self, request: Request) -> Result<Json> {
        let mut sent = self
            .client
            .request(request.method, self.url(&request.path))
            .timeout(Duration::from_secs(60));
        if let Some(body) = &request.body {
            sent = sent.json(body);
        }
        if let Some(token) = request.token {
            sent = sent.header("authorization", token);
        }
        let answer = sent.send().await?;
        let status = answer.status();
        let body = answer.bytes().await?;
        if !status.is_success() {
            let path = request.path;
            let body = String::from_utf8_lossy(&body);
            return Err(format!("{status} at {path}: {body}").into());
        }
        Ok(serde_json::from_slice(&body)?)
    }

    /// What a request costs, asked until the server has been busy for long enough, or the database, or `most` times. `request` makes the one of
    /// each number.
    pub async fn cost(
        &self,
        pace: &Pace,
        most: usize,
        request: impl Fn(usize) -> Request,
    ) -> Result<Cost> {
        let mut next = 0;
        let mut least = Cost {
            server: f64::INFINITY,
            database: f64::INFINITY,
        };
        self.ask_all((next..next + BEFORE.min(most)).map(&request))
            .await?;
        next += BEFORE.min(most);
        for _ in 0..pace.repetitions {
            let (before, database_before) = (self.threads()?, self.database()?);
            let (mut asked, mut together) = (0, 8);
            let (mut spent, mut database) = (Duration::ZERO, Duration::ZERO);
            while asked < most && spent < pace.busy && database < DATABASE_BUSY * pace.busy {
                let count = together.min(most - asked);
                self.ask_all((next..next + count).map(&request)).await?;
                next += count;
                asked += count;
                together *= 2;
                spent = since(&before, &self.threads()?);
                database = self.database()?.saturating_sub(database_before);
            }
            let each = |spent: Duration| spent.as_secs_f64() * 1e6 / asked as f64;
            least.server = least.server.min(each(spent));
            least.database = least.database.min(each(database));
        }
        Ok(least)
    }

    async fn ask_all(&self, requests: impl Iterator<Item = Request>) -> Result<()> {
        stream::iter(requests.map(|request| self.ask(request)))
            .buffer_unordered(CLIENTS)
            .try_for_each(|_| async { Ok(()) })
            .await
    }

    /// The time on processors that `work` makes the server spend.
    pub async fn spent<F: Future<Output = Result<()>>>(&self, work: F) -> Result<Duration> {
        let before = self.threads()?;
        work.await?;
        Ok(since(&before, &self.threads()?))
    }

    /// The memory that it has in use, in kB.
    pub fn memory(&self) -> Result<u64> {
        cost::memory(self.process.id())
    }

    /// What each thread has spent, in nanoseconds.
    fn threads(&self) -> Result<HashMap<OsString, u64>> {
        let mut threads = HashMap::new();
        for thread in std::fs::read_dir(format!("/proc/{}/task", self.process.id()))? {
            let thread = thread?;
            // One that has just ended says nothing more.
            let said = std::fs::read_to_string(thread.path().join("schedstat"));
            if let Some((spent, _)) = said.unwrap_or_default().split_once(' ') {
                threads.insert(thread.file_name(), spent.parse()?);
            }
        }
        Ok(threads)
    }

    fn database(&self) -> Result<Duration> {
        self.postmaster
            .map_or(Ok(Duration::ZERO), cost::cpu_of_family)
    }
}

fn command(what: &str) -> Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command.env(SERVER, what).env("RUST_LOG", "off");
    Ok(command)
}

/// What the threads have spent that are still there: one that has ended takes nothing back.
fn since(before: &HashMap<OsString, u64>, now: &HashMap<OsString, u64>) -> Duration {
    let spent = now
        .iter()
        .map(|(thread, spent)| spent - before.get(thread).copied().unwrap_or_default());
    Duration::from_nanos(spent.sum())
}

impl Request {
    fn new(method: Method, path: impl Into<String>) -> Self {
        Request {
            method,
            path: path.into(),
            body: None,
            token: None,
        }
    }

    pub fn get(path: impl Into<String>) -> Self {
        Request::new(Method::GET, path)
    }

    /// The instances that a filter finds.
    pub fn find(path: &str, filter: &Json) -> Self {
        Request::get(format!("{path}?filter={filter}"))
    }

    pub fn post(path: impl Into<String>, body: Json) -> Self {
        let body = Some(body);
        let request = Request::new(Method::POST, path);
        Request { body, ..request }
    }

    pub fn patch(path: impl Into<String>, body: Json) -> Self {
        let body = Some(body);
        let request = Request::new(Method::PATCH, path);
        Request { body, ..request }
    }

    /// The same, with a token if there is one.
    pub fn by(self, token: Option<&str>) -> Self {
        let token = token.map(str::to_owned);
        Request { token, ..self }
    }
}

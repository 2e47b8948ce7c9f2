//! The application `operated-app` as a process.

use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use loopwright_tests::tool::run;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, ChildStderr, Command};
use tokio::time::timeout;

use crate::TestResult;

/// Nobody waits longer than this for anything here.
pub const BOUND: Duration = Duration::from_secs(20);

/// A program that runs until this is dropped.
pub struct Program {
    /// Where it listens: a host and a port.
    pub address: String,
    /// What it has logged as far as it was read.
    log: Arc<Mutex<String>>,
    errors: BufReader<ChildStderr>,
    process: Child,
    _folder: TempDir,
}

/// The process, which may have failed to start.
fn start(config: &str, environment: &[(&str, &str)]) -> TestResult<(Child, TempDir)> {
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join("loopwright.toml"), config)?;
    let mut command = Command::new(env!("CARGO_BIN_EXE_operated-app"));
    command
        .current_dir(folder.path())
        .env("PORT", "0")
        .env("DATABASE_URL", "memory:")
        .env_remove("RUST_LOG")
        .envs(environment.iter().copied())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    Ok((command.spawn()?, folder))
}

/// How a program has ended that can't start, and what it said.
pub async fn refused(
    config: &str,
    environment: &[(&str, &str)],
) -> TestResult<(Option<i32>, String)> {
    let (process, _folder) = start(config, environment)?;
    let output = timeout(BOUND, process.wait_with_output()).await??;
    Ok((output.status.code(), String::from_utf8(output.stderr)?))
}

impl Program {
    pub async fn start(config: &str, environment: &[(&str, &str)]) -> TestResult<Self> {
        let (mut process, _folder) = start(config, environment)?;
        let output = process.stdout.take().ok_or("no output")?;
        let errors = process.stderr.take().ok_or("no log")?;
        let mut line = String::new();
        timeout(BOUND, BufReader::new(output).read_line(&mut line)).await??;
        let address = line.split_once("listening at http://");
        let address = address.ok_or_else(|| format!("it does not listen: {line}"))?;
        Ok(Program {
            address: address.1.trim_end().to_owned(),
            log: Arc::default(),
            errors: BufReader::new(errors),
            process,
            _folder,
        })
    }

    /// Where `path` is.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Sends it a signal such as `TERM`.
    pub async fn signal(&self, name: &str) -> TestResult {
        let id = self.process.id().ok_or("not running")?.to_string();
        let mut kill = std::process::Command::new("kill");
        kill.args([&format!("-{name}"), &id]);
        run(kill).await?;
        Ok(())
    }

    /// Waits for a line of its log with these words.
    pub async fn logs(&mut self, words: &str) -> TestResult {
        let found = async {
            loop {
                let mut line = String::new();
                if self.errors.read_line(&mut line).await? == 0 {
                    return Err(format!("it has ended without {words:?}").into());
                }
                let mut log = self.log.lock().map_err(|_| "a test has panicked")?;
                log.push_str(&line);
                if line.contains(words) {
                    return Ok(());
                }
            }
        };
        timeout(BOUND, found).await?
    }

    /// Tells it to end, and waits until it says that it does.
    pub async fn terminate(&mut self) -> TestResult {
        self.signal("TERM").await?;
        self.logs("finishing the requests").await
    }

    /// Waits for its end, and answers how it has ended and all that it has logged.
    pub async fn ended(mut self) -> TestResult<(ExitStatus, String)> {
        let mut rest = String::new();
        timeout(BOUND, self.errors.read_to_string(&mut rest)).await??;
        let status = timeout(BOUND, self.process.wait()).await??;
        let log = self.log.lock().map_err(|_| "a test has panicked")?;
        Ok((status, format!("{log}{rest}")))
    }

    /// A connection to it, by which nothing has been sent.
    pub async fn connect(&self) -> TestResult<Connection> {
        let stream = TcpStream::connect(&self.address).await?;
        Ok(Connection(BufReader::new(stream)))
    }
}

/// A connection on which everything is written by hand.
pub struct Connection(BufReader<TcpStream>);

impl Connection {
    pub fn socket(&self) -> &TcpStream {
        self.0.get_ref()
    }

    pub async fn send(&mut self, text: &str) -> TestResult {
        self.0.get_mut().write_all(text.as_bytes()).await?;
        Ok(())
    }

    /// The head of a response, up to the empty line.
    pub async fn head(&mut self) -> TestResult<String> {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if timeout(BOUND, self.0.read_line(&mut head)).await?? == 0 {
                return Err(format!("closed after {head:?}").into());
            }
        }
        Ok(head.to_lowercase())
    }

    /// All that comes before the server closes the connection.
    pub async fn rest(&mut self) -> TestResult<String> {
        let mut rest = String::new();
        timeout(BOUND, self.0.read_to_string(&mut rest)).await??;
        Ok(rest)
    }
}

//! A server that one test has to itself, and may kill.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use crate::skip::skip;

/// A server that `tests/tools/serve` runs until this is dropped.
#[derive(Debug)]
pub struct PrivateServer {
    /// Where it answers, and to whom.
    pub url: String,
    pipes: Mutex<(ChildStdin, BufReader<ChildStdout>)>,
    _child: Child,
}

/// Why there is no server.
pub(crate) enum Absence {
    NotInstalled(String),
    Failed(String),
}

/// How `tests/tools/serve` says that the server is not installed.
const NOT_INSTALLED: i32 = 69;

/// Starts a server of the kind `kind` with further arguments, or `None` when it is not installed.
///
/// # Panics
///
/// When the server cannot be started, and in CI when it is not installed.
#[track_caller]
#[must_use]
pub fn private_server(kind: &str, arguments: &[&str]) -> Option<PrivateServer> {
    match PrivateServer::start(kind, arguments) {
        Ok(server) => Some(server),
        Err(Absence::NotInstalled(reason)) => {
            skip(&reason);
            None
        }
        Err(Absence::Failed(reason)) => panic!("no {kind} server: {reason}"),
    }
}

impl PrivateServer {
    pub(crate) fn start(kind: &str, arguments: &[&str]) -> Result<Self, Absence> {
        let failed = |error: io::Error| Absence::Failed(error.to_string());
        let mut child = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tools/serve"))
            .arg(kind)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(failed)?;
        let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(Absence::Failed("it has no pipes".to_owned()));
        };
        let mut stdout = BufReader::new(stdout);
        let mut url = String::new();
        stdout.read_line(&mut url).map_err(failed)?;
        if !url.is_empty() {
            return Ok(PrivateServer {
                url: url.trim_end().to_owned(),
                pipes: Mutex::new((stdin, stdout)),
                _child: child,
            });
        }
        let mut reason = String::new();
        if let Some(mut stderr) = child.stderr.take() {
            stderr.read_to_string(&mut reason).map_err(failed)?;
        }
        let reason = reason.trim_end().to_owned();
        Err(match child.wait().map_err(failed)?.code() {
            Some(NOT_INSTALLED) => Absence::NotInstalled(reason),
            _ => Absence::Failed(reason),
        })
    }

    /// The port that it listens on.
    ///
    /// # Panics
    ///
    /// When its URL has none.
    #[must_use]
    pub fn port(&self) -> u16 {
        let mut parts = self.url.rsplit(['@', '/']);
        let port = parts.find_map(|part| part.split_once(':')?.1.parse().ok());
        port.unwrap_or_else(|| panic!("no port in {}", self.url))
    }

    /// Kills it with all its children by `SIGKILL`.
    ///
    /// # Errors
    /// `tests/tools/serve` is gone; so with the others.
    pub fn kill(&self) -> io::Result<()> {
        self.say("kill")
    }

    /// Stops it as its administrator does: it closes its connections, and writes all that it has.
    ///
    /// # Errors
    /// As [`kill`](Self::kill).
    pub fn stop(&self) -> io::Result<()> {
        self.say("stop")
    }

    /// Starts it again after [`kill`](Self::kill) or [`stop`](Self::stop), on the same port and data, and waits until it answers.
    ///
    /// # Errors
    /// As [`kill`](Self::kill).
    pub fn restart(&self) -> io::Result<()> {
        self.say("start")
    }

    /// Stops it in mid-step by `SIGSTOP`: connections stay open, and nothing answers.
    ///
    /// # Errors
    /// As [`kill`](Self::kill).
    pub fn pause(&self) -> io::Result<()> {
        self.say("pause")
    }

    /// Lets it go on after [`pause`](Self::pause).
    ///
    /// # Errors
    /// As [`kill`](Self::kill).
    pub fn resume(&self) -> io::Result<()> {
        self.say("resume")
    }

    fn say(&self, command: &str) -> io::Result<()> {
        let mut pipes = self.pipes.lock().unwrap_or_else(PoisonError::into_inner);
        let (stdin, stdout) = &mut *pipes;
        writeln!(stdin, "{command}")?;
        let mut answer = String::new();
        stdout.read_line(&mut answer)?;
        if answer.trim_end() == command {
            Ok(())
        } else {
            Err(io::Error::other(format!("the server has ended: {command}")))
        }
    }
}

//! Databases on servers of their own: children of the workspace's `tests/tools/serve`, which stops them when this process ends.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::support::TestResult;

/// A server that runs until this is dropped.
pub(crate) struct Server {
    /// Of a database on it that is empty.
    pub(crate) url: String,
    _process: Child,
}

/// How `tests/tools/serve` says that the server is not installed.
const NOT_INSTALLED: i32 = 69;

impl Server {
    /// A server of the kind `postgres`, `mysql` or `mongodb`, or nothing where it is not installed.
    ///
    /// # Panics
    /// In CI when it is not installed.
    pub(crate) fn start(kind: &str) -> TestResult<Option<Self>> {
        let serve = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/tools/serve");
        let mut process = Command::new(serve)
            .arg(kind)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut url = String::new();
        let output = process.stdout.take().ok_or("no output")?;
        BufReader::new(output).read_line(&mut url)?;
        if !url.is_empty() {
            return Ok(Some(Server {
                url: url.trim_end().to_owned(),
                _process: process,
            }));
        }
        let code = process.wait()?.code();
        if code != Some(NOT_INSTALLED) {
            return Err(format!("{kind} does not start: {code:?}").into());
        }
        assert!(std::env::var_os("CI").is_none(), "{kind} is not installed");
        // Not `eprintln!`, which is shown of tests that fail alone.
        writeln!(std::io::stderr(), "skipped: {kind} is not installed")?;
        Ok(None)
    }
}

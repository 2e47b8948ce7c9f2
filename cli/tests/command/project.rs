//! A project as its user has it: generated, built, and running.
//!
//! Projects have fixed folders below the target folder, so that what they consist of is compiled once.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value as Json;
use tokio::io::{AsyncBufReadExt as _, BufReader};

use crate::support::{TestResult, done, runtime, said};

/// A new project in the folder `name`, from the arguments of `loopwright new`. It depends on the crates that the workspace
/// depends on.
pub(crate) fn generate(name: &str, arguments: &[&str]) -> TestResult<PathBuf> {
    let parent = place(name)?;
    let more = ["--loopwright-path", &runtime()];
    done(
        &parent,
        &[&["new", "--dir", name], arguments, &more].concat(),
    )?;
    let folder = parent.join(name);
    let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.lock");
    fs::copy(lock, folder.join("Cargo.lock"))?;
    Ok(folder)
}

/// An empty folder for the project `name`, in one that tells cargo how the workspace is compiled.
fn place(name: &str) -> TestResult<PathBuf> {
    let parent = Path::new(env!("CARGO_TARGET_TMPDIR")).join("projects");
    fs::create_dir_all(parent.join(".cargo"))?;
    // The workspace's profile, so that dependencies are not compiled twice.
    fs::write(
        parent.join(".cargo/config.toml"),
        "[net]\noffline = true\n\n[profile.dev]\ndebug = \"line-tables-only\"\n\n[profile.dev.package]\n\
         \"*\".debug = false\nbcrypt.opt-level = 3\nblowfish.opt-level = 3\n",
    )?;
    let project = parent.join(name);
    if project.exists() {
        fs::remove_dir_all(&project)?;
    }
    Ok(parent)
}

fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => folder.into(),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../target"),
    }
}

/// What cargo says in `folder` when it succeeds.
pub(crate) fn cargo(folder: &Path, arguments: &[&str]) -> TestResult<String> {
    let mut command = Command::new(env!("CARGO"));
    command
        .current_dir(folder)
        .args(arguments)
        .env("CARGO_TARGET_DIR", target());
    // What cargo says of this package would make build scripts that look at it run anew.
    for (name, _) in std::env::vars_os() {
        let own = name.to_str().unwrap_or_default();
        if own.starts_with("CARGO_PKG_") || own.starts_with("CARGO_MANIFEST_") {
            command.env_remove(name);
        }
    }
    let output = command.output()?;
    assert!(
        output.status.success(),
        "cargo {arguments:?}: {}",
        said(&output)
    );
    Ok(String::from_utf8(output.stdout)?)
}

/// Builds the project in `folder`, and tells where its program is.
pub(crate) fn build(folder: &Path, arguments: &[&str]) -> TestResult<String> {
    let said = cargo(
        folder,
        &[&["build", "--quiet", "--message-format", "json"], arguments].concat(),
    )?;
    let mut messages = said
        .lines()
        .filter_map(|line| serde_json::from_str::<Json>(line).ok());
    let program =
        messages.find_map(|message| message["executable"].as_str().map(ToOwned::to_owned));
    Ok(program.ok_or("cargo names no executable")?)
}

/// A project that runs until this is dropped.
pub(crate) struct Running {
    pub(crate) url: String,
    _process: tokio::process::Child,
}

impl Running {
    /// Starts the program in `folder`, with further variables in its environment.
    pub(crate) async fn start(
        program: &str,
        folder: &Path,
        environment: &[(&str, &str)],
    ) -> TestResult<Self> {
        let mut process = tokio::process::Command::new(program)
            .current_dir(folder)
            .env("PORT", "0")
            .env_remove("DATABASE_URL")
            .envs(environment.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let output = process.stdout.take().ok_or("no output")?;
        let mut line = String::new();
        let mut output = BufReader::new(output);
        let listens = output.read_line(&mut line);
        tokio::time::timeout(Duration::from_secs(30), listens).await??;
        let url = line.split_once("listening at ");
        let url = url.ok_or_else(|| format!("it does not listen: {line}"))?.1;
        Ok(Running {
            url: url.trim_end().to_owned(),
            _process: process,
        })
    }

    pub(crate) async fn get(&self, path: &str) -> TestResult<Json> {
        let answer = reqwest::get(format!("{}{path}", self.url)).await?;
        Ok(answer.error_for_status()?.json().await?)
    }

    pub(crate) async fn post(&self, path: &str, body: &Json) -> TestResult<Json> {
        let client = reqwest::Client::new();
        let answer = client
            .post(format!("{}{path}", self.url))
            .json(body)
            .send()
            .await?;
        Ok(answer.error_for_status()?.json().await?)
    }
}

//! An example as a user starts it: a process, an empty folder, a free port.

use std::error::Error;
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

use serde_json::Value as Json;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};

use crate::tool::{run, tool};

/// An example that runs until this is dropped.
pub struct Example {
    /// Where it listens, without a slash at the end.
    pub url: String,
    /// The folder that it runs in.
    pub folder: TempDir,
    process: tokio::process::Child,
    output: BufReader<tokio::process::ChildStdout>,
}

/// How an example has ended.
pub struct Ended {
    /// Its exit status.
    pub status: ExitStatus,
    /// What it had printed after the line that names its URL.
    pub printed: String,
    /// What it had logged.
    pub log: String,
}

impl Example {
    /// Builds the example `name`, and tells where the program is.
    ///
    /// # Errors
    /// It does not compile.
    pub async fn build(name: &str) -> Result<std::path::PathBuf, Box<dyn Error>> {
        let mut command = Command::new(env!("CARGO"));
        command.args([
            "build",
            "--quiet",
            "--package",
            name,
            "--message-format",
            "json",
        ]);
        command.current_dir(env!("CARGO_MANIFEST_DIR"));
        let output = run(command).await?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into());
        }
        let messages = output.stdout.split(|byte| *byte == b'\n');
        let messages = messages.filter_map(|line| serde_json::from_slice::<Json>(line).ok());
        let mut executables =
            messages.filter_map(|message| Some(message["executable"].as_str()?.into()));
        Ok(executables.next_back().ok_or("cargo names no executable")?)
    }

    /// Starts the example `name` in an empty folder, with further variables in its environment.
    ///
    /// # Errors
    /// It does not start.
    pub async fn start(name: &str, environment: &[(&str, &str)]) -> Result<Self, Box<dyn Error>> {
        Self::start_in(name, tempfile::tempdir()?, environment).await
    }

    /// Starts the example `name` in `folder`.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub async fn start_in(
        name: &str,
        folder: TempDir,
        environment: &[(&str, &str)],
    ) -> Result<Self, Box<dyn Error>> {
        Self::start_program(&Self::build(name).await?, folder, environment).await
    }

    /// Starts the program at `path` in `folder`, as an example is started.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub async fn start_program(
        path: &std::path::Path,
        folder: TempDir,
        environment: &[(&str, &str)],
    ) -> Result<Self, Box<dyn Error>> {
        let mut command = tokio::process::Command::new(path);
        command
            .current_dir(folder.path())
            .env("PORT", "0")
            .env_remove("DATABASE_URL")
            .envs(environment.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let mut process = command.spawn()?;
        let output = process.stdout.take().ok_or("no output")?;
        let mut output = BufReader::new(output);
        let mut line = String::new();
        let listens = output.read_line(&mut line);
        tokio::time::timeout(Duration::from_secs(30), listens).await??;
        let url = line.split_once("listening at ");
        let url = url.ok_or_else(|| format!("it does not listen: {line}"))?.1;
        Ok(Example {
            url: url.trim_end().to_owned(),
            folder,
            process,
            output,
        })
    }

    /// The JSON at a path.
    ///
    /// # Errors
    /// There is none.
    pub async fn get(&self, path: &str) -> Result<Json, Box<dyn Error>> {
        let response = reqwest::get(format!("{}{path}", self.url)).await?;
        Ok(response.error_for_status()?.json().await?)
    }

    /// Sends the requests that a document tells people to paste, and gives back each with its answer. Those that go on
    /// until they are stopped (`curl -N`) are left out, and all without curl.
    ///
    /// # Errors
    /// An answer is no JSON.
    ///
    /// # Panics
    /// In CI when curl is not installed.
    pub async fn answers(&self, document: &str) -> Result<Vec<(String, Json)>, Box<dyn Error>> {
        let mut answers = Vec::new();
        if tool("curl").is_none() {
            return Ok(answers);
        }
        let blocks = document.split("```sh\n").skip(1);
        let blocks = blocks.filter_map(|block| block.split("```").next());
        for block in blocks.map(|block| block.replace("\\\n", " ")) {
            // What a reader keeps for later: `TOKEN=$(...)`.
            let kept = block.lines().filter(|line| line.starts_with("TOKEN="));
            let kept: String = kept.flat_map(|line| [line, "\n"]).collect();
            let kept = kept.replace("http://localhost:3000", &self.url);
            let requests = block.lines().filter(|line| line.starts_with("curl "));
            for request in requests.filter(|line| !line.contains(" -N ")) {
                let command = request.replace("http://localhost:3000", &self.url);
                let mut shell = Command::new("sh");
                shell.args(["-c", &format!("{kept}{command} --silent --show-error")]);
                let output = run(shell).await?;
                let said = String::from_utf8_lossy(&output.stderr);
                let body = String::from_utf8_lossy(&output.stdout);
                let answer = serde_json::from_str(&body)
                    .map_err(|error| format!("{request}: {body:?}: {error}: {said}"))?;
                answers.push((request.to_owned(), answer));
            }
        }
        Ok(answers)
    }

    /// Ends it as a service manager does.
    ///
    /// # Errors
    /// It does not end.
    pub async fn terminate(mut self) -> Result<Ended, Box<dyn Error>> {
        let id = self.process.id().ok_or("not running")?.to_string();
        let mut kill = Command::new("kill");
        kill.args(["-TERM", &id]);
        run(kill).await?;
        let status = tokio::time::timeout(Duration::from_secs(10), self.process.wait()).await??;
        let mut printed = String::new();
        self.output.read_to_string(&mut printed).await?;
        let mut log = String::new();
        let mut errors = self.process.stderr.take().ok_or("no log")?;
        errors.read_to_string(&mut log).await?;
        Ok(Ended {
            status,
            printed,
            log,
        })
    }
}

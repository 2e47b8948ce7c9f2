//! Programs that are written while a test runs: what loopwright prints is compiled and run.

use std::error::Error;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;
use tempfile::TempDir;
use tokio::process::Command;

/// The sources of a program that depends on loopwright. They vanish with this.
///
/// It is compiled with the workspace's profile and lock file: what it depends on has been compiled for the workspace.
#[derive(Debug)]
pub struct Scratch {
    folder: TempDir,
}

impl Scratch {
    /// A program without a `src/main.rs` yet.
    ///
    /// # Errors
    /// The folder can't be written.
    pub fn new() -> Result<Self, Box<dyn Error>> {
        let folder = tempfile::tempdir()?;
        let path = folder.path();
        std::fs::create_dir(path.join("src"))?;
        std::fs::copy(workspace().join("Cargo.lock"), path.join("Cargo.lock"))?;
        let runtime = workspace().join("runtime").canonicalize()?;
        let manifest = format!(
            "[package]\nname = \"scratch\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n\
             loopwright = {{ path = {:?}, features = [\"discovery\", \"migrations\", \"mongodb\", \"mysql\", \
             \"postgres\"] }}\n\n\
             [workspace]\n\n[profile.dev]\ndebug = \"line-tables-only\"\n",
            runtime.display().to_string()
        );
        std::fs::write(path.join("Cargo.toml"), manifest)?;
        Ok(Scratch { folder })
    }

    /// The program's own folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Adds the module `name`; the program begins in `main`.
    ///
    /// # Errors
    /// The file can't be written.
    pub fn module(&self, name: &str, text: &str) -> std::io::Result<()> {
        std::fs::write(self.folder().join(format!("src/{name}.rs")), text)
    }

    /// Compiles the program and says where it is.
    ///
    /// # Errors
    /// Cargo can't be run.
    ///
    /// # Panics
    /// The program does not compile.
    pub async fn build(&self) -> Result<PathBuf, Box<dyn Error>> {
        build(self.folder(), &[]).await
    }
}

/// Compiles the program in `folder` that `arguments` choose, and says where it is.
///
/// # Errors
/// Cargo can't be run.
///
/// # Panics
/// The program does not compile.
pub async fn build(folder: &Path, arguments: &[&str]) -> Result<PathBuf, Box<dyn Error>> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .current_dir(folder)
        .args(["build", "--quiet", "--message-format", "json"])
        .args(arguments)
        .env("CARGO_TARGET_DIR", target());
    // What cargo says of the tests' own package would make build scripts that look at it run anew.
    for (name, _) in std::env::vars_os() {
        let own = name.to_str().unwrap_or_default();
        if own.starts_with("CARGO_PKG_") || own.starts_with("CARGO_MANIFEST_") {
            cargo.env_remove(name);
        }
    }
    let output = cargo.output().await?;
    let messages = output.stdout.split(|byte| *byte == b'\n');
    let messages: Vec<Json> = messages
        .filter_map(|line| serde_json::from_slice(line).ok())
        .collect();
    let said = messages
        .iter()
        .filter_map(|message| message["message"]["rendered"].as_str())
        .collect::<String>();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{errors}");
    let mut executables = messages
        .iter()
        .filter_map(|message| message["executable"].as_str());
    Ok(executables
        .next_back()
        .ok_or("cargo names no executable")?
        .into())
}

fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => folder.into(),
        None => workspace().join("target"),
    }
}

/// The folder of the workspace.
#[must_use]
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

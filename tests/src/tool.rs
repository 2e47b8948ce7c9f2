//! Programs by other people that check what loopwright serves.
//!
//! They ask questions of a server that usually runs inside the test itself, so they are run without blocking its runtime:
//! see [`run`].

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::skip::skip;

/// The program `name`, ready for its arguments, or `None` when it is not installed.
///
/// Known names are `redocly`, `openapi-spec-validator`, `schemathesis`, `python`, `node`, `chromium`, `curl` and `openssl`.
/// They are looked for where `tests/run` installs them (`LW_TEST_TOOLS`, or `target/tools` of the workspace), then in `PATH`.
///
/// # Panics
///
/// In CI when it is not installed.
#[track_caller]
#[must_use]
pub fn tool(name: &str) -> Option<Command> {
    let Some(program) = find(name) else {
        skip(&format!("{name} is not installed ({})", cure(name)));
        return None;
    };
    let mut command = Command::new(program);
    // Nothing in a test talks to anyone but this machine.
    command
        .env("REDOCLY_TELEMETRY", "off")
        .env("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true");
    Some(command)
}

/// Runs a command to its end while the runtime goes on serving, and gives back all that it printed.
///
/// # Errors
///
/// When the program cannot be started.
pub async fn run(mut command: Command) -> io::Result<Output> {
    tokio::task::spawn_blocking(move || command.output())
        .await
        .map_err(io::Error::other)?
}

/// Holds an OpenAPI document against Redocly's rules and `openapi-spec-validator`, as far as these are installed.
///
/// # Errors
///
/// What they have to say against it, or that they can't be started.
///
/// # Panics
///
/// In CI when one of them is not installed.
pub async fn check_document(document: &str) -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("openapi.json");
    std::fs::write(&path, document)?;
    let redocly = tool("redocly").map(|mut redocly| {
        redocly.args([
            "lint",
            "--extends",
            "recommended",
            "--skip-rule",
            "info-license",
        ]);
        redocly
    });
    for mut validator in [redocly, tool("openapi-spec-validator")]
        .into_iter()
        .flatten()
    {
        validator.arg(&path);
        let output = run(validator).await?;
        if !output.status.success() {
            let said = [output.stdout, output.stderr].concat();
            return Err(io::Error::other(
                String::from_utf8_lossy(&said).into_owned(),
            ));
        }
    }
    Ok(())
}

/// Opens the explorer at `url` in a browser, tries its first `GET` operation and the Authorize dialog, and leaves a
/// picture of it in `screenshot` (a PNG file). `Ok(None)` when there is no browser.
///
/// # Errors
///
/// The reason, when the explorer does not work, and what the browser's console said.
///
/// # Panics
///
/// In CI when there is no browser.
pub async fn check_explorer(url: &str, screenshot: &Path) -> Result<Option<()>, String> {
    explore(url, screenshot, &[]).await
}

/// As [`check_explorer`], but logs in, enters the token and calls what is closed to others. `login` is JSON: the `path` of
/// the login, the `credentials`, the path of a `closed` `GET` operation and the `id` in it.
///
/// # Errors
///
/// As [`check_explorer`].
///
/// # Panics
///
/// As [`check_explorer`].
pub async fn check_explorer_login(
    url: &str,
    screenshot: &Path,
    login: &str,
) -> Result<Option<()>, String> {
    explore(url, screenshot, &[login]).await
}

async fn explore(url: &str, screenshot: &Path, more: &[&str]) -> Result<Option<()>, String> {
    let (Some(mut node), Some(chromium)) = (tool("node"), tool("chromium")) else {
        return Ok(None);
    };
    if !has_package("playwright-core") {
        return Ok(None);
    }
    node.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tools/explorer.mjs"))
        .args([url.as_ref(), screenshot.as_os_str()])
        .args(more)
        .env("LW_TEST_TOOLS", folder())
        .env("LW_TEST_CHROMIUM", chromium.get_program());
    let output = run(node).await.map_err(|error| error.to_string())?;
    if output.status.success() {
        Ok(Some(()))
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

/// Calls the API at `url` by LoopBack 2's own client, and gives back a line for each call. `Ok(None)` when it is not installed.
///
/// # Errors
///
/// What the client said when it ended early.
///
/// # Panics
///
/// In CI when it is not installed.
pub async fn loopback_client(url: &str) -> Result<Option<String>, String> {
    let Some(mut node) = tool("node") else {
        return Ok(None);
    };
    if !has_package("loopback-connector-remote") {
        return Ok(None);
    }
    node.arg(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tools/loopback_client.mjs"
    ))
    .arg(url)
    .env("LW_TEST_TOOLS", folder());
    let output = run(node).await.map_err(|error| error.to_string())?;
    if output.status.success() {
        Ok(Some(String::from_utf8_lossy(&output.stdout).into_owned()))
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

/// Is this package of Node's installed?
#[track_caller]
fn has_package(name: &str) -> bool {
    let installed = folder().join("node/node_modules").join(name).exists();
    if !installed {
        skip(&format!("{name} is not installed ({})", cure(name)));
    }
    installed
}

fn folder() -> PathBuf {
    match std::env::var_os("LW_TEST_TOOLS") {
        Some(folder) if !folder.is_empty() => folder.into(),
        _ => concat!(env!("CARGO_MANIFEST_DIR"), "/../target/tools").into(),
    }
}

fn find(name: &str) -> Option<PathBuf> {
    let folder = folder();
    let ours = [
        folder.join("node/node_modules/.bin"),
        folder.join("python/bin"),
    ];
    let path = std::env::var_os("PATH").unwrap_or_default();
    ours.into_iter()
        .chain(std::env::split_paths(&path))
        .map(|place| place.join(name))
        .find(|file| file.is_file())
}

/// What to do about a missing program.
fn cure(name: &str) -> &'static str {
    match name {
        "chromium" => "Debian package chromium",
        "curl" => "Debian package curl",
        "node" => "Debian package nodejs",
        "openssl" => "Debian package openssl",
        _ => "`tests/run setup` installs it",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn tools_run() -> io::Result<()> {
        for name in [
            "redocly",
            "openapi-spec-validator",
            "schemathesis",
            "node",
            "chromium",
        ] {
            let Some(mut command) = tool(name) else {
                continue;
            };
            command.arg("--version");
            let output = run(command).await?;
            assert!(
                output.status.success(),
                "{name}: {}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
        Ok(())
    }
}

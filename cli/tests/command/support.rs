//! The command as a process, and the projects that it makes.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

pub(crate) type TestResult<T = ()> = Result<T, Box<dyn Error>>;

/// The command with these arguments, in `folder`.
pub(crate) fn loopwright(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_loopwright"));
    command.current_dir(folder).args(arguments);
    command
}

/// What the command prints when it does what it says.
///
/// # Panics
/// It doesn't.
pub(crate) fn done(folder: &Path, arguments: &[&str]) -> TestResult<String> {
    let output = loopwright(folder, arguments).output()?;
    assert!(output.status.success(), "{arguments:?}: {}", said(&output));
    Ok(String::from_utf8(output.stdout)?)
}

/// The exit code and the message of a command that refuses.
pub(crate) fn refused(folder: &Path, arguments: &[&str]) -> TestResult<(Option<i32>, String)> {
    let output = loopwright(folder, arguments).output()?;
    Ok((output.status.code(), String::from_utf8(output.stderr)?))
}

/// Everything that a program has said.
pub(crate) fn said(output: &Output) -> String {
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}

/// Every file below a folder, with its text.
pub(crate) fn files(folder: &Path) -> TestResult<Vec<(PathBuf, String)>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        match path.is_dir() {
            true => files.extend(self::files(&path)?),
            false => files.push((path.clone(), fs::read_to_string(path)?)),
        }
    }
    files.sort();
    Ok(files)
}

/// The folder `runtime` of the workspace.
pub(crate) fn runtime() -> String {
    format!("{}/../runtime", env!("CARGO_MANIFEST_DIR"))
}

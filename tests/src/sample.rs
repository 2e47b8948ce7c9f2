//! Public sample databases that others made.

use std::io;
use std::process::Stdio;

use crate::skip::skip;
use crate::tool::{run, tool};

/// A sample that `tests/tools/sample_database.py` knows.
#[derive(Debug, Clone, Copy)]
pub enum Sample {
    /// A music shop, into a SQLite file.
    Chinook,
    /// An encyclopedia of music with hundreds of tables, into the schema `musicbrainz` of a PostgreSQL database.
    MusicBrainz,
}

impl Sample {
    /// Fills the database at `place` (a file, a URL). False when the programs for it are not installed, which has been
    /// said.
    ///
    /// # Errors
    /// The reason, when the database can't be filled.
    ///
    /// # Panics
    /// In CI when the programs are not installed.
    pub async fn fill(self, place: &str) -> io::Result<bool> {
        let (name, package) = match self {
            Sample::Chinook => ("chinook", "django"),
            Sample::MusicBrainz => ("musicbrainz", "mbdata"),
        };
        let Some(mut probe) = tool("python") else {
            return Ok(false);
        };
        probe
            .args(["-c", &format!("import {package}")])
            .stderr(Stdio::null());
        if !run(probe).await?.status.success() {
            skip(&format!(
                "the Python package {package} is not installed (`tests/run setup` installs it)"
            ));
            return Ok(false);
        }
        let Some(mut python) = tool("python") else {
            return Ok(false);
        };
        python.args([
            concat!(env!("CARGO_MANIFEST_DIR"), "/tools/sample_database.py"),
            name,
            place,
        ]);
        let output = run(python).await?;
        if output.status.success() {
            return Ok(true);
        }
        Err(io::Error::other(
            String::from_utf8_lossy(&output.stderr).into_owned(),
        ))
    }
}

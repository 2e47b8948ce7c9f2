//! The database that all servers ask.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::Result;

pub struct Database {
    pub url: String,
    /// The server, which ends when its standard input does.
    server: Option<Child>,
    _folder: Option<TempDir>,
}

impl Database {
    /// A PostgreSQL server of one's own.
    pub fn postgres() -> Result<Self> {
        let mut server = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tools/serve"))
            .arg("postgres")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = server.stdout.take().ok_or("the server has no output")?;
        let mut url = String::new();
        BufReader::new(output).read_line(&mut url)?;
        if url.is_empty() {
            return Err("PostgreSQL did not start".into());
        }
        Ok(Database {
            url: url.trim().to_owned(),
            server: Some(server),
            _folder: None,
        })
    }

    /// A SQLite file of one's own.
    pub fn sqlite() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("shop.db");
        Ok(Database {
            url: format!("sqlite://{}?mode=rwc", file.display()),
            server: None,
            _folder: Some(folder),
        })
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Some(server) = &mut self.server {
            drop(server.stdin.take());
            // Nothing is left to do about one that does not end.
            let _ = server.wait();
        }
    }
}

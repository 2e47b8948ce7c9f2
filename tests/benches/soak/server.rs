//! The server as a process, seen from outside.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use crate::{Result, URL};

/// A server that runs until this is dropped.
pub struct Server {
    /// Where it listens: a host and a port.
    pub address: String,
    process: Child,
}

/// What it takes up.
pub struct Taken {
    pub kilobytes: u64,
    pub descriptors: usize,
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Server {
    pub fn start(database: &str) -> Result<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .env(URL, database)
            .env("RUST_LOG", "off")
            .stdout(Stdio::piped())
            .spawn()?;
        let output = process.stdout.take().ok_or("the server has no output")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let address = line.split_once("listening at http://");
        let address = address.ok_or_else(|| format!("it does not listen: {line}"))?;
        Ok(Server {
            address: address.1.trim_end().to_owned(),
            process,
        })
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn taken(&self) -> Result<Taken> {
        let process = format!("/proc/{}", self.process.id());
        let status = std::fs::read_to_string(format!("{process}/status"))?;
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let resident = resident.ok_or("the server has ended")?;
        let kilobytes = resident.trim().trim_end_matches(" kB").parse()?;
        let descriptors = std::fs::read_dir(format!("{process}/fd"))?.count();
        Ok(Taken {
            kilobytes,
            descriptors,
        })
    }
}

//! A program that is killed while it writes.

use std::error::Error;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// The ignored test of the same program that writes until it is killed.
const CHILD: &str = "writes_until_it_is_killed";

/// Longer than a program takes to write for the first time, on the slowest machine.
const LONG: Duration = Duration::from_secs(60);

/// Says that `id` is written: what the child does after each write.
///
/// # Errors
/// Nobody listens any more.
pub fn acknowledge(id: i64) -> std::io::Result<()> {
    // The first line of the test harness has no end.
    writeln!(std::io::stdout(), "\nwritten {id}")
}

/// Starts the test `writes_until_it_is_killed` of the same program, with an environment variable that tells it where to
/// write, and kills it: in each round at another moment of a write. Returns the ids that it has [acknowledged](acknowledge).
///
/// # Errors
/// The child did not start, or has written nothing.
pub async fn killed(variable: &str, url: &str, round: u64) -> Result<Vec<i64>, Box<dyn Error>> {
    let mut child = Command::new(std::env::current_exe()?)
        .args(["--exact", CHILD])
        .args(["--ignored", "--nocapture"])
        .env(variable, url)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let stdout = child.stdout.take().ok_or("no output")?;
    let (told, heard) = mpsc::channel();
    let listen = std::thread::spawn(move || {
        let lines = BufReader::new(stdout).lines().map_while(|line| line.ok());
        let ids = lines.filter_map(|line| line.strip_prefix("written ")?.parse::<i64>().ok());
        // Nobody listens any more when the test has failed.
        ids.take_while(|id| told.send(*id).is_ok()).for_each(drop);
    });
    let first = heard.recv_timeout(LONG);
    tokio::time::sleep(Duration::from_micros(round * 7_300)).await;
    child.kill()?;
    child.wait()?;
    listen.join().map_err(|_| "the listener panicked")?;
    Ok(std::iter::once(first?).chain(heard).collect())
}

//! A program that was killed while it wrote: what its data source holds then.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use loopwright::Config;
use loopwright::prelude::*;
use loopwright_tests::models::{All, Customer, customer};
use loopwright_tests::{mongodb_url, sqlite_url};

type TestResult = std::result::Result<(), Box<dyn std::error::Error>>;

/// Names the child's data source.
const URL: &str = "LW_TEST_KILL_URL";

async fn application(url: &str) -> Result<Application> {
    let app = App::new().config(Config::default());
    app.data_source("db", url).models::<All>().build().await
}

/// Writes pairs, and says so after each, until it is killed.
#[tokio::test]
#[ignore = "the child of the tests below"]
async fn writes_until_it_is_killed() -> TestResult {
    let Ok(url) = std::env::var(URL) else {
        return Ok(());
    };
    let app = application(&url).await?;
    loop {
        let write = app.transaction().run(|tx| async move {
            let customers = tx.repository::<Customer>()?;
            customers.create(customer("first")).await?;
            customers.create(customer("second")).await
        });
        let written = write.await?;
        // The first line of the test harness has no end.
        writeln!(std::io::stdout(), "\nwritten {}", written.id)?;
    }
}

/// What was acknowledged is there, and nothing is half done.
async fn outlives_its_program(url: &str, rounds: u64) -> TestResult {
    let mut acknowledged = Vec::new();
    for round in 0..rounds {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["--exact", "writes_until_it_is_killed"])
            .args(["--ignored", "--nocapture"])
            .env(URL, url)
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
        let first = heard.recv_timeout(Duration::from_secs(30));
        // Each time at another moment of a write.
        tokio::time::sleep(Duration::from_micros(round * 7_300)).await;
        child.kill()?;
        child.wait()?;
        listen.join().map_err(|_| "the listener panicked")?;
        acknowledged.push(first?);
        acknowledged.extend(heard);

        // It starts, so the data are whole; what was being written beside them is in nobody's way.
        let app = application(url).await?;
        let customers = app.repository::<Customer>()?;
        for id in &acknowledged {
            assert!(customers.exists(*id).await?, "{id} is lost");
        }
        let count = customers.count(Condition::ALL).await?;
        assert_eq!(count % 2, 0, "half a transaction");
        let kept = u64::try_from(acknowledged.len())? * 2;
        // The last write of each round may have been done, and nobody have heard of it.
        assert!((kept..=kept + 2 * (round + 1)).contains(&count), "{count}");
    }
    Ok(())
}

#[tokio::test]
async fn a_memory_file_outlives_its_program() -> TestResult {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("data.json");
    outlives_its_program(&format!("memory://{}", file.display()), 24).await
}

#[tokio::test]
async fn a_sqlite_file_outlives_its_program() -> TestResult {
    outlives_its_program(&sqlite_url(), 12).await
}

#[tokio::test]
async fn a_mongodb_database_outlives_its_program() -> TestResult {
    match mongodb_url() {
        Some(url) => outlives_its_program(&url, 12).await,
        None => Ok(()),
    }
}

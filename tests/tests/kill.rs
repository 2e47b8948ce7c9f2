//! A data source's file, after the program was killed while it wrote.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::time::Duration;

use loopwright::Config;
use loopwright::prelude::*;
use loopwright_tests::models::{All, Customer};

type TestResult = std::result::Result<(), Box<dyn std::error::Error>>;

/// Names the child's data source.
const DATA_SOURCE: &str = "LW_TEST_KILL_DATA_SOURCE";

async fn application(url: &str) -> Result<Application> {
    let app = App::new().config(Config::default());
    app.data_source("db", url).models::<All>().build().await
}

fn customer(name: &str) -> Customer {
    Customer {
        name: name.into(),
        ..Customer::default()
    }
}

/// Writes pairs, and says so after each, until it is killed.
#[tokio::test]
#[ignore = "the child of the test below"]
async fn writes_until_it_is_killed() -> TestResult {
    let Ok(url) = std::env::var(DATA_SOURCE) else {
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

#[tokio::test]
async fn a_memory_file_keeps_what_was_acknowledged_and_nothing_half_done() -> TestResult {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("data.json");
    what_was_acknowledged_is_there(&format!("memory://{}", file.display())).await
}

#[tokio::test]
async fn a_sqlite_file_keeps_what_was_acknowledged_and_nothing_half_done() -> TestResult {
    what_was_acknowledged_is_there(&loopwright_tests::sqlite_url()).await
}

async fn what_was_acknowledged_is_there(url: &str) -> TestResult {
    let mut acknowledged = Vec::new();
    for round in 0_u64..24 {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["--exact", "writes_until_it_is_killed"])
            .args(["--ignored", "--nocapture"])
            .env(DATA_SOURCE, url)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let stdout = child.stdout.take().ok_or("no output")?;
        let listen = std::thread::spawn(move || {
            let lines = BufReader::new(stdout).lines().map_while(|line| line.ok());
            let ids = lines.filter_map(|line| line.strip_prefix("written ")?.parse::<i64>().ok());
            ids.collect::<Vec<_>>()
        });
        // Each time at another moment of a write.
        tokio::time::sleep(Duration::from_micros(150_000 + round * 7_300)).await;
        child.kill()?;
        child.wait()?;
        acknowledged.extend(listen.join().map_err(|_| "the listener panicked")?);

        // It starts, so the file is whole; what was being written beside it is in nobody's way.
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
    assert!(acknowledged.len() > 24, "the child has hardly written");
    Ok(())
}

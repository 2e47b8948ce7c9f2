//! A program that was killed while it wrote: what its data source holds then.

use loopwright::Config;
use loopwright::prelude::*;
use loopwright_tests::killed::{acknowledge, killed};
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
        acknowledge(written.id)?;
    }
}

/// What was acknowledged is there, and nothing is half done.
async fn outlives_its_program(url: &str, rounds: u64) -> TestResult {
    let mut acknowledged = Vec::new();
    for round in 0..rounds {
        acknowledged.extend(killed(URL, url, round).await?);

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

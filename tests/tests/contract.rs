//! The contract's behaviour, as data under `cases/`, on every database.

use loopwright::{App, Config};
use loopwright_tests::case;
use loopwright_tests::models::All;
use loopwright_tests::serve::serve;
use loopwright_tests::server::{mysql_url, postgres_url};

type TestResult = Result<(), Box<dyn std::error::Error>>;

/// Runs the cases of `file` in order, on one application.
async fn run(file: &str, database: &str) -> TestResult {
    let served = serve(
        App::new()
            .config(Config::default())
            .data_source("db", database)
            .models::<All>(),
    )
    .await?;
    let mut failures = Vec::new();
    for case in case::load(file)? {
        if let Err(failure) = case.run(&served.client, &served.url).await {
            failures.push(failure.to_string());
        }
    }
    assert!(
        failures.is_empty(),
        "{file} on {database}:\n{}",
        failures.join("\n")
    );
    Ok(())
}

macro_rules! contract {
    ($($name:ident)*) => {$(
        mod $name {
            use super::*;

            const FILE: &str = concat!(stringify!($name), ".json");

            #[tokio::test]
            async fn on_sqlite() -> TestResult {
                run(FILE, "sqlite::memory:").await
            }

            #[tokio::test]
            async fn on_postgres() -> TestResult {
                match postgres_url() {
                    Some(url) => run(FILE, &url).await,
                    None => Ok(()),
                }
            }

            #[tokio::test]
            async fn on_mysql() -> TestResult {
                match mysql_url() {
                    Some(url) => run(FILE, &url).await,
                    None => Ok(()),
                }
            }
        }
    )*};
}

contract!(access bad_input query relations rest);

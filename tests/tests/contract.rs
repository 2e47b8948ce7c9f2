//! The contract's behaviour, as data under `cases/`, on every database.

use loopwright::{App, Config};
use loopwright_tests::models::All;
use loopwright_tests::serve::serve;
use loopwright_tests::{case, on_every_database};

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

async fn access(database: &str) -> TestResult {
    run("access.json", database).await
}

async fn bad_input(database: &str) -> TestResult {
    run("bad_input.json", database).await
}

/// Each row of *models.md* §2.
async fn coercion(database: &str) -> TestResult {
    run("coercion.json", database).await
}

/// Errors as RFC 9457 has them.
async fn problem(database: &str) -> TestResult {
    run("problem.json", database).await
}

async fn query(database: &str) -> TestResult {
    run("query.json", database).await
}

async fn relations(database: &str) -> TestResult {
    run("relations.json", database).await
}

async fn rest(database: &str) -> TestResult {
    run("rest.json", database).await
}

async fn structured(database: &str) -> TestResult {
    run("structured.json", database).await
}

on_every_database!(access bad_input coercion problem query relations rest structured);

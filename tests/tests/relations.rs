//! Relations through other models, to any model, and with options, as data under `cases/`, on every database.

use loopwright::{App, Config};
use loopwright_tests::relations::All;
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
    case::run_all(file, &served).await
}

async fn through(database: &str) -> TestResult {
    run("through.json", database).await
}

async fn polymorphic(database: &str) -> TestResult {
    run("polymorphic.json", database).await
}

async fn options(database: &str) -> TestResult {
    run("relation_options.json", database).await
}

on_every_database!(through polymorphic options);

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
    case::run_all(file, &served).await
}

/// Makes a test on each database of each file of cases.
macro_rules! cases {
    ($($theme:ident)*) => {
        $(async fn $theme(database: &str) -> TestResult {
            run(concat!(stringify!($theme), ".json"), database).await
        })*

        on_every_database!($($theme)*);
    };
}

cases!(
    access
    arguments
    bodies
    coercion
    encoding
    fields
    formats
    include
    order
    problem
    relations
    rest
    routing
    structured
    update_all
    where_clauses
);

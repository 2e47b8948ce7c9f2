//! What the integration tests stand on: fresh databases on real servers, and programs by other people that check what
//! loopwright serves.
//!
//! - [`server`]: a database of its own for each test, on SQLite, PostgreSQL, MySQL or MariaDB, MongoDB and Redis; in
//!   memory it is always one's own.
//! - [`mod@private_server`]: a server that a test has to itself, and may kill.
//! - [`mod@killed`]: a program that is killed while it writes.
//! - [`models`]: the models that the tests serve, and [`mod@serve`], which serves them on a real socket.
//! - [`caller`]: somebody who calls, with a token or without one.
//! - [`case`]: behaviour as data: requests, and what they must answer.
//! - [`mod@example`]: the examples as a user starts them.
//! - [`sample`]: public databases that others made, and [`scratch`]: programs that are written while a test runs.
//! - [`mod@tool`]: Redocly, `openapi-spec-validator`, Schemathesis, Node, Chromium and LoopBack 2's client.
//!
//! `tests/run` sets all of it up. Without it, a test that misses something says so and is skipped; with `CI=true` it fails.
//!
//! ```no_run
//! let Some(url) = loopwright_tests::postgres_url() else {
//!     return; // it has said why
//! };
//! assert!(url.starts_with("postgres://"));
//! ```

pub mod caller;
pub mod case;
pub mod embedded;
pub mod example;
pub mod killed;
pub mod models;
pub mod private_server;
pub mod relations;
pub mod sample;
pub mod scratch;
pub mod serve;
pub mod server;
mod skip;
pub mod tool;

/// Makes a test on each database of each `async fn(database: &str) -> Result<(), …>` that is named.
#[macro_export]
macro_rules! on_every_database {
    ($($test:ident)*) => {$(
        mod $test {
            type TestResult = Result<(), Box<dyn std::error::Error>>;

            #[tokio::test]
            async fn on_sqlite() -> TestResult {
                let url = $crate::sqlite_url();
                super::$test(&url).await
            }

            #[tokio::test]
            async fn on_memory() -> TestResult {
                super::$test("memory:").await
            }

            #[tokio::test]
            async fn on_postgres() -> TestResult {
                match $crate::postgres_url() {
                    Some(url) => super::$test(&url).await,
                    None => Ok(()),
                }
            }

            #[tokio::test]
            async fn on_mysql() -> TestResult {
                match $crate::mysql_url() {
                    Some(url) => super::$test(&url).await,
                    None => Ok(()),
                }
            }

            #[tokio::test]
            async fn on_mongodb() -> TestResult {
                match $crate::mongodb_url() {
                    Some(url) => super::$test(&url).await,
                    None => Ok(()),
                }
            }
        }
    )*};
}

pub use example::Example;
pub use private_server::{PrivateServer, private_server};
pub use server::{
    SqliteUrl, mongodb_alone_url, mongodb_url, mysql_url, postgres_url, redis_url, sqlite_url,
};
pub use tool::{check_document, check_explorer, check_explorer_login, loopback_client, run, tool};

//! The [suite](crate::testing) on every database, and what only SQL can do wrong.
//!
//! SQLite always runs. The servers run when `LW_TEST_POSTGRES_URL` and `LW_TEST_MYSQL_URL` name a
//! database whose tables may be dropped.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod catalogue;
mod conditions;
mod shape;
#[cfg(feature = "sqlite")]
mod sqlite;
mod tables;

use sea_orm::ConnectionTrait;

use super::{SqlConnector, SqlOptions};
use crate::testing::{conformance, models};

/// Everything that holds on every database, one after the other: the tables are shared.
async fn run_suite(db: &SqlConnector) {
    conformance(db).await;
    tables::missing_tables_and_odd_contents(db).await;
    catalogue::a_live_schema_is_read(db).await;
    conditions::mismatched_operands_are_refused(db).await;
    conditions::what_no_column_keeps_changes_nothing(db).await;
    conditions::what_is_too_much_for_a_statement_is_refused(db).await;
}

async fn drop_table(db: &SqlConnector, table: &str) {
    let sql = format!("DROP TABLE IF EXISTS {table}");
    db.sea_orm().execute_unprepared(&sql).await.unwrap();
}

#[cfg(feature = "sqlite")]
#[tokio::test]
async fn sqlite_in_memory() {
    let db = SqlConnector::connect("sqlite::memory:", SqlOptions::new())
        .await
        .unwrap();
    run_suite(&db).await;
}

#[cfg(feature = "sqlite")]
#[tokio::test]
async fn sqlite_file() {
    // All by the pool, and what can be by threads.
    for shared in [0, 4] {
        let file = sqlite::TempFile::new(&format!("suite-{shared}"));
        let options = SqlOptions::new().shared_connections(shared);
        let db = SqlConnector::connect(&file.url(""), options).await.unwrap();
        run_suite(&db).await;
    }
}

#[cfg(any(feature = "postgres", feature = "mysql"))]
async fn server(variable: &str, options: SqlOptions) {
    match std::env::var(variable) {
        Ok(url) => {
            let db = SqlConnector::connect(&url, options).await.unwrap();
            run_suite(&db).await;
            tables::two_processes_may_update_the_tables_at_once(&url).await;
            tables::a_column_changes_its_type_below_a_running_program(&url).await;
        }
        Err(_) => {
            eprintln!("skipped: {variable} is not set, so this database has not been tested")
        }
    }
}

#[cfg(feature = "postgres")]
#[tokio::test]
async fn postgres() {
    // All by the pool, and what can be over connections that are shared.
    for shared in [0, 4] {
        let options = SqlOptions::new().shared_connections(shared);
        server("LW_TEST_POSTGRES_URL", options).await;
    }
}

#[cfg(feature = "postgres")]
#[tokio::test]
async fn a_lost_connection_is_replaced() {
    use crate::connectors::{Connector, Operations};
    use crate::query::Condition;

    let Ok(url) = std::env::var("LW_TEST_POSTGRES_URL") else {
        eprintln!(
            "skipped: LW_TEST_POSTGRES_URL is not set, so lost connections have not been tested"
        );
        return;
    };
    static LOST: crate::model::ModelDef = crate::model::ModelDef::new(
        "Lost",
        "Lost",
        "lw_lost",
        &[crate::model::PropertyDef::of::<i64>("id", "id").id()],
    );
    let db = SqlConnector::connect(&url, SqlOptions::new().max_connections(1))
        .await
        .unwrap();
    db.autoupdate(&[&LOST]).await.unwrap();
    let suicide = "SELECT pg_terminate_backend(pg_backend_pid())";
    db.sea_orm().execute_unprepared(suicide).await.unwrap_err();
    if let Err(error) = db.count(&LOST, &Condition::ALL).await {
        assert_eq!(error.status(), 503, "{error}");
    }
    assert_eq!(db.count(&LOST, &Condition::ALL).await.unwrap(), 0);
}

#[cfg(feature = "mysql")]
#[tokio::test]
async fn mysql() {
    server("LW_TEST_MYSQL_URL", SqlOptions::new()).await;
}

#[tokio::test]
async fn bad_urls_say_what_to_do_and_keep_passwords() {
    for url in [
        "",
        "shop.db",
        "oracle://scott:tiger-secret@host/db",
        "tiger-secret@host:5432/db",
    ] {
        let error = SqlConnector::connect(url, SqlOptions::new())
            .await
            .unwrap_err();
        let text = format!("{error} {error:?}");
        assert!(text.contains("cargo feature"), "{text}");
        assert!(!text.contains("secret"), "{text}");
    }
    for url in [
        "postgres://user:tiger-secret@host:port/db",
        "mysql://user:tiger-secret@host:port/db",
    ] {
        let error = SqlConnector::connect(url, SqlOptions::new())
            .await
            .unwrap_err();
        let text = format!("{error} {error:?}");
        assert!(!text.contains("secret"), "{text}");
    }
}

#[cfg(feature = "postgres")]
#[tokio::test]
async fn a_server_that_is_away_is_unavailable() {
    let url = "postgres://user:tiger-secret@127.0.0.1:9/db";
    let error = SqlConnector::connect(url, SqlOptions::new())
        .await
        .unwrap_err();
    assert_eq!(error.status(), 503);
    assert_eq!(error.code(), Some("DATA_SOURCE_UNAVAILABLE"));
    assert!(!format!("{error} {error:?}").contains("secret"));
}

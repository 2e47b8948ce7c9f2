//! Files: read-only, locked, missing.

use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::models::{ITEM, record, text};
use crate::connectors::sql::{SqlConnector, SqlOptions};
use crate::connectors::{Connector, Operations};
use crate::model::{ModelDef, PropertyDef};
use crate::query::{Condition, Filter};

/// A database file that goes away with its value.
pub(super) struct TempFile(PathBuf);

impl TempFile {
    pub(super) fn new(name: &str) -> Self {
        let name = format!("loopwright-{name}-{}.db", std::process::id());
        TempFile(std::env::temp_dir().join(name))
    }

    pub(super) fn url(&self, query: &str) -> String {
        format!("sqlite://{}{query}", self.0.display())
    }
}

impl Drop for TempFile {
    fn drop(&mut self) {
        for suffix in ["", "-wal", "-shm"] {
            let mut file = self.0.clone().into_os_string();
            file.push(suffix);
            let _ = std::fs::remove_file(file);
        }
    }
}

#[tokio::test]
async fn a_read_only_file_is_read_and_not_written() {
    let file = TempFile::new("read-only");
    let writer = SqlConnector::connect(&file.url(""), SqlOptions::new())
        .await
        .unwrap();
    writer.autoupdate(&[&ITEM]).await.unwrap();
    let item = record(&ITEM, &[("name", text("a"))]);
    writer.create(&ITEM, item.clone()).await.unwrap();

    let reader = SqlConnector::connect(&file.url("?mode=ro"), SqlOptions::new())
        .await
        .unwrap();
    assert_eq!(reader.count(&ITEM, &Condition::ALL).await.unwrap(), 1);
    for error in [
        reader.create(&ITEM, item.clone()).await.unwrap_err(),
        reader
            .update(&ITEM, &Condition::ALL, &item)
            .await
            .unwrap_err(),
        reader.delete(&ITEM, &Condition::ALL).await.unwrap_err(),
    ] {
        assert_eq!(error.status(), 500, "{error}");
        assert_eq!(error.code(), Some("DATA_SOURCE_READ_ONLY"));
    }
    assert_eq!(reader.count(&ITEM, &Condition::ALL).await.unwrap(), 1);
}

#[tokio::test]
async fn a_locked_file_is_unavailable_for_writers() {
    use sea_orm::{SqliteTransactionMode, TransactionOptions, TransactionTrait};

    let file = TempFile::new("locked");
    let db = SqlConnector::connect(&file.url(""), SqlOptions::new())
        .await
        .unwrap();
    db.autoupdate(&[&ITEM]).await.unwrap();
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let lock = db.sea_orm().begin_with_options(options).await.unwrap();
    let item = record(&ITEM, &[("name", text("a"))]);
    let error = db.create(&ITEM, item.clone()).await.unwrap_err();
    assert_eq!(error.status(), 503, "{error}");
    assert_eq!(error.code(), Some("DATA_SOURCE_UNAVAILABLE"));
    assert!(db.find(&ITEM, &Filter::ALL).await.unwrap().is_empty());
    lock.rollback().await.unwrap();
    db.create(&ITEM, item).await.unwrap();
}

#[tokio::test]
async fn a_file_that_cannot_be_opened_is_unavailable() {
    for url in [
        "sqlite:///no/such/folder/shop.db",
        "sqlite:///no/such/shop.db?mode=ro",
    ] {
        let error = SqlConnector::connect(url, SqlOptions::new())
            .await
            .unwrap_err();
        assert_eq!(error.status(), 503, "{error}");
        assert!(error.message().contains("folder"), "{error}");
    }
    let error = SqlConnector::connect("sqlite://a.db?mode=sideways", SqlOptions::new()).await;
    assert_eq!(error.unwrap_err().status(), 500);
}

/// Another program writes what it likes into any column: threads read it as the pool does, or as little.
#[tokio::test]
async fn threads_read_what_the_pool_reads() {
    use sea_orm::ConnectionTrait as _;

    static ODDITY: ModelDef = ModelDef::new(
        "Oddity",
        "Oddities",
        "oddity",
        &[
            PropertyDef::of::<i64>("id", "id").id(),
            PropertyDef::of::<Option<bool>>("flag", "flag"),
            PropertyDef::of::<Option<i64>>("number", "number"),
            PropertyDef::of::<Option<f64>>("float", "float"),
            PropertyDef::of::<Option<Decimal>>("decimal", "decimal"),
            PropertyDef::of::<Option<String>>("text", "text"),
            PropertyDef::of::<Option<DateTime<Utc>>>("instant", "instant"),
            PropertyDef::of::<Option<NaiveDate>>("day", "day"),
            PropertyDef::of::<Option<Uuid>>("uuid", "uuid"),
            PropertyDef::of::<Option<Vec<u8>>>("bytes", "bytes"),
            PropertyDef::of::<Option<serde_json::Value>>("json", "json"),
            PropertyDef::of::<Option<Vec<i64>>>("list", "list"),
        ],
    );
    let file = TempFile::new("oddities");
    let by_pool = SqlOptions::new().shared_connections(0);
    let by_pool = SqlConnector::connect(&file.url(""), by_pool).await.unwrap();
    let by_threads = SqlConnector::connect(&file.url(""), SqlOptions::new())
        .await
        .unwrap();
    let columns: Vec<_> = ODDITY.properties[1..].iter().map(|p| p.column).collect();
    let table = format!(
        "CREATE TABLE oddity (id INTEGER PRIMARY KEY, {})",
        columns.join(", ")
    );
    by_pool.sea_orm().execute_unprepared(&table).await.unwrap();
    let oddities = [
        "NULL",
        "0",
        "1",
        "-7",
        "2.5",
        "2460000.75",
        "9e999",
        "''",
        "'7'",
        "'1.50'",
        "'true'",
        "X''",
        "X'00FF'",
        "CAST(X'FF' AS TEXT)",
        "X'00112233445566778899AABBCCDDEEFF'",
        "'00112233-4455-6677-8899-aabbccddeeff'",
        "'[1, 2]'",
        "'{\"a\": null}'",
        "'2026-11-30'",
        "'2026-11-30 10:11'",
        "'2026-11-30 10:11Z'",
        "'2026-11-30 10:11+02:00'",
        "'2026-11-30 10:11:12.5'",
        "'2026-11-30 10:11:12Z'",
        "'2026-11-30 23:11:12-05:00'",
        "'2026-11-30T10:11'",
        "'2026-11-30T10:11Z'",
        "'2026-11-30T10:11+02:00'",
        "'2026-11-30T10:11:12.123456'",
        "'2026-11-30T23:11:12.5-05:00'",
        "'2026-11-30T10:11:60Z'",
        "'10:11:12'",
    ];
    let mut read = 0;
    for oddity in oddities {
        for (place, column) in columns.iter().enumerate() {
            let replace = format!("REPLACE INTO oddity (id, {column}) VALUES (1, {oddity})");
            by_pool
                .sea_orm()
                .execute_unprepared(&replace)
                .await
                .unwrap();
            let value = async |db: &SqlConnector| {
                let found = db.find(&ODDITY, &Filter::ALL).await;
                let record = found.map_err(|error| error.status())?.remove(0);
                Ok::<_, u16>(record.get(place + 1).cloned())
            };
            let expected = value(&by_pool).await;
            read += usize::from(expected.is_ok());
            assert_eq!(value(&by_threads).await, expected, "{oddity} as {column}");
        }
    }
    // Neither all of them nor none.
    assert!((100..300).contains(&read), "{read}");
}

#[tokio::test]
async fn a_memory_database_is_one_database() {
    let db = SqlConnector::connect("sqlite::memory:", SqlOptions::new().max_connections(10))
        .await
        .unwrap();
    let other = SqlConnector::connect("sqlite::memory:", SqlOptions::new())
        .await
        .unwrap();
    db.autoupdate(&[&ITEM]).await.unwrap();
    assert!(other.find(&ITEM, &Filter::ALL).await.is_err());
    let item = || db.create(&ITEM, record(&ITEM, &[]));
    let (one, two, three) = tokio::join!(item(), item(), item());
    one.unwrap();
    two.unwrap();
    three.unwrap();
    assert_eq!(db.count(&ITEM, &Condition::ALL).await.unwrap(), 3);
}

#[tokio::test]
async fn two_processes_may_update_one_file_at_once() {
    let file = TempFile::new("update");
    let first = SqlConnector::connect(&file.url(""), SqlOptions::new())
        .await
        .unwrap();
    let second = SqlConnector::connect(&file.url("?mode=rwc"), SqlOptions::new())
        .await
        .unwrap();
    let models = [&ITEM];
    let (one, two) = tokio::join!(first.autoupdate(&models), second.autoupdate(&models));
    one.unwrap();
    two.unwrap();
}

#[tokio::test]
async fn a_time_beyond_every_clock_is_a_long_time() {
    let ages = Duration::MAX;
    let options = SqlOptions::new()
        .connect_timeout(ages)
        .acquire_timeout(ages)
        .statement_timeout(ages)
        .idle_timeout(ages)
        .max_lifetime(ages);
    let db = SqlConnector::connect("sqlite::memory:", options)
        .await
        .unwrap();
    db.ping().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_new_file_may_be_opened_and_closed_by_many_at_once() {
    async fn open_and_close(url: String) -> crate::Result<()> {
        let connector = SqlConnector::connect(&url, SqlOptions::new()).await?;
        connector.autoupdate(&[&ITEM]).await?;
        connector.sea_orm().clone().close().await.unwrap();
        Ok(())
    }

    for round in 0..50 {
        let file = TempFile::new(&format!("crowd-{round}"));
        let tasks: Vec<_> = (0..4)
            .map(|_| tokio::spawn(open_and_close(file.url(""))))
            .collect();
        for task in tasks {
            let opened = task.await.unwrap();
            opened.unwrap_or_else(|error| panic!("round {round}: {error:?}"));
        }
    }
}

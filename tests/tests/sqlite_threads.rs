//! The threads that ask a SQLite file hold nobody up, and what they answer is so.

use std::collections::HashSet;
use std::error::Error;
use std::time::Duration;

use futures_util::future::{join_all, try_join_all};
use loopwright::boot::DataSourceConfig;
use loopwright::connectors::Connector as _;
use loopwright::connectors::sql::SqlConnector;
use loopwright::prelude::*;
use loopwright::{Application, Config};
use loopwright_tests::killed::{acknowledge, killed};
use loopwright_tests::sqlite_url;
use sea_orm::{
    Database, DatabaseTransaction, SqliteTransactionMode, TransactionOptions, TransactionTrait as _,
};
use tokio::time::timeout;

type TestResult = std::result::Result<(), Box<dyn Error>>;

#[derive(Model, Clone, Debug, Default, PartialEq)]
#[acl(open)]
struct Counter {
    #[model(id, generated)]
    id: i64,
    #[model(unique)]
    name: String,
    #[model(default = 0)]
    count: i64,
}

/// A view that takes its time.
#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
struct Sleeper {
    #[model(id)]
    id: i64,
}

/// Longer than anything takes that is not held up, on the slowest machine.
const LONG: Duration = Duration::from_secs(60);

/// Names the child's data source.
const URL: &str = "LW_TEST_THREADS_URL";

fn source(url: &str) -> DataSourceConfig {
    let mut source = DataSourceConfig::new(url);
    source.acquire_timeout = Some(LONG);
    source
}

async fn application(source: DataSourceConfig) -> Result<Application> {
    let mut config = Config::default();
    config.data_sources.insert("db".to_owned(), source);
    let app = App::new().config(config).models::<(Counter,)>();
    app.build().await
}

fn counter(name: impl ToString) -> Counter {
    Counter {
        name: name.to_string(),
        ..Counter::default()
    }
}

/// Another program that writes, and has not committed yet.
async fn lock(url: &str) -> std::result::Result<DatabaseTransaction, sea_orm::DbErr> {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let other = Database::connect(url).await?;
    other.begin_with_options(options).await
}

#[tokio::test]
async fn writes_wait_for_another_program_and_reads_do_not() -> TestResult {
    let url = sqlite_url();
    let application = application(source(&url)).await?;
    let counters = application.repository::<Counter>()?;
    let lock = lock(&url).await?;
    let writes = try_join_all((0..100).map(|number| counters.create(counter(number))));
    let meanwhile = async {
        for _ in 0..100 {
            assert_eq!(counters.find().count().await?, 0);
        }
        lock.commit().await?;
        Ok::<_, Box<dyn Error>>(())
    };
    let (created, read) = timeout(LONG, async { tokio::join!(writes, meanwhile) }).await?;
    read?;
    let ids: HashSet<_> = created?.into_iter().map(|one| one.id).collect();
    assert_eq!(ids.len(), 100);
    assert_eq!(counters.find().count().await?, 100);
    Ok(())
}

#[tokio::test]
async fn who_waits_for_too_long_is_told_so() -> TestResult {
    let url = sqlite_url();
    let mut source = source(&url);
    source.acquire_timeout = Some(Duration::from_millis(100));
    let application = application(source).await?;
    let counters = application.repository::<Counter>()?;
    let other = lock(&url).await?;
    let writes = join_all((0..20).map(|number| counters.create(counter(number))));
    for refused in timeout(LONG, writes).await? {
        let error = refused.err().ok_or("it was written")?;
        assert_eq!(error.status(), 503, "{error}");
        assert_eq!(error.code(), Some("DATA_SOURCE_UNAVAILABLE"));
    }
    other.rollback().await?;
    counters.create(counter("after all")).await?;

    // The same behind a transaction of this program.
    let transaction = application.transaction().begin().await?;
    let refused = counters.create(counter("outside")).await.err();
    let refused = refused.ok_or("it was written")?;
    assert_eq!(refused.status(), 503, "{refused}");
    let refused = application.transaction().begin().await.err();
    let refused = refused.ok_or("it has begun")?;
    assert_eq!(refused.status(), 503, "{refused}");
    transaction.commit().await?;
    counters.create(counter("outside")).await?;
    assert_eq!(counters.find().count().await?, 2);
    Ok(())
}

#[tokio::test]
async fn writes_and_transactions_stand_in_one_line() -> TestResult {
    let url = sqlite_url();
    let application = application(source(&url)).await?;
    let counters = application.repository::<Counter>()?;
    let one = counters.create(counter("one")).await?.id;
    let transactions = (0..50).map(|_| {
        application.transaction().run(move |tx| async move {
            let counters = tx.repository::<Counter>()?;
            let found = counters.find_by_id(one).await?;
            let count = found.map_or(0, |found| found.count);
            let next = Patch::new().set(Counter::COUNT, count + 1);
            counters.update(one, next).await
        })
    });
    let writes = (0..50).map(|number| counters.create(counter(number)));
    let all = async { tokio::join!(try_join_all(transactions), try_join_all(writes)) };
    let (counted, written) = timeout(LONG, all).await?;
    counted?;
    written?;
    let count = counters.find_by_id(one).await?.map(|one| one.count);
    assert_eq!(count, Some(50));
    assert_eq!(counters.find().count().await?, 51);
    Ok(())
}

#[tokio::test]
async fn of_those_that_are_committed_together_each_fails_alone() -> TestResult {
    let url = sqlite_url();
    let application = application(source(&url)).await?;
    let counters = application.repository::<Counter>()?;
    let sql = application.connector::<SqlConnector>("db")?;
    // One that undoes the whole transaction, and one that is found out when it is committed.
    for statement in [
        "CREATE TRIGGER bad BEFORE INSERT ON counter WHEN NEW.name = 'bad' BEGIN SELECT RAISE(ROLLBACK, 'bad'); END",
        "CREATE TABLE late (id INTEGER REFERENCES counter (id) DEFERRABLE INITIALLY DEFERRED)",
        "CREATE TRIGGER late AFTER INSERT ON counter WHEN NEW.name = 'late' BEGIN INSERT INTO late VALUES (0); END",
    ] {
        sql.execute(statement, []).await?;
    }
    for culprit in ["twice", "bad", "late"] {
        // They wait in the line while the file is locked.
        let lock = lock(&url).await?;
        let names = ["twice", "a", "b", culprit, "c", "d"];
        let names = names.map(|name| match name {
            "twice" | "bad" | "late" => name.to_owned(),
            name => format!("{name}, {culprit}"),
        });
        let writes = names.iter().map(|name| counters.create(counter(name)));
        let unlocked = async {
            // As long as it takes to look a hundred times.
            for _ in 0..100 {
                counters.find().count().await?;
            }
            lock.commit().await?;
            Ok::<_, Box<dyn Error>>(())
        };
        let (written, unlocked) =
            timeout(LONG, async { tokio::join!(join_all(writes), unlocked) }).await?;
        unlocked?;
        let written: Vec<_> = names.iter().zip(written).collect();
        for (name, written) in &written {
            if ["a", "b", "c", "d"]
                .iter()
                .any(|good| name.starts_with(&format!("{good},")))
            {
                assert!(written.is_ok(), "{name}: {written:?}");
                let found = counters.find().filter(Counter::NAME.eq(name.as_str()));
                assert_eq!(found.count().await?, 1, "{name}");
            }
        }
        let failed = written
            .iter()
            .filter(|(_, written)| written.is_err())
            .count();
        assert_eq!(
            failed,
            if culprit == "twice" { 1 } else { 2 },
            "{written:?}"
        );
    }
    assert_eq!(counters.find().count().await?, 13);
    Ok(())
}

#[tokio::test]
async fn who_reads_for_long_holds_up_nobody() -> TestResult {
    let url = sqlite_url();
    let application = application(source(&url)).await?;
    let sql = application.connector::<SqlConnector>("db")?;
    let view = "CREATE VIEW sleeper AS WITH RECURSIVE n(i) AS \
                (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000000) SELECT count(*) AS id FROM n";
    sql.execute(view, []).await?;
    let mut config = Config::default();
    let mut source = source(&url);
    source.autoupdate = Some(false);
    config.data_sources.insert("db".to_owned(), source);
    let slow = App::new().config(config).models::<(Counter, Sleeper)>();
    let slow = slow.build().await?;
    let sleepers = slow.repository::<Sleeper>()?;
    let counters = slow.repository::<Counter>()?;
    // More than threads, and fewer than the pool has connections.
    let slept = try_join_all((0..4).map(|_| sleepers.find().all()));
    tokio::pin!(slept);
    let quick = async {
        for number in 0..100 {
            counters.create(counter(number)).await?;
            assert_eq!(counters.find().count().await?, number + 1);
        }
        Ok::<_, loopwright::Error>(())
    };
    tokio::select! {
        biased;
        slept = &mut slept => return Err(format!("{slept:?} held up the others").into()),
        done = timeout(LONG, quick) => done??,
    }
    for slept in timeout(LONG, slept).await?? {
        assert_eq!(slept[0].id, 5_000_000);
    }
    Ok(())
}

#[tokio::test]
async fn a_write_that_takes_too_long_is_undone() -> TestResult {
    let url = sqlite_url();
    let mut source = source(&url);
    source.statement_timeout = Some(Duration::from_millis(200));
    let application = application(source).await?;
    let counters = application.repository::<Counter>()?;
    let sql = application.connector::<SqlConnector>("db")?;
    let trigger = "CREATE TRIGGER slow AFTER INSERT ON counter WHEN NEW.name = 'slow' BEGIN \
                   UPDATE counter SET count = (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) \
                   SELECT count(*) FROM n) WHERE id = NEW.id; END";
    sql.execute(trigger, []).await?;
    let names = ["before", "slow", "behind"];
    let written = join_all(names.map(|name| counters.create(counter(name))));
    let [before, slow, behind] = <[_; 3]>::try_from(timeout(LONG, written).await?)
        .map_err(|_| "not all of them were answered")?;
    let error = slow.err().ok_or("it has ended in time")?;
    assert_eq!(error.code(), Some("STATEMENT_TIMEOUT"), "{error}");
    before?;
    behind?;
    counters.create(counter("later")).await?;
    let found = counters.find().order(Counter::ID.asc()).all().await?;
    let names: Vec<_> = found.into_iter().map(|one| one.name).collect();
    assert_eq!(names, ["before", "behind", "later"]);
    Ok(())
}

/// How many connections there may be, and how many there are after something was asked.
async fn connections(source: DataSourceConfig) -> std::result::Result<(u32, u32), Box<dyn Error>> {
    let application = application(source).await?;
    let counters = application.repository::<Counter>()?;
    counters.create(counter("one")).await?;
    assert_eq!(counters.find().count().await?, 1);
    let sql = application.connector::<SqlConnector>("db")?;
    let connections = sql.connections().ok_or("nobody counts")?;
    assert!(connections.idle <= connections.open && connections.open <= connections.most);
    Ok((connections.most, connections.open))
}

#[tokio::test]
async fn threads_are_for_files_and_can_be_switched_off() -> TestResult {
    let url = sqlite_url();
    // One that reads and one that writes, beside the pool of five.
    let mut one = source(&url);
    one.shared_connections = Some(1);
    let (most, open) = connections(one).await?;
    assert_eq!(most, 7);
    assert!(open >= 3, "{open}");

    let url = sqlite_url();
    let mut none = source(&url);
    none.shared_connections = Some(0);
    assert_eq!(connections(none).await?.0, 5);
    assert_eq!(connections(source("sqlite::memory:")).await?, (1, 1));
    Ok(())
}

/// Several write at once, and say so after each, until they are killed.
#[tokio::test]
#[ignore = "the child of the test below"]
async fn writes_until_it_is_killed() -> TestResult {
    let Ok(url) = std::env::var(URL) else {
        return Ok(());
    };
    let application = application(source(&url)).await?;
    let counters = application.repository::<Counter>()?;
    let start = counters.find().count().await?;
    let writers = (0..16).map(|writer| {
        let counters = counters.clone();
        async move {
            for number in 0.. {
                let name = format!("{start}, {writer}, {number}");
                let id = counters.create(counter(name)).await?.id;
                acknowledge(id)?;
            }
            Ok::<_, Box<dyn Error>>(())
        }
    });
    try_join_all(writers).await?;
    Ok(())
}

#[tokio::test]
async fn what_was_answered_outlives_the_program() -> TestResult {
    let url = sqlite_url();
    let mut acknowledged = Vec::new();
    for round in 0..8 {
        acknowledged.extend(killed(URL, &url, round).await?);

        let application = application(source(&url)).await?;
        let counters = application.repository::<Counter>()?;
        let found = counters.find().all().await?;
        let found: HashSet<_> = found.into_iter().map(|one| one.id).collect();
        let lost: Vec<_> = acknowledged
            .iter()
            .filter(|id| !found.contains(id))
            .collect();
        assert!(lost.is_empty(), "{lost:?} are lost");
    }
    Ok(())
}

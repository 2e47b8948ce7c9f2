//! Statements that share connections to PostgreSQL hold nobody up, whatever happens to one of them.

use std::error::Error;
use std::time::Duration;

use futures_util::future::{join_all, try_join};
use loopwright::boot::DataSourceConfig;
use loopwright::connectors::Connector as _;
use loopwright::connectors::sql::{SqlConnector, SqlOptions};
use loopwright::prelude::*;
use loopwright::{Application, Config};
use loopwright_tests::postgres_url;
use loopwright_tests::private_server::private_server;
use sea_orm::{ConnectionTrait as _, Database, TransactionTrait as _};
use tokio::time::timeout;

type TestResult = std::result::Result<(), Box<dyn Error>>;

#[derive(Model, Clone, Debug, Default, PartialEq)]
#[acl(open)]
struct Counter {
    #[model(id, generated)]
    id: i64,
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
    slept: bool,
}

/// Longer than anything takes that is not held up, on the slowest machine.
const LONG: Duration = Duration::from_secs(60);

async fn application(url: &str) -> Result<Application> {
    let mut config = Config::default();
    let mut source = DataSourceConfig::new(url);
    source.max_connections = Some(6);
    config.data_sources.insert("db".to_owned(), source);
    let app = App::new().config(config).models::<(Counter,)>();
    app.build().await
}

fn counter(name: &str) -> Counter {
    Counter {
        name: name.to_owned(),
        ..Counter::default()
    }
}

/// Waits until the shared connections are open, which are opened beside the first statements.
async fn warm_up(application: &Application) -> TestResult {
    let counters = application.repository::<Counter>()?;
    let sql = application.connector::<SqlConnector>("db")?;
    let shared = async {
        // A connection of the pool, and one that is shared at least.
        while sql
            .connections()
            .is_none_or(|connections| connections.open < 2)
        {
            counters.find().count().await?;
        }
        Ok::<_, loopwright::Error>(())
    };
    timeout(LONG, shared).await??;
    Ok(())
}

#[tokio::test]
async fn so_many_connections_are_open_and_no_more() -> TestResult {
    let Some(url) = postgres_url() else {
        return Ok(());
    };
    let application = application(&url).await?;
    warm_up(&application).await?;
    let counters = application.repository::<Counter>()?;
    let new = (0..200).map(|number| counters.create(counter(&format!("number {number}"))));
    let created: Result<Vec<_>> = join_all(new).await.into_iter().collect();
    let found = created?.into_iter().map(|one| {
        let counters = &counters;
        async move { Ok::<_, loopwright::Error>((counters.find_by_id(one.id).await?, one)) }
    });
    for pair in join_all(found).await {
        let (found, created) = pair?;
        assert_eq!(found, Some(created));
    }
    let sql = application.connector::<SqlConnector>("db")?;
    let sessions = "SELECT count(*) AS sessions FROM pg_stat_activity \
                    WHERE datname = current_database() AND backend_type = 'client backend'";
    let sessions = sql.query(sessions, []).await?;
    let sessions = sessions[0]["sessions"].as_i64().unwrap_or_default();
    let connections = sql.connections().ok_or("nobody counts")?;
    assert_eq!(connections.most, 6);
    assert_eq!(i64::from(connections.open), sessions);
    Ok(())
}

#[tokio::test]
async fn who_waits_for_a_lock_holds_up_nobody() -> TestResult {
    let Some(url) = postgres_url() else {
        return Ok(());
    };
    let application = application(&url).await?;
    warm_up(&application).await?;
    let counters = application.repository::<Counter>()?;
    let names = ["held", "free"].map(|name| counters.create(counter(name)));
    let created = join_all(names)
        .await
        .into_iter()
        .collect::<Result<Vec<_>>>()?;
    let (held, free) = (created[0].id, created[1].id);

    let other = Database::connect(&url).await?;
    let transaction = other.begin().await?;
    let lock = format!("SELECT 1 FROM counter WHERE id = {held} FOR UPDATE");
    transaction.execute_unprepared(&lock).await?;

    // Fewer than the pool has connections of its own.
    let held_up =
        (0..2).map(|number| counters.update(held, Patch::new().set(Counter::COUNT, number)));
    let held_up = join_all(held_up);
    let meanwhile = async {
        // Also behind those that wait.
        for number in 1..=100 {
            counters
                .update(free, Patch::new().set(Counter::COUNT, number))
                .await?;
            assert_eq!(counters.find().count().await?, 2);
        }
        transaction.commit().await?;
        Ok::<_, Box<dyn Error>>(())
    };
    let held_up = async { Ok::<_, Box<dyn Error>>(held_up.await) };
    let (held_up, ()) = timeout(LONG, try_join(held_up, meanwhile)).await??;
    for updated in held_up {
        updated?;
    }
    let count = counters.find_by_id(free).await?.map(|free| free.count);
    assert_eq!(count, Some(100));
    Ok(())
}

#[tokio::test]
async fn what_takes_long_is_answered_all_the_same() -> TestResult {
    let Some(url) = postgres_url() else {
        return Ok(());
    };
    let options = SqlOptions::new().max_connections(6);
    let sql = SqlConnector::connect(&url, options).await?;
    let view = "CREATE VIEW sleeper AS SELECT 1::bigint AS id, pg_sleep(0.5) IS NULL AS slept";
    sql.execute(view, []).await?;
    let application = App::new()
        .config(Config::default())
        .connector("db", sql)
        .models::<(Sleeper,)>()
        .build()
        .await?;
    let sleepers = application.repository::<Sleeper>()?;
    // The first is sent over a shared connection as soon as there is one, and the next ones are known to be slow.
    for _ in 0..4 {
        let found = sleepers.find().all().await?;
        assert_eq!(found.len(), 1);
    }
    Ok(())
}

#[tokio::test]
async fn a_table_that_changes_is_prepared_anew() -> TestResult {
    let Some(url) = postgres_url() else {
        return Ok(());
    };
    let application = application(&url).await?;
    warm_up(&application).await?;
    let counters = application.repository::<Counter>()?;
    let one = counters.create(counter("one")).await?;
    let other = Database::connect(&url).await?;
    for ty in ["integer", "smallint", "bigint"] {
        assert_eq!(counters.find_by_id(one.id).await?, Some(one.clone()));
        let alter = format!("ALTER TABLE counter ALTER COLUMN count TYPE {ty}");
        other.execute_unprepared(&alter).await?;
    }
    assert_eq!(counters.find_by_id(one.id).await?, Some(one));
    Ok(())
}

#[tokio::test]
async fn a_server_that_comes_back_is_asked_again() -> TestResult {
    // What is acknowledged is to be there after the server was killed.
    let durable = ["-c", "synchronous_commit=on"];
    let Some(server) = private_server("postgres", &durable) else {
        return Ok(());
    };
    let application = application(&server.url).await?;
    warm_up(&application).await?;
    let counters = application.repository::<Counter>()?;
    let one = counters.create(counter("one")).await?;
    server.kill()?;
    let error = counters.find_by_id(one.id).await.err();
    assert_eq!(error.map(|error| error.status()), Some(503));
    server.restart()?;
    let again = async { while counters.find_by_id(one.id).await.is_err() {} };
    timeout(LONG, again).await?;
    assert_eq!(counters.find_by_id(one.id).await?, Some(one));
    Ok(())
}

//! More than one machine: a PostgreSQL primary with a streaming standby, pgbouncer, a Galera cluster of two nodes, a MongoDB
//! replica set of three.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use loopwright::Config;
use loopwright::boot::DataSourceConfig;
use loopwright::connectors::sql::sea_orm::{ConnectionTrait as _, Database, DatabaseConnection};
use loopwright::prelude::*;
use loopwright_tests::models::{All, Customer, customer};
use loopwright_tests::serve::{Served, serve};
use loopwright_tests::{PrivateServer, private_server};
use mongodb::bson::doc;
use serde_json::{Value as Json, json};
use tokio::time::timeout;

type TestResult = std::result::Result<(), Box<dyn std::error::Error>>;

/// Nobody waits longer than this for anything here.
const BOUND: Duration = Duration::from_secs(30);

fn app(source: DataSourceConfig) -> App {
    let mut config = Config::default();
    config.data_sources.insert("db".into(), source);
    App::new().config(config).models::<All>()
}

/// How many customers a caller sees.
async fn seen(served: &Served) -> std::result::Result<u64, Box<dyn std::error::Error>> {
    let url = format!("{}/api/Customers", served.url);
    let answer = timeout(BOUND, served.client.get(url).send()).await??;
    let body: Json = answer.error_for_status()?.json().await?;
    Ok(u64::try_from(body.as_array().ok_or("no list")?.len())?)
}

async fn wait_until_seen(served: &Served, count: u64) -> TestResult {
    let until = Instant::now() + BOUND;
    while seen(served).await? != count {
        assert!(Instant::now() < until, "{count} are never seen");
    }
    Ok(())
}

/// Waits until the standby has as many customers, and lets it hear of no more.
async fn stand_still(standby: &DatabaseConnection, count: u64) -> TestResult {
    let has = format!("SELECT 1 / (COUNT(*) = {count})::int FROM customer");
    until_true(standby, &has).await?;
    standby
        .execute_unprepared("SELECT pg_wal_replay_pause()")
        .await?;
    let paused = "SELECT 1 / (pg_get_wal_replay_pause_state() = 'paused')::int";
    until_true(standby, paused).await
}

/// Repeats a statement that divides by zero as long as something is not so.
async fn until_true(database: &DatabaseConnection, statement: &str) -> TestResult {
    let until = Instant::now() + BOUND;
    while let Err(error) = database.execute_unprepared(statement).await {
        if Instant::now() > until {
            return Err(error.into());
        }
    }
    Ok(())
}

#[tokio::test]
async fn reads_come_from_the_standby_and_writes_go_to_the_primary() -> TestResult {
    let Some(primary) = private_server("postgres", &[]) else {
        return Ok(());
    };
    let port = primary.port().to_string();
    let Some(standby) = private_server("postgres-standby", &[&port]) else {
        return Ok(());
    };
    let mut source = DataSourceConfig::new(&primary.url);
    source.replicas = vec![standby.url.clone()];
    let served = serve(app(source)).await?;
    let customers = served.application.repository::<Customer>()?;
    let ann = customers.create(customer("Ann")).await?;
    wait_until_seen(&served, 1).await?;

    // The standby stands still: who reads there sees the past.
    let inside = Database::connect(&standby.url).await?;
    stand_still(&inside, 1).await?;
    let bob = customers.create(customer("Bob")).await?;
    assert_eq!(seen(&served).await?, 1);
    assert_eq!(customers.count(Condition::ALL).await?, 1);
    // What is to be written is read where it is written, and a transaction sees all of it.
    assert_eq!(customers.primary().count(Condition::ALL).await?, 2);
    let url = format!("{}/api/Customers/{}", served.url, bob.id);
    let changed = served.client.put(url).json(&json!({ "name": "Bill" }));
    let changed: Json = changed.send().await?.error_for_status()?.json().await?;
    assert_eq!(changed["name"], "Bill");
    let tx = served.application.transaction().begin().await?;
    assert!(tx.repository::<Customer>()?.exists(bob.id).await?);
    tx.commit().await?;
    inside
        .execute_unprepared("SELECT pg_wal_replay_resume()")
        .await?;
    wait_until_seen(&served, 2).await?;
    inside.close().await?;

    // Without the standby, reads go on at once.
    standby.kill()?;
    assert_eq!(seen(&served).await?, 2);
    assert!(customers.delete_by_id(ann.id).await?);
    assert_eq!(seen(&served).await?, 1);

    // It is asked again when it is back: it stands still once more, and its past is seen.
    standby.restart()?;
    let inside = Database::connect(&standby.url).await?;
    stand_still(&inside, 1).await?;
    customers.create(customer("Carl")).await?;
    wait_until_seen(&served, 1).await?;

    // A data source whose standby is down starts all the same.
    standby.kill()?;
    let mut source = DataSourceConfig::new(&primary.url);
    source.replicas = vec![standby.url.clone()];
    source.connect_timeout = Some(Duration::from_secs(1));
    let other = serve(app(source)).await?;
    assert_eq!(seen(&other).await?, 2);
    Ok(())
}

/// Two instances of an application do all kinds of things side by side.
async fn two_instances_share(source: DataSourceConfig) -> TestResult {
    let first = app(source.clone()).build().await?;
    let second = app(source).build().await?;
    let work = |application: Application, number: usize| async move {
        let customers = application.repository::<Customer>()?;
        let name = format!("customer {number}");
        let stored = customers.create(customer(&name)).await?;
        let found = customers.find().filter(Customer::NAME.eq(name.as_str()));
        assert_eq!(found.one().await?.map(|found| found.id), Some(stored.id));
        application
            .transaction()
            .isolation(loopwright::connectors::Isolation::RepeatableRead)
            .run(|tx| async move {
                let customers = tx.repository::<Customer>()?;
                let mut stored = stored;
                stored.name.push('!');
                customers.replace(stored).await?;
                customers.create(customer("another")).await
            })
            .await
    };
    let both = [&first, &second];
    let all = (0..40).map(|number| work(both[number % 2].clone(), number));
    for done in timeout(BOUND, join_all(all)).await? {
        done?;
    }
    let customers = first.repository::<Customer>()?;
    assert_eq!(customers.count(Condition::ALL).await?, 80);
    let renamed = customers.count(Customer::NAME.like("customer %!")).await?;
    assert_eq!(renamed, 40);
    Ok(())
}

#[tokio::test]
async fn instances_share_a_database_behind_pgbouncer() -> TestResult {
    for mode in ["session", "transaction"] {
        let Some(server) = private_server("postgres", &[]) else {
            return Ok(());
        };
        let port = server.port().to_string();
        let Some(pgbouncer) = private_server("pgbouncer", &[&port, mode]) else {
            return Ok(());
        };
        let mut source = DataSourceConfig::new(&pgbouncer.url);
        // It has three connections: in session mode each is somebody's.
        source.max_connections = Some(1);
        source.acquire_timeout = Some(BOUND);
        if mode == "transaction" {
            source.max_connections = Some(10);
            source.statement_cache = Some(0);
        }
        two_instances_share(source).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_cluster_survives_the_loss_of_a_node() -> TestResult {
    let Some(first) = private_server("galera", &[]) else {
        return Ok(());
    };
    let port = first.port().to_string();
    let Some(second) = private_server("galera", &[&port]) else {
        return Ok(());
    };
    let creator = Database::connect(&first.url).await?;
    creator
        .execute_unprepared("CREATE DATABASE shop CHARACTER SET utf8mb4")
        .await?;
    creator.close().await?;
    let source = |url: &str| {
        let mut source = DataSourceConfig::new(url.replace("/mysql", "/shop"));
        source.acquire_timeout = Some(Duration::from_secs(2));
        source.statement_timeout = Some(Duration::from_secs(5));
        source
    };
    let left = app(source(&first.url)).build().await?;
    let right = app(source(&second.url)).build().await?;
    let mut acknowledged = Vec::new();
    let mut refused = 0;
    for round in 0..60 {
        if round == 30 {
            second.kill()?;
        }
        for node in [&left, &right] {
            let customers = node.repository::<Customer>()?;
            // An answer or an error, and in time.
            match timeout(BOUND, customers.create(customer("Ann"))).await? {
                Ok(stored) => acknowledged.push(stored.id),
                Err(error) => {
                    assert_eq!(error.status(), 503, "{error}");
                    refused += 1;
                }
            }
            if refused > 3 {
                break;
            }
        }
    }
    assert!(
        acknowledged.len() >= 60,
        "{} were acknowledged",
        acknowledged.len()
    );
    let customers = left.repository::<Customer>()?;
    for id in &acknowledged {
        assert!(customers.exists(*id).await?, "{id} is lost");
    }
    Ok(())
}

/// The member that takes writes, once there is one.
async fn primary(
    members: &[PrivateServer],
) -> std::result::Result<usize, Box<dyn std::error::Error>> {
    let until = Instant::now() + BOUND;
    while Instant::now() < until {
        for (number, member) in members.iter().enumerate() {
            let url = format!(
                "{}?directConnection=true&serverSelectionTimeoutMS=500",
                member.url
            );
            let client = mongodb::Client::with_uri_str(url).await?;
            let hello = client
                .database("admin")
                .run_command(doc! { "hello": 1 })
                .await;
            if hello.is_ok_and(|hello| matches!(hello.get_bool("isWritablePrimary"), Ok(true))) {
                return Ok(number);
            }
        }
    }
    Err("no member takes writes".into())
}

#[tokio::test]
async fn a_replica_set_survives_the_loss_of_its_primary() -> TestResult {
    let mut members = Vec::new();
    for _ in 0..3 {
        let Some(member) = private_server("mongodb-member", &[]) else {
            return Ok(());
        };
        members.push(member);
    }
    let hosts: Vec<_> = members
        .iter()
        .map(|member| format!("127.0.0.1:{}", member.port()))
        .collect();
    let set = hosts
        .iter()
        .zip(0..)
        .map(|(host, number)| doc! { "_id": number, "host": host });
    let set = doc! {
        "_id": "rs0",
        "members": set.collect::<Vec<_>>(),
        "settings": { "electionTimeoutMillis": 1000 },
    };
    let first =
        mongodb::Client::with_uri_str(format!("{}?directConnection=true", members[0].url)).await?;
    first
        .database("admin")
        .run_command(doc! { "replSetInitiate": set })
        .await?;
    let leader = primary(&members).await?;

    let url = format!(
        "mongodb://{}/shop?replicaSet=rs0&serverSelectionTimeoutMS=2000",
        hosts.join(",")
    );
    let served = serve(app(DataSourceConfig::new(url))).await?;
    let customers = served.application.repository::<Customer>()?;
    let mut acknowledged = Vec::new();
    let mut after = 0;
    let until = Instant::now() + BOUND;
    while after < 20 {
        if acknowledged.len() == 20 && after == 0 {
            members[leader].kill()?;
        }
        // An answer or an error, and in time.
        match timeout(BOUND, customers.create(customer("Ann"))).await? {
            Ok(stored) => {
                after += usize::from(acknowledged.len() >= 20);
                acknowledged.push(stored.id);
            }
            Err(error) => assert_eq!(error.status(), 503, "{error}"),
        }
        assert!(Instant::now() < until, "writes do not go on");
    }
    assert_ne!(primary(&members).await?, leader);
    for id in &acknowledged {
        assert!(customers.exists(*id).await?, "{id} is lost");
    }
    assert!(seen(&served).await? >= 40);
    Ok(())
}

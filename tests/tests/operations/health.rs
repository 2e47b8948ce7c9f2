//! Whether the application says that it is up, and that it is ready.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use futures_util::future::try_join_all;
use loopwright::Config;
use loopwright::boot::DataSourceConfig;
use loopwright::connectors::memory::MemoryConnector;
use loopwright::connectors::{Capabilities, Connector, Operations};
use loopwright::model::{ModelDef, Record};
use loopwright::prelude::*;
use loopwright_tests::private_server;
use loopwright_tests::serve::{Served, serve};
use serde_json::{Value as Json, json};

use crate::program::BOUND;
use crate::{Note, TestResult};

async fn ask(served: &Served, path: &str) -> TestResult<(u16, Json)> {
    let answer = served.client.get(format!("{}{path}", served.url)).send();
    let answer = tokio::time::timeout(BOUND, answer).await??;
    assert_eq!(answer.headers()["cache-control"], "no-store");
    Ok((answer.status().as_u16(), answer.json().await?))
}

/// Asks until the application says `status`, and answers what else it says.
async fn until(served: &Served, status: u16) -> TestResult<Json> {
    let end = Instant::now() + BOUND;
    loop {
        let (said, body) = ask(served, "/health/ready").await?;
        if said == status {
            return Ok(body);
        }
        assert!(Instant::now() < end, "{said} {body}");
    }
}

/// Goes away, comes back, hangs and goes on.
async fn a_data_source_that_is_away_is_named(kind: &str) -> TestResult {
    let Some(server) = private_server(kind, &[]) else {
        return Ok(());
    };
    let mut source = DataSourceConfig::new(&server.url);
    if kind != "redis" {
        source.connect_timeout = Some(Duration::from_secs(1));
        source.acquire_timeout = Some(Duration::from_secs(1));
    }
    let mut config = Config::default();
    config.health.timeout = Duration::from_secs(1);
    config.data_sources.insert("far".into(), source);
    let app = App::new().config(config).data_source("db", "memory:");
    let served = serve(app.models::<(Note,)>()).await?;
    let with = |far: &str| json!({ "db": "up", "far": far });

    let ready = until(&served, 200).await?;
    assert_eq!(
        ready,
        json!({ "status": "ready", "dataSources": with("up") })
    );
    server.kill()?;
    let unavailable = json!({ "status": "unavailable", "dataSources": with("down") });
    assert_eq!(until(&served, 503).await?, unavailable);
    // The process is none the worse for it.
    assert_eq!(
        ask(&served, "/health/live").await?,
        (200, json!({ "status": "live" }))
    );
    server.restart()?;
    assert_eq!(until(&served, 200).await?, ready);
    server.pause()?;
    assert_eq!(until(&served, 503).await?, unavailable);
    server.resume()?;
    assert_eq!(until(&served, 200).await?, ready);
    Ok(())
}

#[tokio::test]
async fn a_postgres_that_is_away_is_named() -> TestResult {
    a_data_source_that_is_away_is_named("postgres").await
}

#[tokio::test]
async fn a_mariadb_that_is_away_is_named() -> TestResult {
    a_data_source_that_is_away_is_named("mysql").await
}

#[tokio::test]
async fn a_mongodb_that_is_away_is_named() -> TestResult {
    a_data_source_that_is_away_is_named("mongodb").await
}

#[tokio::test]
async fn a_redis_that_is_away_is_named() -> TestResult {
    a_data_source_that_is_away_is_named("redis").await
}

/// Counts how often it is asked for a sign of life.
struct Counting {
    memory: MemoryConnector,
    pings: Arc<AtomicUsize>,
}

#[async_trait]
impl Operations for Counting {
    async fn find(&self, model: &'static ModelDef, filter: &Filter) -> Result<Vec<Record>> {
        self.memory.find(model, filter).await
    }

    async fn count(&self, model: &'static ModelDef, condition: &Condition) -> Result<u64> {
        self.memory.count(model, condition).await
    }

    async fn create(&self, model: &'static ModelDef, record: Record) -> Result<Record> {
        self.memory.create(model, record).await
    }

    async fn update(
        &self,
        model: &'static ModelDef,
        condition: &Condition,
        changes: &Record,
    ) -> Result<u64> {
        self.memory.update(model, condition, changes).await
    }

    async fn delete(&self, model: &'static ModelDef, condition: &Condition) -> Result<u64> {
        self.memory.delete(model, condition).await
    }
}

#[async_trait]
impl Connector for Counting {
    fn capabilities(&self) -> Capabilities {
        self.memory.capabilities()
    }

    async fn ping(&self) -> Result<()> {
        self.pings.fetch_add(1, Ordering::Relaxed);
        self.memory.ping().await
    }

    async fn autoupdate(&self, models: &[&'static ModelDef]) -> Result<()> {
        self.memory.autoupdate(models).await
    }

    async fn automigrate(&self, models: &[&'static ModelDef]) -> Result<()> {
        self.memory.automigrate(models).await
    }
}

#[tokio::test]
async fn probes_are_no_load() -> TestResult {
    let pings = Arc::<AtomicUsize>::default();
    let counting = Counting {
        memory: MemoryConnector::connect("memory:").await?,
        pings: pings.clone(),
    };
    let app = App::new().config(Config::default());
    let served = serve(app.connector("db", counting).models::<(Note,)>()).await?;
    let begun = Instant::now();
    for _ in 0..20 {
        let probes = (0..20).map(|_| ask(&served, "/health/ready"));
        for (status, body) in try_join_all(probes).await? {
            assert_eq!(status, 200, "{body}");
        }
    }
    let seconds = usize::try_from(begun.elapsed().as_secs())?;
    let pings = pings.load(Ordering::Relaxed);
    assert!((1..=seconds + 1).contains(&pings), "{pings} in {seconds} s");
    Ok(())
}

#[tokio::test]
async fn who_wants_none_has_none_and_may_have_their_own() -> TestResult {
    let ready =
        || axum::Router::new().route("/health/ready", axum::routing::get(|| async { "always" }));
    for (enabled, live, expected) in [(false, 404, "always"), (true, 200, "{\"status\":\"ready\"")]
    {
        let mut config = Config::default();
        config.health.enabled = enabled;
        let app = App::new().config(config).data_source("db", "memory:");
        let served = serve(app.models::<(Note,)>().routes(ready())).await?;
        let alive = served.client.get(format!("{}/health/live", served.url));
        assert_eq!(alive.send().await?.status(), live);
        let ready = served.client.get(format!("{}/health/ready", served.url));
        let ready = ready.send().await?.text().await?;
        assert!(ready.starts_with(expected), "{ready}");
    }
    Ok(())
}

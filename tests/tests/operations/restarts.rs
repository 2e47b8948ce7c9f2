//! A database that goes away while clients write.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::try_join_all;
use loopwright::boot::DataSourceConfig;
use loopwright::prelude::*;
use loopwright::{App, Config};
use loopwright_tests::private_server;
use loopwright_tests::serve::{Served, serve};
use reqwest::StatusCode;
use serde_json::json;
use tokio::time::timeout;

use crate::program::BOUND;
use crate::{Note, TestResult};

async fn create(served: &Served, text: &str) -> TestResult<StatusCode> {
    let request = served.client.post(format!("{}/api/Notes", served.url));
    let answer = timeout(BOUND, request.json(&json!({ "text": text })).send()).await??;
    let status = answer.status();
    if status == 503 {
        assert_eq!(answer.headers()["retry-after"], "1");
    }
    Ok(status)
}

/// Writes until it is told to stop, and answers what was acknowledged.
async fn write(served: &Served, writer: usize, stop: &AtomicBool) -> TestResult<Vec<String>> {
    let mut acknowledged = Vec::new();
    for number in 0.. {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let text = format!("{writer}: {number}");
        match create(served, &text).await?.as_u16() {
            200 => acknowledged.push(text),
            503 => {}
            other => return Err(format!("{text} is answered with {other}").into()),
        }
    }
    Ok(acknowledged)
}

#[tokio::test]
async fn no_write_that_was_acknowledged_is_lost() -> TestResult {
    let Some(database) = private_server("postgres", &["-c", "synchronous_commit=on"]) else {
        return Ok(());
    };
    let mut source = DataSourceConfig::new(&database.url);
    source.acquire_timeout = Some(Duration::from_secs(1));
    let mut config = Config::default();
    config.data_sources.insert("db".into(), source);
    let served = serve(App::new().config(config).models::<(Note,)>()).await?;
    let notes = served.application.repository::<Note>()?;
    let stop = Arc::new(AtomicBool::new(false));
    let writers = try_join_all((0..4).map(|writer| write(&served, writer, &stop)));
    let restarts = async {
        for orderly in [true, false, true, false] {
            let before = notes.count(Condition::ALL).await?;
            let some_more = async {
                while notes.count(Condition::ALL).await? < before + 20 {}
                TestResult::Ok(())
            };
            timeout(BOUND, some_more).await??;
            match orderly {
                true => database.stop()?,
                false => database.kill()?,
            }
            assert_eq!(create(&served, "meanwhile").await?, 503);
            database.restart()?;
            let again = async {
                while create(&served, "again").await? != 200 {}
                TestResult::Ok(())
            };
            timeout(BOUND, again).await??;
        }
        stop.store(true, Ordering::Relaxed);
        TestResult::Ok(())
    };
    let (acknowledged, restarts) = tokio::join!(writers, restarts);
    restarts?;
    let kept = notes.find().all().await?;
    let kept: HashSet<_> = kept.into_iter().map(|note| note.text).collect();
    let acknowledged = acknowledged?.concat();
    assert!(acknowledged.len() > 40, "{}", acknowledged.len());
    for text in acknowledged {
        assert!(kept.contains(&text), "{text} is lost");
    }
    Ok(())
}

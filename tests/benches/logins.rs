//! Do logins get in the way of others? A thousand of them, eight at once, and meanwhile somebody who reads.
//!
//! `cargo bench -p loopwright-tests --bench logins` prints what a read takes with nobody logging in and with all of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use loopwright::Config;
use loopwright::builtin::User;
use loopwright::prelude::*;
use loopwright_tests::serve::{Served, serve};
use loopwright_tests::sqlite_url;
use serde_json::json;

type BenchResult<T> = Result<T, Box<dyn std::error::Error>>;

const LOGINS: usize = 1000;
const AT_ONCE: usize = 8;

/// Somebody who logs in.
#[derive(Model, Clone, Debug)]
struct Member {
    #[model(base)]
    user: User,
}

/// What is read meanwhile.
#[derive(Model, Clone, Debug)]
#[acl(allow(read), to = everyone)]
struct Note {
    #[model(id, generated)]
    id: i64,
    text: String,
}

#[loopwright::main]
async fn main() -> BenchResult<()> {
    // `cargo test --benches` only wants to know that this compiles.
    if !std::env::args().any(|argument| argument == "--bench") {
        return Ok(());
    }
    let url = sqlite_url();
    let app = App::new()
        .config(Config::default())
        .data_source("db", &*url)
        .models::<(Member, Note)>();
    let served = serve(app).await?;
    let members = served.application.repository::<Member>()?;
    let user = User::new("ann@club.example", "secret");
    members.create(Member { user }).await?;
    let notes = served.application.repository::<Note>()?;
    notes
        .create(Note {
            id: 0,
            text: "a note".into(),
        })
        .await?;

    let idle = reads(&served, &AtomicBool::new(false), Some(2000)).await?;
    println!("reads alone:         {}", summary(idle));

    let done = Arc::new(AtomicBool::new(false));
    let begun = Instant::now();
    let (logins, during) = tokio::join!(
        async {
            let logins = logins(&served).await;
            done.store(true, Ordering::Relaxed);
            logins
        },
        reads(&served, &done, None),
    );
    let mut logins = logins?;
    let seconds = begun.elapsed().as_secs_f64();
    println!("reads during logins: {}", summary(during?));
    logins.sort_unstable();
    println!(
        "logins:              {LOGINS}, {AT_ONCE} at once: {:.0} per second, {}",
        LOGINS as f64 / seconds,
        summary(logins)
    );
    Ok(())
}

/// Logs in until everybody has, and tells how long each took.
async fn logins(served: &Served) -> BenchResult<Vec<Duration>> {
    let next = AtomicUsize::new(0);
    let one_after_the_other = || async {
        let mut times = Vec::new();
        let login = json!({"email": "ann@club.example", "password": "secret"});
        while next.fetch_add(1, Ordering::Relaxed) < LOGINS {
            let begun = Instant::now();
            let anonymous = served.anonymous();
            let (status, answer) = anonymous.call("POST /Members/login", login.clone()).await?;
            if status != 200 {
                return Err(format!("a login failed: {status} {answer}").into());
            }
            times.push(begun.elapsed());
        }
        BenchResult::Ok(times)
    };
    let all = futures_util::future::join_all((0..AT_ONCE).map(|_| one_after_the_other())).await;
    let mut times = Vec::new();
    for some in all {
        times.extend(some?);
    }
    Ok(times)
}

/// Reads one after the other, so many times or until `done`, and tells how long each took.
async fn reads(
    served: &Served,
    done: &AtomicBool,
    most: Option<usize>,
) -> BenchResult<Vec<Duration>> {
    let mut times = Vec::new();
    while !done.load(Ordering::Relaxed) && most.is_none_or(|most| times.len() < most) {
        let begun = Instant::now();
        let status = served.anonymous().status("GET /Notes/1").await?;
        if status != 200 {
            return Err(format!("a read failed: {status}").into());
        }
        times.push(begun.elapsed());
    }
    Ok(times)
}

fn summary(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let at = |part: f64| {
        let position = (times.len() as f64 * part) as usize;
        let time = times.get(position.min(times.len().saturating_sub(1)));
        time.map_or(f64::NAN, |time| time.as_secs_f64() * 1000.0)
    };
    format!(
        "p50 {:.2} ms, p99 {:.2} ms, longest {:.2} ms ({} of them)",
        at(0.5),
        at(0.99),
        at(1.0),
        times.len()
    )
}

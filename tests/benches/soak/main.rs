//! Ten minutes of everything at once: mixed traffic, slow and hostile clients, ten thousand connections that ask for nothing,
//! crowds, and a database that is killed or stopped in between.
//!
//! `cargo bench -p loopwright-tests --bench soak -- [--minutes 10] [--idle 10000]` starts an application on a PostgreSQL of its
//! own, and then, for a fifth of the time, on SQLite, where there is nothing to restart. It reports what was asked and
//! answered, what the server's process takes up (Linux), and how soon it answers again, and ends with 1 if a write is lost
//! that was acknowledged, memory grows, or somebody is refused who is not told when to come again.

mod honest;
mod hostile;
mod model;
mod server;
mod tally;

use std::collections::HashSet;
use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, Instant};

use loopwright_tests::{PrivateServer, private_server, sqlite_url};
use sea_orm::{ConnectionTrait as _, Database, Statement};
use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::honest::Honest;
use crate::hostile::Hostile;
use crate::server::Server;
use crate::tally::Tally;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// Names the server's database to the process that is to be the server.
const URL: &str = "LW_SOAK_URL";

const PASSWORD: &str = "soaked-through";

/// How often the database goes away.
const RESTARTS: Duration = Duration::from_secs(60);

/// How many ask at the same moment, halfway between two restarts: more than `max_requests`.
const CROWD: usize = 1_500;

#[tokio::main]
async fn main() -> Result<()> {
    if let Ok(url) = std::env::var(URL) {
        return Ok(model::serve(&url).await?);
    }
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    // `cargo test --benches` only wants to know that this compiles.
    if !arguments.iter().any(|argument| argument == "--bench") {
        return Ok(());
    }
    let number = |name: &str, otherwise: u64| {
        let place = arguments.iter().position(|argument| argument == name);
        let value = place.and_then(|place| arguments.get(place + 1));
        value.map_or(Ok(otherwise), |value| value.parse())
    };
    let time = Duration::from_secs(60 * number("--minutes", 10)?);
    let idle = usize::try_from(number("--idle", 10_000)?)?;
    rlimit::increase_nofile_limit(u64::MAX)?;

    let mut wrong = Vec::new();
    if let Some(database) = private_server("postgres", &["-c", "synchronous_commit=on"]) {
        println!("## PostgreSQL, {} s", time.as_secs());
        wrong.extend(soak(&database.url, Some(&database), time, idle).await?);
    }
    let sqlite = sqlite_url();
    println!("## SQLite, {} s", time.as_secs() / 5);
    wrong.extend(soak(&sqlite, None, time / 5, idle).await?);
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(wrong.join("; ").into()),
    }
}

/// What the server's process took up at a time.
struct Sample {
    kilobytes: u64,
    descriptors: usize,
    under_way: u64,
}

/// Everything at once, for so long; answers what went wrong.
async fn soak(
    url: &str,
    database: Option<&PrivateServer>,
    time: Duration,
    idle: usize,
) -> Result<Vec<String>> {
    let server = Server::start(url)?;
    let tally = Arc::new(Tally::default());
    let honest = Honest::new(&server.address, tally.clone())?;
    let hostile = Hostile::new(&server.address, tally.clone());
    let before = server.taken()?;
    println!(
        "at the start: {} MB, {} descriptors",
        before.kilobytes / 1024,
        before.descriptors
    );
    let clients = (honest.begin(), hostile.begin(idle));
    let end = Instant::now() + time;
    let (samples, recoveries) =
        tokio::try_join!(watch(&server, end), disturb(&honest, database, end))?;
    drop(clients);

    for line in tally.lines() {
        println!("{line}");
    }
    let mut wrong = tally.unfair();
    wrong.truncate(10);
    let keys = tally.keys();
    drop(server);
    let lost = lost(url, &keys).await?;
    println!("acknowledged writes: {}, lost: {}", keys.len(), lost.len());
    wrong.extend(
        lost.first()
            .map(|key| format!("{} writes are lost, such as {key}", lost.len())),
    );
    let longest = recoveries.iter().max().copied().unwrap_or_default();
    println!(
        "restarts: {}, the longest until a write was done again: {:.1} s",
        recoveries.len(),
        longest.as_secs_f64()
    );
    if longest > Duration::from_secs(10) {
        wrong.push(format!("it took {longest:?} until a write was done again"));
    }
    wrong.extend(growth(&samples));
    Ok(wrong)
}

/// Looks at the server once a second, and says each minute what it sees.
async fn watch(server: &Server, end: Instant) -> Result<Vec<Sample>> {
    let client = reqwest::Client::new();
    let mut samples = Vec::new();
    let mut seconds = interval(Duration::from_secs(1));
    seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    println!("| second | memory | descriptors | most requests under way |");
    println!("|---|---|---|---|");
    let mut said = 0;
    while Instant::now() < end {
        seconds.tick().await;
        let taken = server.taken()?;
        let metrics = client
            .get(server.url("/metrics"))
            .send()
            .await?
            .text()
            .await?;
        let under_way = metrics
            .lines()
            .find_map(|line| line.strip_prefix("loopwright_requests_under_way "));
        samples.push(Sample {
            kilobytes: taken.kilobytes,
            descriptors: taken.descriptors,
            under_way: under_way.ok_or("no such metric")?.parse()?,
        });
        let recent = &samples[said..];
        if recent.len() == 30 {
            let most = |of: fn(&Sample) -> u64| recent.iter().map(of).max().unwrap_or_default();
            let memory = most(|sample| sample.kilobytes) / 1024;
            let descriptors = most(|sample| sample.descriptors as u64);
            let under_way = most(|sample| sample.under_way);
            println!(
                "| {} | {memory} MB | {descriptors} | {under_way} |",
                samples.len()
            );
            said = samples.len();
        }
    }
    Ok(samples)
}

/// Takes the database away now and then, by turns orderly and not, and sends a crowd in between; answers how long each time
/// it took, from when the database was back, until a write was done.
async fn disturb(
    honest: &Honest,
    database: Option<&PrivateServer>,
    end: Instant,
) -> Result<Vec<Duration>> {
    let mut recoveries = Vec::new();
    for round in 0.. {
        sleep(RESTARTS / 2).await;
        honest.crowd(CROWD).await;
        if Instant::now() + RESTARTS > end {
            break;
        }
        sleep(RESTARTS / 2).await;
        let Some(database) = database else { continue };
        tokio::task::block_in_place(|| match round % 2 {
            0 => database.kill(),
            _ => database.stop(),
        })?;
        sleep(Duration::from_secs(3)).await;
        tokio::task::block_in_place(|| database.restart())?;
        let back = Instant::now();
        let mut attempts = 0;
        while !honest
            .create("writes after a restart", format!("back-{round}-{attempts}"))
            .await
        {
            attempts += 1;
        }
        recoveries.push(back.elapsed());
    }
    Ok(recoveries)
}

/// What was acknowledged and is not there, as the database itself says.
async fn lost(url: &str, acknowledged: &[String]) -> Result<Vec<String>> {
    let connection = Database::connect(url).await?;
    let backend = connection.get_database_backend();
    let statement = Statement::from_string(backend, "SELECT key FROM entry");
    let rows = connection.query_all_raw(statement).await?;
    let kept = rows.iter().map(|row| row.try_get_by_index::<String>(0));
    let kept = kept.collect::<std::result::Result<HashSet<_>, _>>()?;
    connection.close().await?;
    let lost = acknowledged.iter().filter(|key| !kept.contains(*key));
    Ok(lost.cloned().collect())
}

/// For how many samples memory must stay what it was: before that, it only gets to what it needs.
const SETTLED: usize = 300;

/// Memory is what it was: the median of the last fifth beside that of the second, when everybody was there.
fn growth(samples: &[Sample]) -> Option<String> {
    let fifth = samples.len() / 5;
    let median = |part: &[Sample]| {
        let mut memory: Vec<_> = part.iter().map(|sample| sample.kilobytes).collect();
        memory.sort_unstable();
        memory.get(memory.len() / 2).copied().unwrap_or_default() / 1024
    };
    let early = median(&samples[fifth..2 * fifth]);
    let late = median(&samples[samples.len() - fifth..]);
    println!("memory: {early} MB in the second fifth, {late} MB in the last");
    let grows = samples.len() >= SETTLED && late > early + early / 4;
    grows.then(|| format!("memory grows from {early} MB to {late} MB"))
}

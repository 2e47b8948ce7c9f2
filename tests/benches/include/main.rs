//! What an answer with two levels of includes costs, beside the same written by hand on axum and sqlx.
//!
//! `cargo bench -p loopwright-tests --bench include` fills a database with customers, their orders and the orders' items,
//! serves them from two processes, and asks both for the same: each in turn, round after round, by the same client over
//! the same number of connections. Before that the answers are compared. What is counted is the CPU time of the server's
//! process, all threads, from the operating system's accounting (Linux), and the time until the client has the answer.

mod by_hand;
mod model;

use std::error::Error;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use futures_util::future::try_join_all;
use loopwright::Application;
use loopwright::connectors::sql::SqlConnector;
use loopwright_tests::{postgres_url, sqlite_url};
use serde_json::Value as Json;
use tokio::net::TcpListener;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

const ROUNDS: usize = 31;
const REQUESTS: usize = 300;
const CONNECTIONS: [usize; 2] = [1, 8];
/// How many connections to the database either server has.
const POOL: u32 = 4;

/// What is asked of loopwright.
const FILTER: &str = r#"{"order":"id","include":{"relation":"orders","scope":{"order":"id","include":{"relation":"items","scope":{"order":"id"}}}}}"#;

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["serve", "loopwright", url] => listen(model::application(url).await?.router()).await,
        ["serve", "by hand", url] => listen(by_hand::router(url).await?).await,
        // `cargo test --benches` only wants to know that this compiles.
        ref arguments if arguments.contains(&"--bench") => compare().await,
        _ => Ok(()),
    }
}

/// Serves at a free port, which is printed.
async fn listen(router: axum::Router) -> Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    println!("{}", listener.local_addr()?);
    Ok(axum::serve(listener, router).await?)
}

async fn compare() -> Result<()> {
    println!("| database | connections | server | CPU per request | p50 | p99 |");
    println!("|---|---|---|---|---|---|");
    let sqlite = sqlite_url();
    compare_on("SQLite", &sqlite).await?;
    if let Some(url) = postgres_url() {
        compare_on("PostgreSQL", &url).await?;
    }
    Ok(())
}

async fn compare_on(database: &str, url: &str) -> Result<()> {
    let application = model::application(url).await?;
    model::fill(&application).await?;
    analyze(&application).await?;
    let servers = [
        Server::start(
            "loopwright",
            url,
            &format!("/api/Customers?filter={FILTER}"),
        )?,
        Server::start("by hand", url, "/customers")?,
    ];
    let mut answers = Vec::new();
    for server in &servers {
        let response = server.client.get(&server.url).send().await?;
        answers.push(response.error_for_status()?.json::<Json>().await?);
    }
    if answers[0] != answers[1] {
        return Err(format!(
            "{database}: the answers differ\n{}\n{}",
            answers[0], answers[1]
        )
        .into());
    }
    for connections in CONNECTIONS {
        let mut measured = [Measured::default(), Measured::default()];
        // The first round is for caches, theirs and the database's.
        for round in 0..=ROUNDS {
            for (server, measured) in servers.iter().zip(&mut measured) {
                let times = server.ask(connections).await?;
                if round > 0 {
                    measured.add(times);
                }
            }
        }
        for (server, measured) in servers.iter().zip(&measured) {
            println!(
                "| {database} | {connections} | {} | {:.0} µs | {:.2} ms | {:.2} ms |",
                server.kind,
                measured.cpu(),
                measured.latency(0.5),
                measured.latency(0.99),
            );
        }
        println!(
            "| {database} | {connections} | ratio | {:.2} | | |",
            ratio(&measured)
        );
    }
    Ok(())
}

/// Lets the database look at its tables now, rather than at some time between two rounds.
async fn analyze(application: &Application) -> Result<()> {
    let sql = application.connector::<SqlConnector>("db")?;
    sql.execute("ANALYZE", []).await?;
    Ok(())
}

/// One of the two, in a process of its own.
struct Server {
    kind: &'static str,
    url: String,
    client: reqwest::Client,
    process: Child,
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The CPU time of a round, in microseconds per request, and the time of each request.
struct Times {
    cpu: f64,
    requests: Vec<Duration>,
}

impl Server {
    fn start(kind: &'static str, database: &str, path: &str) -> Result<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .args(["serve", kind, database])
            .stdout(Stdio::piped())
            .spawn()?;
        let mut address = String::new();
        let output = process.stdout.take().ok_or("the server has no output")?;
        BufReader::new(output).read_line(&mut address)?;
        Ok(Server {
            kind,
            url: format!("http://{}{path}", address.trim()),
            client: reqwest::Client::new(),
            process,
        })
    }

    /// Asks as often as one round has requests, over so many connections.
    async fn ask(&self, connections: usize) -> Result<Times> {
        let before = self.cpu()?;
        let each = || async {
            let mut times = Vec::new();
            for _ in 0..REQUESTS / connections {
                let begun = Instant::now();
                let response = self.client.get(&self.url).send().await?;
                response.error_for_status()?.bytes().await?;
                times.push(begun.elapsed());
            }
            Result::Ok(times)
        };
        let requests = try_join_all((0..connections).map(|_| each()))
            .await?
            .concat();
        Ok(Times {
            cpu: (self.cpu()? - before).as_secs_f64() * 1e6 / requests.len() as f64,
            requests,
        })
    }

    /// The time that the threads of the server have been on a processor.
    fn cpu(&self) -> Result<Duration> {
        let mut nanoseconds = 0;
        for thread in std::fs::read_dir(format!("/proc/{}/task", self.process.id()))? {
            let spent = std::fs::read_to_string(thread?.path().join("schedstat"))?;
            let spent = spent.split(' ').next().unwrap_or_default();
            nanoseconds += spent.parse::<u64>()?;
        }
        Ok(Duration::from_nanos(nanoseconds))
    }
}

/// What all rounds have found out, in their order.
#[derive(Default)]
struct Measured {
    cpu: Vec<f64>,
    requests: Vec<Duration>,
}

/// How much the first costs for one of the second: the median of the rounds, since what else the machine does meets both
/// of one round.
fn ratio([first, second]: &[Measured; 2]) -> f64 {
    let pairs = first.cpu.iter().zip(&second.cpu);
    median(pairs.map(|(first, second)| first / second).collect())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

impl Measured {
    fn add(&mut self, times: Times) {
        self.cpu.push(times.cpu);
        self.requests.extend(times.requests);
    }

    /// The median of the rounds.
    fn cpu(&self) -> f64 {
        median(self.cpu.clone())
    }

    /// The time in milliseconds that this part of the requests took at most.
    fn latency(&self, part: f64) -> f64 {
        let mut times = self.requests.clone();
        times.sort_unstable();
        let position = (times.len() as f64 * part) as usize;
        times[position].as_secs_f64() * 1e3
    }
}

//! What requests cost, beside the same served by programs that are written by hand.
//!
//! `cargo bench -p loopwright-benches` fills a database, serves it from several processes (loopwright; axum
//! with sqlx; axum with SeaORM; on PostgreSQL also axum with tokio-postgres, pipelined), and asks all of them for the same,
//! each in turn, round after round, by the same 64 clients. Before that the answers are compared. What counts is the time of
//! the server's process on the processors, all threads, from the operating system's accounting (Linux); that of
//! PostgreSQL's processes stands beside it. Ratios are the median of the rounds' ratios to sqlx: what else the machine does
//! meets all of one round.
//!
//! For a profiler, `fill` with the URL of a database is a command of the benchmark's program, which is a server itself where
//! the variable `SERVE` has the name of one and the URL. `-- get patch` asks only for the kinds whose names hold one of these words; `-- postgres` or `-- sqlite` asks only that
//! database; `-- rounds=5` asks less often.

mod cost;
mod database;
mod measured;
mod model;
mod pipelined;
mod product;
mod request;
mod server;
mod with_sea_orm;
mod with_sqlx;

use std::error::Error;

use serde_json::Value as Json;
use tokio::net::TcpListener;

use self::database::Database;
use self::measured::Measured;
use self::request::{KINDS, Kind};
use self::server::Server;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// The variable that makes a server of the program, which has no arguments then: those of an application are its own.
const SERVE: &str = "SERVE";

/// How many rounds there are, unless said otherwise.
const ROUNDS: usize = 15;
/// How many connections to the database each server has.
const POOL: u32 = 10;

/// The servers; those on PostgreSQL alone come last.
const SERVERS: [&str; 4] = ["sqlx", "SeaORM", "loopwright", "pipelined"];

#[tokio::main]
async fn main() -> Result<()> {
    if let Ok(serve_what) = std::env::var(SERVE) {
        let (server, url) = serve_what.split_once(' ').ok_or("the server has no URL")?;
        return serve(server, url).await;
    }
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["fill", url] => model::fill(url).await,
        // `cargo test --benches` only wants to know that this compiles.
        ref arguments if arguments.contains(&"--bench") => compare(arguments).await,
        _ => Ok(()),
    }
}

async fn serve(server: &str, url: &str) -> Result<()> {
    let router = match server {
        "sqlx" if url.starts_with("sqlite") => with_sqlx::sqlite::router(url).await?,
        "sqlx" => with_sqlx::postgres::router(url).await?,
        "SeaORM" => with_sea_orm::router(url).await?,
        "pipelined" => pipelined::router(url).await?,
        // As its users start it, with all that stands between the socket and the router.
        _ => return Ok(model::app(url).run().await?),
    };
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    println!("http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, router).await?)
}

async fn compare(arguments: &[&str]) -> Result<()> {
    let rounds = arguments
        .iter()
        .find_map(|word| word.strip_prefix("rounds="));
    let rounds = rounds.map_or(Ok(ROUNDS), str::parse)?;
    let databases = ["sqlite", "postgres"];
    let named = |database: &str| {
        arguments.contains(&database) || databases.iter().all(|name| !arguments.contains(name))
    };
    let words = arguments.iter().filter(|word| {
        !word.starts_with("--") && !word.starts_with("rounds=") && !databases.contains(word)
    });
    let words: Vec<_> = words.collect();
    let meant =
        |kind: &&Kind| words.is_empty() || words.iter().any(|word| kind.name.contains(**word));
    let kinds: Vec<_> = KINDS.iter().filter(meant).collect();
    if named("postgres") {
        let database = Database::postgres()?;
        compare_on("PostgreSQL", &database.url, &SERVERS, &kinds, rounds).await?;
    }
    if named("sqlite") {
        let database = Database::sqlite()?;
        compare_on("SQLite", &database.url, &SERVERS[..3], &kinds, rounds).await?;
    }
    Ok(())
}

async fn compare_on(
    database: &str,
    url: &str,
    servers: &[&'static str],
    kinds: &[&Kind],
    rounds: usize,
) -> Result<()> {
    model::fill(url).await?;
    let postmaster = postmaster(url).await?;
    let mut started = Vec::new();
    for name in servers {
        started.push(Server::start(name, url).await?);
    }
    println!("\n{database}\n\n{}", Measured::HEADING);
    for kind in kinds {
        same_answers(kind, &started).await?;
        let mut measured: Vec<_> = started.iter().map(|_| Measured::default()).collect();
        // The first round is for caches, theirs and the database's.
        for round in 0..=rounds {
            for (server, measured) in started.iter().zip(&mut measured) {
                let costs = server.round(kind, round, postmaster).await?;
                if round > 0 {
                    measured.add(costs);
                }
            }
        }
        for (server, own) in started.iter().zip(&measured) {
            println!("{}", own.row(kind.name, server.name, &measured[0]));
        }
    }
    println!("\n| server | memory after all that | first answer after |\n|---|---|---|");
    for server in &started {
        let memory = server.memory()? / 1024;
        println!(
            "| {} | {memory} MB | {:.0} ms |",
            server.name,
            server.started_in.as_secs_f64() * 1e3
        );
    }
    Ok(())
}

/// The process that has started those of the connections.
async fn postmaster(url: &str) -> Result<Option<u32>> {
    if !url.starts_with("postgres") {
        return Ok(None);
    }
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
    let connection = tokio::spawn(connection);
    let backend: i32 = client
        .query_one("SELECT pg_backend_pid()", &[])
        .await?
        .get(0);
    let postmaster = cost::parent(backend.cast_unsigned())?;
    drop(client);
    connection.await??;
    Ok(Some(postmaster))
}

async fn same_answers(kind: &Kind, servers: &[Server]) -> Result<()> {
    let mut expected = None;
    for server in servers {
        let mut answer = server.answer(kind, 3).await?;
        if let Json::Object(answer) = &mut answer
            && kind.method != "GET"
        {
            // Each has its own, and its own time.
            answer.retain(|name, _| !["id", "updated"].contains(&name.as_str()));
        }
        match &expected {
            None => expected = Some(answer),
            Some(expected) if *expected == answer => {}
            Some(expected) => {
                let name = server.name;
                let kind = kind.name;
                let answers = [answer.to_string(), expected.to_string()];
                let [answer, expected] =
                    answers.map(|text| text.chars().take(2000).collect::<String>());
                return Err(
                    format!("{kind}: {name} answers\n{answer}\nand not\n{expected}").into(),
                );
            }
        }
    }
    Ok(())
}

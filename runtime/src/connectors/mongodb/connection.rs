//! From a URL to a database that is there.

use std::io;
use std::pin::pin;
use std::time::Duration;

use mongodb::bson::{Document, doc};
use mongodb::error::{Error as DriverError, ErrorKind};
use mongodb::options::{Acknowledgment, ClientOptions, WriteConcern};
use mongodb::{Client, Database};
use tokio::time::timeout;

use super::MongoOptions;
use super::error::failed;
use crate::{Error, Result};

/// How long a caller waits for a server that is there, unless the URL says otherwise.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// How long an operation may take, unless the configuration says otherwise.
pub(super) const LIMIT: Duration = Duration::from_secs(10);

/// Waits for what may take long, as long as the server shows signs of life: it is asked for one each time that `limit` is
/// over.
pub(super) async fn watched<T>(
    database: &Database,
    limit: Duration,
    work: impl Future<Output = Result<T>>,
) -> Result<T> {
    let mut work = pin!(work);
    loop {
        match timeout(limit, work.as_mut()).await {
            Ok(done) => return done,
            Err(_) => ping(database, limit).await?,
        }
    }
}

/// Asks the server for a sign of life.
pub(super) async fn ping(database: &Database, limit: Duration) -> Result<()> {
    let ping = async {
        let answer = database.run_command(doc! { "ping": 1 }).await;
        answer.map(drop).map_err(failed)
    };
    bounded(limit, ping).await
}

/// Waits for the server, but no longer than `limit`: the driver has no time-out for one that takes a request and then
/// hangs.
pub(super) async fn bounded<T>(
    limit: Duration,
    answer: impl Future<Output = Result<T>>,
) -> Result<T> {
    match timeout(limit, answer).await {
        Ok(answer) => answer,
        // What a time-out of the connection would be.
        Err(_) => Err(failed(io::Error::from(io::ErrorKind::TimedOut).into())),
    }
}

/// The database that a URL without one means, as LoopBack and MongoDB's own tools understand it.
const DEFAULT_DATABASE: &str = "test";

/// Connects, and finds out whether the server is part of a replica set.
pub(super) async fn connect(url: &str, asked: &MongoOptions) -> Result<(Database, bool)> {
    // The driver's words quote the URL, password included.
    let mut options = ClientOptions::parse(url).await.map_err(|error| {
        if let ErrorKind::DnsResolve { .. } = error.kind.as_ref() {
            return unreachable(error);
        }
        Error::internal(
            "the MongoDB data source URL can't be read; it is like `mongodb://user:password@host:27017/database`, \
             with every special character in it percent-encoded",
        )
    })?;
    let or = |asked: Option<Duration>, url: Option<Duration>| asked.or(url).or(Some(PATIENCE));
    options.server_selection_timeout = or(asked.acquire_timeout, options.server_selection_timeout);
    options.connect_timeout = or(asked.connect_timeout, options.connect_timeout);
    options.max_pool_size = asked.max_connections.or(options.max_pool_size);
    options.min_pool_size = asked.min_connections.or(options.min_pool_size);
    options.max_idle_time = asked.idle_timeout.or(options.max_idle_time);
    if options.write_concern.is_none() {
        // What is acknowledged outlives the server that took it.
        let concern = WriteConcern::builder().w(Acknowledgment::Majority);
        options.write_concern = Some(concern.journal(true).build());
    }
    let client = Client::with_options(options).map_err(failed)?;
    let database = client.default_database();
    let database = database.unwrap_or_else(|| client.database(DEFAULT_DATABASE));
    let greeting = timeout(asked.connect_timeout.unwrap_or(LIMIT), greet(&database)).await;
    let silent = |_| Err(io::Error::from(io::ErrorKind::TimedOut).into());
    let replicated = greeting.unwrap_or_else(silent).map_err(unreachable)?;
    Ok((database, replicated))
}

/// Is the server part of a replica set, or of a cluster of them?
async fn greet(database: &Database) -> std::result::Result<bool, DriverError> {
    let hello: Document = database.run_command(doc! { "hello": 1 }).await?;
    // A server tells everybody its name. This it answers only to those that may see something.
    let names = doc! { "listCollections": 1, "nameOnly": true, "authorizedCollections": true };
    database.run_command(names).await?;
    Ok(hello.contains_key("setName") || hello.get_str("msg").ok() == Some("isdbgrid"))
}

fn unreachable(error: DriverError) -> Error {
    let refused = match error.kind.as_ref() {
        ErrorKind::Authentication { .. } => true,
        ErrorKind::Command(error) => matches!(error.code, 13 | 18),
        _ => false,
    };
    let message = if refused {
        "the MongoDB server refuses the program; check the user, the password, the database and the `authSource` of the \
         data source URL"
    } else {
        "the MongoDB server can't be reached; check that it runs and that the host, port and options of the data source \
         URL are right"
    };
    Error::new(503, message)
        .with_code("DATA_SOURCE_UNAVAILABLE")
        .with_source(error)
}

//! One connection that many calls share, and that is made anew when it is lost.

use std::time::Duration;

use redis::aio::{MultiplexedConnection, PubSub};
use redis::{
    AsyncConnectionConfig, Client, Cmd, ErrorKind, FromRedisValue, RedisError, RedisResult,
    ServerErrorKind,
};
use tokio::sync::Mutex;

use crate::{Error, Result};

/// How long one attempt to connect, or one answer, may take.
const PATIENCE: Duration = Duration::from_secs(4);

/// How long a call may take, with everything that it waits for.
const LIMIT: Duration = Duration::from_secs(5);

// The client's own `ConnectionManager` does not do: it never connects again after a refused password, or when a server
// that is out of reach has let it wait.
pub(super) struct Connection {
    client: Client,
    slot: Mutex<Slot>,
}

#[derive(Default)]
struct Slot {
    connection: Option<MultiplexedConnection>,
    /// How many connections there have been: who has lost one does not throw the next one away.
    number: u64,
}

impl Connection {
    /// Reads `url`, and does not connect yet.
    pub fn new(url: &str) -> Result<Self> {
        if cfg!(not(feature = "tls")) && url.starts_with("rediss:") {
            return Err(Error::internal(
                "`rediss:` asks for an encrypted connection, which this program was built without; add the cargo feature `tls`",
            ));
        }
        let client = Client::open(url).map_err(|error| {
            // Its words are about the form of the URL and don't repeat it.
            Error::internal(
                "the URL of Redis can't be used; write `redis://user:password@host:port/database`, of which only the host is needed",
            )
            .with_source(error)
        })?;
        Ok(Connection {
            client,
            slot: Mutex::default(),
        })
    }

    /// The connection, as it is.
    pub async fn get(&self) -> Result<MultiplexedConnection> {
        let connected = tokio::time::timeout(LIMIT, self.connect()).await;
        let (connection, _) = connected.map_err(|_| too_slow())?.map_err(failure)?;
        Ok(connection)
    }

    /// A connection of its own for messages.
    pub async fn pubsub(&self) -> Result<PubSub> {
        let connected = tokio::time::timeout(LIMIT, self.client.get_async_pubsub()).await;
        connected.map_err(|_| too_slow())?.map_err(failure)
    }

    /// The server's answer to `command`, which may be given twice.
    pub async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> Result<T> {
        let asked = async {
            match self.try_once(command).await {
                // It may only have been away for a while.
                Err(error) if error.is_unrecoverable_error() => self.try_once(command).await,
                answer => answer,
            }
        };
        let answer = tokio::time::timeout(LIMIT, asked).await;
        answer.map_err(|_| too_slow())?.map_err(failure)
    }

    /// As [`ask`](Self::ask), for a command that must not be given twice.
    pub async fn ask_once<T: FromRedisValue>(&self, command: &Cmd) -> Result<T> {
        let answer = tokio::time::timeout(LIMIT, self.try_once(command)).await;
        answer.map_err(|_| too_slow())?.map_err(failure)
    }

    async fn try_once<T: FromRedisValue>(&self, command: &Cmd) -> RedisResult<T> {
        let (mut connection, number) = self.connect().await?;
        let answer = command.query_async(&mut connection).await;
        if let Err(error) = &answer
            && (error.is_unrecoverable_error() || error.is_timeout())
        {
            let mut slot = self.slot.lock().await;
            if slot.number == number {
                slot.connection = None;
            }
        }
        answer
    }

    async fn connect(&self) -> RedisResult<(MultiplexedConnection, u64)> {
        let mut slot = self.slot.lock().await;
        if let Some(connection) = &slot.connection {
            return Ok((connection.clone(), slot.number));
        }
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(PATIENCE))
            .set_response_timeout(Some(PATIENCE));
        let connection = self
            .client
            .get_multiplexed_async_connection_with_config(&config)
            .await?;
        slot.connection = Some(connection.clone());
        slot.number += 1;
        Ok((connection, slot.number))
    }
}

pub(super) fn failure(error: RedisError) -> Error {
    let message = match error.kind() {
        ErrorKind::Client
        | ErrorKind::InvalidClientConfig
        | ErrorKind::UnexpectedReturnType
        | ErrorKind::Server(ServerErrorKind::ResponseError | ServerErrorKind::NoPerm) => {
            return Error::internal("Redis has refused a command").with_source(error);
        }
        _ if error.code() == Some("WRONGTYPE") => {
            return Error::internal("something that is no value is kept under this key in Redis")
                .with_source(error);
        }
        ErrorKind::AuthenticationFailed => {
            "Redis has refused the login; check the user and the password in the data source's URL"
        }
        ErrorKind::Io | ErrorKind::Parse => "Redis can't be reached",
        _ => "Redis can't answer now",
    };
    unavailable(message).with_source(error)
}

/// 503 for a connection that has ended.
pub(super) fn lost() -> Error {
    unavailable("the connection to Redis is lost")
}

fn too_slow() -> Error {
    unavailable("Redis did not answer in time")
}

fn unavailable(message: &str) -> Error {
    Error::new(503, message).with_code("DATA_SOURCE_UNAVAILABLE")
}

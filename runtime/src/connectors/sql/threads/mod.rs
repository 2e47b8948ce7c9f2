//! A few threads that ask a SQLite file, each on a connection of its own: whole statements go in, and whole answers come out.
//!
//! By the pool each row comes by itself through a channel, each value copied, and writers try again and again until nobody else
//! writes. Here several threads read, and one writes: see [`writer`]. What takes longer than [`PATIENCE`] to read would hold up
//! what waits behind it: it is ended, and asked again through the pool, and so is everything of its kind for a while. The
//! pool also takes what must have a connection for itself (transactions, the caller's own statements, what observers have
//! changed), and everything that has no answer here for another reason than its own. So nothing depends on this path but
//! speed.

mod file;
mod parameter;
mod question;
mod queue;
mod reader;
mod rows;
mod value;
mod writer;

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::Builder;
use std::time::{Duration, Instant};

use rusqlite::{Error, ErrorCode, ffi};
use sea_orm::Statement;
use tokio::sync::oneshot;

pub(super) use self::file::File;
use self::file::Place;
use self::question::Question;
use self::queue::{Part, Queue};
use self::reader::Reader;
pub(super) use self::rows::{Fetched, Rows};
pub(super) use self::value::decode;
pub(super) use self::writer::Turn;
use self::writer::{Task, Writer};
use super::Answer;
use super::slow::Slow;
use crate::connectors::Connections;

/// How long a statement that reads may hold up those behind it, and wait for those before it.
const PATIENCE: Duration = Duration::from_millis(250);

/// The threads of a data source.
pub(super) struct Threads {
    file: Arc<File>,
    read: Arc<Queue<Question>>,
    write: Arc<Queue<Task>>,
    slow: Arc<Slow>,
    most: u32,
}

impl Threads {
    /// So many threads that read `file`, and one that writes. They open their connections when these are first needed.
    ///
    /// # Errors
    /// The system has no threads left.
    pub fn start(file: File, readers: u32) -> io::Result<Self> {
        let threads = Threads {
            file: Arc::new(file),
            read: Arc::default(),
            write: Arc::default(),
            slow: Arc::default(),
            most: readers.saturating_add(1),
        };
        for _ in 0..readers {
            let reader = Reader {
                part: Part(threads.read.clone()),
                place: Place::new(threads.file.clone()),
                slow: threads.slow.clone(),
            };
            let thread = Builder::new().name("sqlite-read".to_owned());
            thread.spawn(|| reader.run())?;
        }
        let writer = Writer {
            part: Part(threads.write.clone()),
            place: Place::new(threads.file.clone()),
        };
        let thread = Builder::new().name("sqlite-write".to_owned());
        thread.spawn(|| writer.run())?;
        Ok(threads)
    }

    /// The rows of a statement that only reads, if a thread has them soon; otherwise it is for the pool.
    pub async fn read(&self, statement: &Statement) -> Option<Result<Answer, Error>> {
        if self.slow.knows(&statement.sql) {
            return None;
        }
        let (question, answer) = Question::new(statement, true)?;
        if !self.read.push(question) {
            return None;
        }
        answer.await.ok().flatten().filter(is_own)
    }

    /// What a statement has done that writes, or its rows; none if nothing has been done, and it is for the pool.
    pub async fn write(&self, statement: &Statement, rows: bool) -> Option<Result<Answer, Error>> {
        let (question, answer) = Question::new(statement, rows)?;
        if !self.write.push(Task::Write(question)) {
            return None;
        }
        // Without an answer, nobody knows what has been done.
        let answer = answer.await.unwrap_or_else(|_| Some(Err(aborted())));
        answer.filter(is_own)
    }

    /// Waits until a transaction of the pool may write.
    ///
    /// # Errors
    /// Others write for too long.
    pub async fn turn(&self) -> Result<Option<Turn>, Error> {
        let (transaction, turn) = oneshot::channel();
        let asked = Instant::now();
        if !self.write.push(Task::Wait { asked, transaction }) {
            return Ok(None);
        }
        match tokio::time::timeout(self.file.acquire_timeout, turn).await {
            Ok(Ok(turn)) => Ok(Some(turn)),
            _ => Err(locked()),
        }
    }

    /// How many connections are open and in use.
    pub fn connections(&self) -> Connections {
        let asleep = self.read.asleep() + self.write.asleep();
        let open = self.file.open.load(Ordering::Relaxed);
        Connections {
            open,
            idle: open.min(u32::try_from(asleep).unwrap_or(u32::MAX)),
            most: self.most,
        }
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.read.close();
        self.write.close();
    }
}

/// Is the answer one that the pool would give, too? What SQLite does not know here (a table, a function), a connection of the
/// pool may know; nothing has been done then.
fn is_own(answer: &Result<Answer, Error>) -> bool {
    match answer {
        Err(Error::SqliteFailure(error, _)) => error.extended_code != ffi::SQLITE_ERROR,
        Err(_) => false,
        Ok(_) => true,
    }
}

/// Has the statement been ended because it took too long?
fn is_interrupted(error: &Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted)
}

/// Does somebody else hold what the statement needs?
fn is_locked(error: &Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
    )
}

fn locked() -> Error {
    Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_BUSY), None)
}

fn aborted() -> Error {
    Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_ABORT), None)
}

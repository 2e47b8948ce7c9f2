//! The thread that writes.
//!
//! SQLite has one writer at a time. Those of this program stand in one line, transactions among them, rather than each trying
//! again and again. What waits in it is committed together, and answered when that is done.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use rusqlite::Error;
use tokio::sync::oneshot;

use super::file::{Handle, Place};
use super::locked;
use super::question::Question;
use super::queue::{Next, Part};

/// How many statements are committed together at most.
const MOST: usize = 64;

/// How long they may take before they are committed, so that the first of them does not wait for long.
const LONGEST: Duration = Duration::from_millis(5);

/// How often it is looked who has waited for too long while a transaction goes on.
const LOOK: Duration = Duration::from_millis(50);

/// What waits for the thread.
pub(super) enum Task {
    Write(Question),
    /// A transaction of the pool wants to write.
    Wait {
        asked: Instant,
        transaction: oneshot::Sender<Turn>,
    },
}

/// The right to write by way of the pool, until it is dropped.
pub(in crate::connectors::sql) struct Turn {
    _over: mpsc::Sender<()>,
}

impl Task {
    fn asked(&self) -> Instant {
        match self {
            Task::Write(question) => question.asked,
            Task::Wait { asked, .. } => *asked,
        }
    }

    /// Says that somebody else writes for too long. A transaction that gets no turn understands.
    fn refuse(self) {
        if let Task::Write(question) = self {
            question.reply(Some(Err(locked())));
        }
    }
}

/// The thread that writes.
pub(super) struct Writer {
    pub part: Part<Task>,
    pub place: Place,
}

impl Writer {
    /// Writes until nobody can ask any more, and all that was asked is done.
    pub fn run(mut self) {
        loop {
            match self.part.0.next(self.place.file.idle_timeout) {
                Next::Closed => return,
                Next::Nothing => self.place.leave(),
                Next::Task(Task::Wait { transaction, .. }) => self.wait_for(transaction),
                Next::Task(Task::Write(question)) => self.write(question, MOST),
            }
        }
    }

    fn wait_for(&self, transaction: oneshot::Sender<Turn>) {
        let (turn, over) = mpsc::channel();
        if transaction.send(Turn { _over: turn }).is_err() {
            return;
        }
        let patience = self.place.file.acquire_timeout;
        while over.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
            let late = |task: &Task| task.asked().elapsed() >= patience;
            for task in self.part.0.late(late) {
                task.refuse();
            }
        }
    }

    /// Writes what was asked, and what waits behind it, `most` at once, in one transaction. A statement that fails undoes itself
    /// alone, as it does in a transaction of its own.
    fn write(&mut self, first: Question, most: usize) {
        let begun = Instant::now();
        let limit = self.place.file.statement_timeout;
        let Some(handle) = ready(&mut self.place, &first) else {
            return first.reply(None);
        };
        // Who waits for a lock is not slow.
        handle.limit(None);
        if let Err(error) = say("BEGIN IMMEDIATE", handle) {
            return first.reply(Some(Err(error)));
        }
        let mut done = Vec::new();
        let mut undone = false;
        let mut next = Some(first);
        while let Some(question) = next.take() {
            if !question.is_given_up() {
                handle.limit(limit);
                let answer = question.ask(&handle.connection);
                done.push((question, answer));
                // Few failures undo everything that came before, such as a full disk.
                undone = handle.connection.is_autocommit();
            }
            if !undone && done.len() < most && begun.elapsed() < LONGEST {
                next = self.part.0.next_if(|task| match task {
                    Task::Write(question) => Ok(question),
                    task => Err(task),
                });
            }
        }
        if !undone {
            handle.limit(None);
            let Err(error) = say("COMMIT", handle) else {
                for (question, answer) in done {
                    question.reply(Some(answer));
                }
                return;
            };
            if say("ROLLBACK", handle).is_err() {
                self.place.leave();
            }
            if let [(_, answer)] = &mut done[..] {
                *answer = Err(error);
                undone = true;
            }
        }
        if undone && let Some((question, answer)) = done.pop() {
            question.reply(Some(answer));
        }
        // Which of the others can be committed, each finds out by itself.
        for (question, _) in done {
            self.write(question, 1);
        }
    }
}

/// The connection, which waits for other programs as long as `question` may still wait. Where there is none, the pool is to do
/// it all.
fn ready<'p>(place: &'p mut Place, question: &Question) -> Option<&'p Handle> {
    let left = place.file.acquire_timeout;
    let left = left.saturating_sub(question.asked.elapsed());
    let handle = place.handle().and_then(|handle| {
        handle.connection.busy_timeout(left)?;
        Ok(handle)
    });
    handle
        .inspect_err(|error| tracing::debug!(%error, "the connection that writes can't be opened"))
        .ok()
}

fn say(words: &str, handle: &Handle) -> Result<(), Error> {
    handle.connection.prepare_cached(words)?.raw_execute()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::sync::Arc;

    use rusqlite::ErrorCode;
    use sea_orm::{DbBackend, Statement};

    use super::*;
    use crate::connectors::sql::SqlOptions;
    use crate::connectors::sql::threads::File;
    use crate::connectors::sql::threads::queue::Queue;

    /// Those that are written together when there is no room left: what was answered is there, and nothing else.
    #[test]
    fn a_full_disk_undoes_those_alone_that_do_not_fit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("full.db");
        rusqlite::Connection::open(&path)
            .unwrap()
            .execute_batch("CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT)")
            .unwrap();
        let file = File::new(&path, "", &SqlOptions::new()).unwrap();
        let queue = Arc::new(Queue::default());
        let mut writer = Writer {
            part: Part(queue.clone()),
            place: Place::new(Arc::new(file)),
        };
        let connection = &writer.place.handle().unwrap().connection;
        let limit = "PRAGMA max_page_count = 40";
        connection.execute_batch(limit).unwrap();

        let asked: Vec<_> = (0..200_i64)
            .map(|id| {
                let sql = "INSERT INTO note (id, text) VALUES (?, ?)";
                let values = [id.into(), "x".repeat(3000).into()];
                let insert = Statement::from_sql_and_values(DbBackend::Sqlite, sql, values);
                let (question, answer) = Question::new(&insert, false).unwrap();
                assert!(queue.push(Task::Write(question)));
                answer
            })
            .collect();
        queue.close();
        writer.run();

        let answers: Vec<_> = asked
            .into_iter()
            .map(|mut answer| answer.try_recv().unwrap().unwrap())
            .collect();
        let written: Vec<_> = (0..)
            .zip(&answers)
            .filter(|(_, answer)| answer.is_ok())
            .collect();
        assert!((10..100).contains(&written.len()), "{}", written.len());
        for error in answers.iter().filter_map(|answer| answer.as_ref().err()) {
            assert_eq!(error.sqlite_error_code(), Some(ErrorCode::DiskFull));
        }
        let connection = rusqlite::Connection::open(&path).unwrap();
        let mut found = connection
            .prepare("SELECT id FROM note ORDER BY id")
            .unwrap();
        let found = found.query_map([], |row| row.get::<_, i64>(0)).unwrap();
        let found: Vec<_> = found.collect::<Result<_, _>>().unwrap();
        let written: Vec<i64> = written.into_iter().map(|(id, _)| id).collect();
        assert_eq!(found, written);
    }
}

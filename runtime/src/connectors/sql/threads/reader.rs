//! A thread that reads.

use std::sync::Arc;

use super::file::Place;
use super::question::{Question, Reply};
use super::queue::{Next, Part};
use super::{PATIENCE, is_interrupted, is_locked};
use crate::connectors::sql::slow::Slow;

/// A thread that answers questions which only read.
pub(super) struct Reader {
    pub part: Part<Question>,
    pub place: Place,
    pub slow: Arc<Slow>,
}

impl Reader {
    /// Answers until nobody can ask any more.
    pub fn run(mut self) {
        loop {
            match self.part.0.next(self.place.file.idle_timeout) {
                Next::Closed => return,
                Next::Nothing => self.place.leave(),
                Next::Task(question) => {
                    let reply = self.answer(&question);
                    question.reply(reply);
                }
            }
        }
    }

    fn answer(&mut self, question: &Question) -> Reply {
        let late = question.asked.elapsed() >= PATIENCE;
        if late || question.is_given_up() || self.slow.knows(&question.sql) {
            return None;
        }
        // What is ended after the time that it may take at all has its answer by that.
        let limit = self.place.file.statement_timeout;
        let limit = limit.filter(|limit| *limit <= PATIENCE);
        let handle = match self.place.handle() {
            Ok(handle) => handle,
            Err(error) => {
                tracing::debug!(%error, "a shared connection can't be opened");
                return None;
            }
        };
        handle.limit(Some(limit.unwrap_or(PATIENCE)));
        match question.ask(&handle.connection) {
            Err(error) if limit.is_none() && is_interrupted(&error) => {
                self.slow.learn(&question.sql);
                None
            }
            Err(error) if is_locked(&error) => None,
            answer => Some(answer),
        }
    }
}

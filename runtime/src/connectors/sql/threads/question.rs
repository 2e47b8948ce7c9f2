//! A statement on its way to a thread, and its answer on the way back.

use std::time::Instant;

use rusqlite::types::Value;
use rusqlite::{Connection, Error};
use sea_orm::Statement;
use tokio::sync::oneshot;

use super::parameter::parameter;
use super::rows::Rows;
use crate::connectors::sql::Answer;

/// What the caller gets; nothing has been done if it is none.
pub(super) type Reply = Option<Result<Answer, Error>>;

/// A statement that somebody waits for.
pub(super) struct Question {
    pub sql: String,
    parameters: Vec<Value>,
    /// Are rows wanted, or their number?
    rows: bool,
    pub asked: Instant,
    caller: oneshot::Sender<Reply>,
}

impl Question {
    /// The statement, if threads know its values, and where its answer will be.
    pub fn new(statement: &Statement, rows: bool) -> Option<(Self, oneshot::Receiver<Reply>)> {
        let values = statement.values.as_ref();
        let values = values.map_or(&[][..], |values| &values.0);
        let parameters = values.iter().map(parameter).collect::<Option<_>>()?;
        let (caller, answer) = oneshot::channel();
        let question = Question {
            sql: statement.sql.clone(),
            parameters,
            rows,
            asked: Instant::now(),
            caller,
        };
        Some((question, answer))
    }

    /// Does nobody wait for the answer any more?
    pub fn is_given_up(&self) -> bool {
        self.caller.is_closed()
    }

    /// The database's answer: all rows, as SQLite finishes a statement only when it has been read to its end.
    pub fn ask(&self, connection: &Connection) -> Result<Answer, Error> {
        let mut statement = connection.prepare_cached(&self.sql)?;
        for (position, value) in self.parameters.iter().enumerate() {
            statement.raw_bind_parameter(position + 1, value)?;
        }
        if !self.rows {
            let count = statement.raw_execute()?;
            return Ok(Answer::from_affected(count as u64));
        }
        let mut rows = Rows::of_width(statement.column_count());
        let mut found = statement.raw_query();
        while let Some(row) = found.next()? {
            rows.push(row)?;
        }
        Ok(Answer::of_fetched_rows(rows))
    }

    pub fn reply(self, reply: Reply) {
        if reply.is_some() {
            // Where the pool's driver says it, so that who looks there finds all of them.
            tracing::debug!(target: "sqlx::query", summary = self.sql, elapsed = ?self.asked.elapsed());
        }
        // Who has gone away meanwhile wants no answer.
        let _ = self.caller.send(reply);
    }
}

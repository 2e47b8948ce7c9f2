//! Who looks at every statement (contract *connectors.md* §1.7).

use async_trait::async_trait;
use sea_orm::Statement;

use super::Answer;
use crate::Result;

/// Sees every statement of a data source, before it is sent and after it was answered; LoopBack's `before execute` and
/// `after execute`. [`SqlConnector::observe`](super::SqlConnector::observe) takes it.
///
/// What keeps house is not observed: changes of tables, and the beginning and end of transactions.
///
/// ```
/// use loopwright::connectors::sql::{Answer, SqlConnector, StatementObserver, sea_orm::Statement};
/// use loopwright::prelude::*;
///
/// /// Warns of statements that find a thousand rows.
/// struct ManyRows;
///
/// #[async_trait::async_trait]
/// impl StatementObserver for ManyRows {
///     async fn after_execute(&self, statement: &Statement, answer: &Answer) {
///         if answer.row_count() > 1000 {
///             tracing::warn!(rows = answer.row_count(), sql = statement.sql, "many rows");
///         }
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let app = App::new().data_source("db", "sqlite::memory:").build().await?;
/// app.connector::<SqlConnector>("db")?.observe(ManyRows);
/// # Ok(())
/// # }
/// ```
#[async_trait]
pub trait StatementObserver: Send + Sync + 'static {
    /// Before the statement is sent. It may be changed: `statement.sql` and `statement.values`. With `Some` answer the
    /// database is not asked, nor is any later observer.
    ///
    /// # Errors
    /// Those that the caller is to be answered with; the statement is not sent.
    async fn before_execute(&self, statement: &mut Statement) -> Result<Option<Answer>> {
        let _ = statement;
        Ok(None)
    }

    /// After the database has answered. Not called when it failed.
    async fn after_execute(&self, statement: &Statement, answer: &Answer) {
        let _ = (statement, answer);
    }
}

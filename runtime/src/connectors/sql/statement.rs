//! The one way that statements take to the database: observed, bounded in time, and asked again where that is safe.

use std::pin::pin;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use futures_util::TryStreamExt;
use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, Statement, StreamTrait, TransactionSession, TransactionTrait,
};

use super::answer::Row;
use super::cause::is_outdated;
use super::connection::{Health, Pool};
use super::error::{Failure, is_lost};
use super::observer::StatementObserver;
#[cfg(feature = "postgres")]
use super::pipeline::Pipeline;
use super::replica::Replicas;
use super::shape::Texts;
#[cfg(feature = "sqlite")]
use super::threads::{Threads, Turn};
use super::{Answer, Session, SqlOptions};
use crate::Error;

/// What the pool of a data source and its transactions have in common.
pub(super) struct Source {
    backend: DbBackend,
    pub name: Option<String>,
    pub health: Arc<Health>,
    /// How long a caller waits for an answer at most.
    limit: Option<Duration>,
    /// A pooler stands between, which hands the server's connections on after each transaction.
    pub pooler: bool,
    pub observers: Arc<RwLock<Vec<Arc<dyn StatementObserver>>>>,
    pub replicas: Replicas,
    pub texts: Texts,
    #[cfg(feature = "postgres")]
    pub pipeline: Option<Pipeline>,
    #[cfg(feature = "sqlite")]
    pub threads: Option<Threads>,
}

impl Source {
    pub fn new(pool: &mut Pool, options: &SqlOptions) -> Self {
        let limit = options.statement_timeout;
        Source {
            backend: pool.backend,
            name: options.name.clone(),
            health: pool.health.clone(),
            limit: limit.map(|limit| limit + options.acquire_timeout),
            pooler: pool.backend == DbBackend::Postgres && options.statement_cache == 0,
            observers: Arc::default(),
            replicas: Replicas::default(),
            texts: Texts::default(),
            #[cfg(feature = "postgres")]
            pipeline: pool.pipeline.take(),
            #[cfg(feature = "sqlite")]
            threads: pool.threads.take(),
        }
    }

    /// Waits for the database, but not forever: a server that hangs ends nothing by itself.
    pub async fn bounded<T>(
        &self,
        answer: impl Future<Output = Result<T, DbErr>>,
    ) -> Result<T, Failure> {
        self.in_time(answer).await?.map_err(|error| {
            if is_outdated(&error) {
                self.health.outdate();
            } else if is_lost(&error) {
                self.health.lost_one();
            }
            self.failure(error)
        })
    }

    /// The answer, unless it takes longer than anyone waits.
    async fn in_time<T>(&self, answer: impl Future<Output = T>) -> Result<T, Failure> {
        match self.limit {
            Some(limit) => match tokio::time::timeout(limit, answer).await {
                Ok(answer) => Ok(answer),
                Err(_) => Err(self.failure(Failure::out_of_time(self.backend))),
            },
            None => Ok(answer.await),
        }
    }

    /// Waits until a transaction may write, where those who do so stand in a line.
    #[cfg(feature = "sqlite")]
    pub async fn turn(&self) -> Result<Option<Turn>, Failure> {
        match &self.threads {
            Some(threads) => threads.turn().await.map_err(|error| self.failure(error)),
            None => Ok(None),
        }
    }

    /// The failure as one of this data source.
    pub fn failure(&self, failure: impl Into<Failure>) -> Failure {
        failure.into().of(self.name.as_deref())
    }

    fn is_observed(&self) -> bool {
        let observers = self.observers.read();
        !observers.unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    fn observers(&self) -> Vec<Arc<dyn StatementObserver>> {
        let observers = self
            .observers
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        observers.clone()
    }
}

/// What is asked of a statement.
#[derive(Clone, Copy)]
enum Wanted {
    /// The rows of a statement that only reads.
    Found,
    Rows,
    Affected,
}

impl<C> Session<C>
where
    C: ConnectionTrait + TransactionTrait,
{
    /// The rows of a statement.
    pub(super) async fn rows(&self, statement: Statement) -> Result<Answer, Failure> {
        match self.share(&statement, Wanted::Rows).await {
            Some(answer) => answer,
            None => Box::pin(self.rows_alone(statement)).await,
        }
    }

    /// What a statement without rows has done.
    pub(super) async fn affected(&self, statement: Statement) -> Result<Answer, Failure> {
        match self.share(&statement, Wanted::Affected).await {
            Some(answer) => answer,
            None => Box::pin(self.affected_alone(statement)).await,
        }
    }

    /// As [`rows`](Self::rows), on a connection that nobody else uses meanwhile: the statement may leave traces there.
    pub(super) async fn rows_alone(&self, statement: Statement) -> Result<Answer, Failure> {
        self.send(statement, Wanted::Rows).await
    }

    /// As [`affected`](Self::affected), on a connection that nobody else uses meanwhile.
    pub(super) async fn affected_alone(&self, statement: Statement) -> Result<Answer, Failure> {
        self.send(statement, Wanted::Affected).await
    }

    /// The rows of a statement that only reads. A connection may have died unnoticed since it was last used: nothing is
    /// lost by asking once more on another one. A transaction has no other one.
    pub(super) async fn read(&self, statement: Statement) -> Result<Answer, Failure> {
        match self.share(&statement, Wanted::Found).await {
            Some(Err(failure)) if failure.is_lost() => {}
            Some(answer) => return answer,
            None => {}
        }
        if self.in_transaction {
            return Box::pin(self.rows_alone(statement)).await;
        }
        match Box::pin(self.rows_alone(statement.clone())).await {
            Err(failure) if failure.is_lost() => Box::pin(self.rows_alone(statement)).await,
            answer => answer,
        }
    }

    /// Shows the rows of a statement that only reads as they arrive, until `go_on` says no.
    pub(super) async fn each_row(
        &self,
        statement: Statement,
        mut go_on: impl FnMut(Row<'_>) -> Result<bool, Error> + Send,
    ) -> Result<(), Failure>
    where
        C: StreamTrait,
    {
        let observed = self.source.is_observed();
        // An observer sees the whole answer, and a pooler wants a transaction around it.
        if observed || self.source.pooler && !self.in_transaction {
            let answer = self.read(statement).await?;
            for row in answer.rows() {
                if !go_on(row).map_err(|error| self.source.failure(error))? {
                    break;
                }
            }
            return Ok(());
        }
        let shown = self.source.bounded(async {
            let mut rows = pin!(self.connection.stream_raw(statement).await?);
            while let Some(row) = rows.try_next().await? {
                match go_on(Row::Fetched(&row)) {
                    Ok(true) => {}
                    Ok(false) => break,
                    Err(error) => return Ok(Err(error)),
                }
            }
            Ok(Ok(()))
        });
        shown.await?.map_err(|error| self.source.failure(error))
    }

    /// The answer of a shared connection, if the statement can have that.
    async fn share(
        &self,
        statement: &Statement,
        wanted: Wanted,
    ) -> Option<Result<Answer, Failure>> {
        #[cfg(feature = "postgres")]
        if let Some(pipeline) = &self.source.pipeline
            && !self.in_transaction
            && !self.source.is_observed()
        {
            let rows = !matches!(wanted, Wanted::Affected);
            let answer = pipeline.send(statement, rows).await?;
            return Some(answer.map_err(|error| {
                let failure = self.source.failure(error);
                if failure.is_lost() {
                    self.source.health.lost_one();
                }
                failure
            }));
        }
        #[cfg(feature = "sqlite")]
        if let Some(threads) = &self.source.threads
            && !self.in_transaction
            && !self.source.is_observed()
        {
            let answer = async {
                match wanted {
                    Wanted::Found => threads.read(statement).await,
                    Wanted::Rows => threads.write(statement, true).await,
                    Wanted::Affected => threads.write(statement, false).await,
                }
            };
            return match self.source.in_time(answer).await {
                Ok(answer) => {
                    answer.map(|answer| answer.map_err(|error| self.source.failure(error)))
                }
                Err(failure) => Some(Err(failure)),
            };
        }
        let _ = (statement, wanted);
        None
    }

    async fn send(&self, mut statement: Statement, wanted: Wanted) -> Result<Answer, Failure> {
        let observers = self.source.observers();
        for observer in &observers {
            let ended = observer.before_execute(&mut statement).await;
            if let Some(answer) = ended.map_err(|error| self.source.failure(error))? {
                return Ok(answer);
            }
        }
        if observers.is_empty() {
            return self.source.bounded(self.run(statement, wanted)).await;
        }
        let sent = self.run(statement.clone(), wanted);
        let answer = self.source.bounded(sent).await?;
        for observer in &observers {
            observer.after_execute(&statement, &answer).await;
        }
        Ok(answer)
    }

    async fn run(&self, statement: Statement, wanted: Wanted) -> Result<Answer, DbErr> {
        if self.in_transaction || !self.source.pooler {
            return execute(&self.connection, statement, wanted).await;
        }
        // The driver prepares and then executes: in between, the pooler would hand the connection on.
        let transaction = self.connection.begin().await?;
        forget_statements(&transaction).await?;
        let answer = execute(&transaction, statement, wanted).await?;
        transaction.commit().await?;
        Ok(answer)
    }
}

/// Makes the names of prepared statements free, which another client of the pooler may have left behind.
pub(super) async fn forget_statements(transaction: &impl ConnectionTrait) -> Result<(), DbErr> {
    let forget = transaction.execute_unprepared("DEALLOCATE ALL").await;
    forget.map(drop)
}

async fn execute(
    connection: &impl ConnectionTrait,
    statement: Statement,
    wanted: Wanted,
) -> Result<Answer, DbErr> {
    Ok(match wanted {
        // All rows, also where one is expected: SQLite finishes a statement only when it has been read to its end.
        Wanted::Found | Wanted::Rows => Answer::of_rows(connection.query_all_raw(statement).await?),
        Wanted::Affected => {
            let backend = statement.db_backend;
            Answer::of_result(backend, &connection.execute_raw(statement).await?)
        }
    })
}

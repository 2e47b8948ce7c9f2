//! Messages between programs by PostgreSQL's `NOTIFY` and `LISTEN`.

use async_trait::async_trait;
use futures_util::stream::{self, BoxStream, StreamExt};
use sea_orm::sqlx::postgres::PgListener;
use sea_orm::sqlx::{self, PgPool};

use super::error::unreachable;
use crate::Result;
use crate::connectors::Exchange;

/// The server takes less than 8000 bytes.
const LONGEST: usize = 7999;

pub(super) struct PostgresExchange {
    pub pool: PgPool,
    /// The data source's name.
    pub name: Option<String>,
}

#[async_trait]
impl Exchange for PostgresExchange {
    fn longest(&self) -> Option<usize> {
        Some(LONGEST)
    }

    async fn publish(&self, channel: &str, message: &str) -> Result<()> {
        let notify = sqlx::query("SELECT pg_notify($1, $2)")
            .bind(channel)
            .bind(message);
        let notified = notify.execute(&self.pool).await;
        notified.map_err(|error| unreachable(error, self.name.as_deref()))?;
        Ok(())
    }

    async fn subscribe(&self, channel: &str) -> Result<BoxStream<'static, Result<String>>> {
        let name = self.name.clone();
        let failed = move |error| unreachable(error, name.as_deref());
        let mut listener = PgListener::connect_with(&self.pool)
            .await
            .map_err(&failed)?;
        listener.listen(channel).await.map_err(&failed)?;
        let messages = stream::unfold(Some(listener), move |listener| {
            let failed = failed.clone();
            async move {
                let mut listener = listener?;
                match listener.try_recv().await {
                    Ok(Some(told)) => Some((Ok(told.payload().to_owned()), Some(listener))),
                    // It would connect again by itself, and nobody would know what was missed.
                    Ok(None) => Some((Err(failed(sqlx::Error::WorkerCrashed)), None)),
                    Err(error) => Some((Err(failed(error)), None)),
                }
            }
        });
        Ok(messages.boxed())
    }
}

//! What is done when a transaction ends (contract *connectors.md* §1.6).

use std::fmt;

use futures_util::future::BoxFuture;
use tokio::sync::Mutex;

use crate::Result;

/// A moment in the life of a transaction, for [`Transaction::observe`](super::Transaction::observe).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransactionEvent {
    /// Before it is committed: an error undoes it, and is what the caller of the commit gets.
    BeforeCommit,
    /// When it has been committed, and with it every transaction around it. An error can't undo it any more, and goes into
    /// the log.
    AfterCommit,
    /// Before it is undone. An error goes into the log.
    BeforeRollback,
    /// When it has been undone. An error goes into the log.
    AfterRollback,
    /// When its time is up: an error lets it go on.
    Timeout,
}

type Observer = Box<dyn FnOnce() -> BoxFuture<'static, Result<()>> + Send>;

/// What is to be done in the end.
#[derive(Default)]
pub(super) struct Observers {
    waiting: Mutex<Vec<(TransactionEvent, Observer)>>,
}

impl Observers {
    pub async fn add(&self, event: TransactionEvent, observer: Observer) {
        self.waiting.lock().await.push((event, observer));
    }

    /// Does what is to be done at `event`, one after the other, up to the first error.
    pub async fn tell(&self, event: TransactionEvent) -> Result<()> {
        let mut waiting = self.waiting.lock().await;
        let (now, later) = std::mem::take(&mut *waiting)
            .into_iter()
            .partition(|(when, _)| *when == event);
        *waiting = later;
        // What is done may observe the transaction, too.
        drop(waiting);
        let now: Vec<(TransactionEvent, Observer)> = now;
        for (_, observer) in now {
            observer().await?;
        }
        Ok(())
    }

    /// As [`tell`](Self::tell), when it is too late for errors.
    pub async fn tell_and_log(&self, event: TransactionEvent) {
        if let Err(error) = self.tell(event).await {
            tracing::error!("at the end of a transaction ({event:?}): {error}");
        }
    }

    /// Leaves what is still to be done to the transaction around this one.
    pub async fn leave_to(&self, around: &Observers) {
        let left = std::mem::take(&mut *self.waiting.lock().await);
        let left = left.into_iter().filter(|(event, _)| {
            !matches!(
                event,
                TransactionEvent::BeforeCommit | TransactionEvent::Timeout
            )
        });
        around.waiting.lock().await.extend(left);
    }
}

impl fmt::Debug for Observers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Observers").finish_non_exhaustive()
    }
}

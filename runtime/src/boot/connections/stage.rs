//! Where a connection stands, and when it has been waited for too long.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

use super::ServerConfig;

/// Where a connection stands. Its socket says what comes and goes, and what answers says when it does; whoever waits for the
/// connection reads it.
#[derive(Clone)]
pub(super) struct Stage {
    known: Arc<Mutex<Known>>,
}

struct Known {
    doing: Doing,
    since: Instant,
    /// Has something been written of which the rest still waits?
    unsent: bool,
}

#[derive(Clone, Copy)]
enum Doing {
    /// Nothing is asked; what has been answered may still be on its way.
    Idle,
    /// So many bytes of the head of a request have come.
    Head(usize),
    /// A request is under way, until its answer is written.
    Answer,
}

/// Why nobody waits any longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Overdue {
    /// Nothing is asked.
    Idle,
    /// The head of a request takes too long.
    SlowHead,
    /// The head of a request is too large.
    LargeHead,
}

impl Stage {
    pub fn new() -> Self {
        Stage {
            known: Arc::new(Mutex::new(Known {
                doing: Doing::Idle,
                since: Instant::now(),
                unsent: false,
            })),
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// So many bytes have come.
    pub fn received(&self, bytes: usize) {
        let mut known = self.known();
        match &mut known.doing {
            Doing::Idle => {
                known.doing = Doing::Head(bytes);
                known.since = Instant::now();
            }
            Doing::Head(received) => *received = received.saturating_add(bytes),
            Doing::Answer => {}
        }
    }

    /// How many bytes are read at once, so that a head is known to be too large before it is whole; any number, where none is
    /// expected.
    pub fn head_room(&self, most: usize) -> Option<usize> {
        let beyond = most.saturating_add(1);
        match self.known().doing {
            Doing::Idle => Some(beyond),
            Doing::Head(received) => Some(beyond.saturating_sub(received)),
            Doing::Answer => None,
        }
    }

    /// Something has gone.
    pub fn sent(&self) {
        let mut known = self.known();
        known.unsent = true;
        // Who reads an answer slowly is not idle.
        if let Doing::Idle = known.doing {
            known.since = Instant::now();
        }
    }

    /// Everything has gone.
    pub fn flushed(&self) {
        self.known().unsent = false;
    }

    /// Has something been written of which the rest still waits?
    pub fn has_unsent(&self) -> bool {
        self.known().unsent
    }

    /// A request is there. What this returns is kept until its answer is written.
    pub fn asked(&self) -> Answering {
        self.known().doing = Doing::Answer;
        Answering {
            stage: self.clone(),
        }
    }

    /// Has nothing been asked, and nothing been on its way, for this time?
    pub fn is_idle_for(&self, time: Duration) -> bool {
        let known = self.known();
        matches!(known.doing, Doing::Idle) && !known.unsent && known.since.elapsed() >= time
    }

    /// Until when the connection is waited for; without end, while it is the server that is waited for.
    ///
    /// # Errors
    /// It is too late, or the head is too large.
    fn deadline(&self, config: &ServerConfig) -> Result<Option<Instant>, Overdue> {
        let known = self.known();
        let (limit, overdue) = match known.doing {
            Doing::Head(received) if received > config.max_header_size => {
                return Err(Overdue::LargeHead);
            }
            Doing::Head(_) => (config.header_timeout, Overdue::SlowHead),
            // The socket minds how long nothing is read.
            Doing::Idle if known.unsent => return Ok(None),
            Doing::Idle => (config.idle_timeout, Overdue::Idle),
            Doing::Answer => return Ok(None),
        };
        let deadline = known.since.checked_add(limit);
        match deadline {
            Some(deadline) if deadline <= Instant::now() => Err(overdue),
            deadline => Ok(deadline),
        }
    }
}

/// A request that is under way.
pub(super) struct Answering {
    stage: Stage,
}

impl Drop for Answering {
    fn drop(&mut self) {
        let mut known = self.stage.known();
        known.doing = Doing::Idle;
        known.since = Instant::now();
    }
}

/// Waits until a connection has been waited for too long. It is polled by who polls the connection, and after it: whatever
/// the connection does, it finds out.
pub(super) struct Patience<'a> {
    stage: Stage,
    config: &'a ServerConfig,
    alarm: Pin<Box<Sleep>>,
}

impl<'a> Patience<'a> {
    pub fn new(stage: Stage, config: &'a ServerConfig) -> Self {
        Patience {
            stage,
            config,
            alarm: Box::pin(sleep_until(Instant::now())),
        }
    }
}

impl Future for Patience<'_> {
    type Output = Overdue;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Overdue> {
        loop {
            let deadline = match self.stage.deadline(self.config) {
                Ok(Some(deadline)) => deadline,
                Ok(None) => return Poll::Pending,
                Err(overdue) => return Poll::Ready(overdue),
            };
            // An alarm that comes too early finds out until when to wait; each request would set it otherwise.
            if self.alarm.is_elapsed() || self.alarm.deadline() > deadline {
                self.alarm.as_mut().reset(deadline);
            }
            ready!(self.alarm.as_mut().poll(cx));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> ServerConfig {
        ServerConfig {
            header_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(100),
            max_header_size: 4096,
            ..ServerConfig::default()
        }
    }

    /// How long it is waited for a connection on which nothing more happens.
    async fn waits(stage: &Stage) -> (Overdue, u64) {
        let begun = Instant::now();
        let config = config();
        let overdue = Patience::new(stage.clone(), &config).await;
        (overdue, begun.elapsed().as_secs())
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_is_waited_for_as_it_stands() {
        let stage = Stage::new();
        assert_eq!(waits(&stage).await, (Overdue::Idle, 100));
        stage.received(1);
        assert_eq!(waits(&stage).await, (Overdue::SlowHead, 10));
        let answering = stage.asked();
        let config = config();
        let patience = Patience::new(stage.clone(), &config);
        let forever = tokio::time::timeout(Duration::from_secs(86_400), patience);
        forever.await.unwrap_err();
        drop(answering);
        assert_eq!(waits(&stage).await, (Overdue::Idle, 100));
        stage.received(4097);
        assert_eq!(waits(&stage).await, (Overdue::LargeHead, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn a_trickle_does_not_prolong_a_head() {
        let stage = Stage::new();
        let trickle = async {
            loop {
                stage.received(1);
                tokio::time::sleep(Duration::from_secs(3)).await;
            }
        };
        let found = tokio::select! {
            found = waits(&stage) => found,
            () = trickle => unreachable!(),
        };
        assert_eq!(found, (Overdue::SlowHead, 10));
    }

    #[tokio::test(start_paused = true)]
    async fn who_reads_an_answer_is_not_idle() {
        let stage = Stage::new();
        drop(stage.asked());
        stage.sent();
        assert!(!stage.is_idle_for(Duration::ZERO));
        let config = config();
        let patience = Patience::new(stage.clone(), &config);
        let forever = tokio::time::timeout(Duration::from_secs(86_400), patience);
        forever.await.unwrap_err();
        stage.sent();
        stage.flushed();
        assert_eq!(waits(&stage).await, (Overdue::Idle, 100));
        assert!(stage.is_idle_for(Duration::from_secs(100)));
    }
}

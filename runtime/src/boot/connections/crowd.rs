//! How many connections there are, and who leaves when there are too many.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

/// How often those who ask for nothing are asked to leave at most: all of them wake for it.
const PAUSE: Duration = Duration::from_secs(1);

/// All connections.
pub(super) struct Crowd {
    places: Arc<Semaphore>,
    leave: Notify,
    last_asked: Mutex<Option<Instant>>,
}

/// The place of one connection.
pub(super) type Place = OwnedSemaphorePermit;

impl Crowd {
    pub fn new(most: usize) -> Self {
        Crowd {
            places: Arc::new(Semaphore::new(most.min(Semaphore::MAX_PERMITS))),
            leave: Notify::new(),
            last_asked: Mutex::default(),
        }
    }

    /// A place, if there is one.
    pub fn enter(&self) -> Option<Place> {
        self.places.clone().try_acquire_owned().ok()
    }

    /// Asks those to leave who ask for nothing.
    pub fn make_room(&self) {
        let mut last = self
            .last_asked
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if last.is_none_or(|last| last.elapsed() >= PAUSE) {
            *last = Some(Instant::now());
            self.leave.notify_waiters();
        }
    }

    /// Waits until those are asked to leave who ask for nothing.
    pub async fn is_crowded(&self) {
        self.leave.notified().await;
    }
}

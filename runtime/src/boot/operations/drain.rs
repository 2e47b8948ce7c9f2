//! How much is under way, and whether the server comes to an end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// What a server that ends has to wait for.
#[derive(Default)]
pub(in crate::boot) struct Drain {
    begun: AtomicBool,
    under_way: AtomicUsize,
}

impl Drain {
    /// From now on the application is not ready for anything new.
    pub fn begin(&self) {
        self.begun.store(true, Ordering::Relaxed);
    }

    /// Does the server come to an end?
    pub fn has_begun(&self) -> bool {
        self.begun.load(Ordering::Relaxed)
    }

    /// How many requests have not been answered to the end.
    pub fn under_way(&self) -> usize {
        self.under_way.load(Ordering::Relaxed)
    }

    /// One more request is under way, until what this returns is dropped.
    pub fn enter(self: &Arc<Self>) -> UnderWay {
        self.under_way.fetch_add(1, Ordering::Relaxed);
        UnderWay {
            drain: self.clone(),
        }
    }
}

/// A request that has not been answered to the end.
pub(in crate::boot) struct UnderWay {
    drain: Arc<Drain>,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.drain.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}

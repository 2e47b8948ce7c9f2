//! Which statements have held others up.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock};
use std::time::{Duration, Instant};

/// How long a statement that was slow once is taken for slow.
const MEMORY: Duration = Duration::from_secs(60);

/// How many of them are remembered.
const MOST: usize = 1000;

/// The statements that have taken too long, by their text.
#[derive(Default)]
pub(super) struct Slow {
    any: AtomicBool,
    until: RwLock<HashMap<String, Instant>>,
}

impl Slow {
    pub fn knows(&self, sql: &str) -> bool {
        // Mostly there are none.
        if !self.any.load(Ordering::Relaxed) {
            return false;
        }
        let until = self.until.read().unwrap_or_else(PoisonError::into_inner);
        until.get(sql).is_some_and(|until| *until > Instant::now())
    }

    pub fn learn(&self, sql: &str) {
        let now = Instant::now();
        let mut known = self.until.write().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, until| *until > now);
        if known.len() < MOST {
            known.insert(sql.to_owned(), now + MEMORY);
        }
        self.any.store(true, Ordering::Relaxed);
    }
}

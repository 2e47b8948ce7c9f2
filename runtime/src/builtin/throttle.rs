//! What may not be done too often: logins that fail, and calls of applications.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sha2::{Digest as _, Sha256};

use crate::Error;

/// How many names are remembered: past that, those go whose time is over, and then half of the others.
const MAX_NAMES: usize = 100_000;

/// What stands for a name, however long it is.
type Name = [u8; 32];

/// How often something has been done under a name, within a window that begins with the first time.
pub(super) struct Throttle {
    window: Duration,
    counts: Mutex<HashMap<Name, Count>>,
}

struct Count {
    count: u64,
    since: Instant,
}

impl Throttle {
    pub fn new(window: Duration) -> Self {
        Throttle {
            window,
            counts: Mutex::default(),
        }
    }

    /// Counts one more under this name, unless there have been `most` within the window. Then, after which time again.
    /// What has begun counts, so that many at once are not more than one after the other.
    pub fn begin(&self, name: &str, most: u64, now: Instant) -> Result<(), Duration> {
        let mut counts = self.counts();
        if counts.len() >= MAX_NAMES {
            counts.retain(|_, count| now.duration_since(count.since) < self.window);
            if counts.len() >= MAX_NAMES {
                forget_half(&mut counts);
            }
        }
        let new = || Count {
            count: 0,
            since: now,
        };
        let count = counts.entry(digest(name)).or_insert_with(new);
        let age = now.duration_since(count.since);
        if age >= self.window {
            *count = new();
        } else if count.count >= most {
            return Err(self.window - age);
        }
        count.count += 1;
        Ok(())
    }

    /// Forgets what has been done under this name.
    pub fn forget(&self, name: &str) {
        self.counts().remove(&digest(name));
    }

    fn counts(&self) -> MutexGuard<'_, HashMap<Name, Count>> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// 429 for who has to wait this long.
pub(super) fn too_many(what: &str, code: &str, wait: Duration) -> Error {
    let seconds = wait.as_secs().max(1);
    let message = format!("Too many {what}; try again in {seconds} seconds");
    Error::new(429, message)
        .with_code(code)
        .with_property("retryAfter", seconds)
}

fn digest(name: &str) -> Name {
    Sha256::digest(name).into()
}

/// Those that were tried least go first: who makes up many names does not make anybody forget one that is refused.
fn forget_half(counts: &mut HashMap<Name, Count>) {
    let mut order: Vec<_> = counts
        .iter()
        .map(|(name, count)| (count.count, count.since, *name))
        .collect();
    let half = order.len() / 2;
    order.select_nth_unstable(half);
    order.truncate(half);
    for (_, _, name) in order {
        counts.remove(&name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_refused_until_its_time_is_over() {
        let throttle = Throttle::new(Duration::from_secs(60));
        let begin = Instant::now();
        let after = |seconds| begin + Duration::from_secs(seconds);
        for second in 0..3 {
            assert!(throttle.begin("ann", 3, after(second)).is_ok());
        }
        assert_eq!(
            throttle.begin("ann", 3, after(10)),
            Err(Duration::from_secs(50))
        );
        assert!(throttle.begin("bob", 3, after(10)).is_ok());
        assert!(throttle.begin("ann", 3, after(60)).is_ok());
    }

    #[test]
    fn a_flood_of_names_does_not_free_the_one_that_is_refused() {
        let throttle = Throttle::new(Duration::from_secs(60));
        let now = Instant::now();
        for _ in 0..2 {
            assert!(throttle.begin("ann", 2, now).is_ok());
        }
        for number in 0..=MAX_NAMES {
            assert!(throttle.begin(&number.to_string(), 2, now).is_ok());
        }
        assert!(throttle.begin("ann", 2, now).is_err());
        assert!(throttle.counts().len() <= MAX_NAMES);
    }

    #[test]
    fn a_success_is_a_new_beginning() {
        let throttle = Throttle::new(Duration::from_secs(60));
        let now = Instant::now();
        for _ in 0..3 {
            assert!(throttle.begin("ann", 1, now).is_ok());
            throttle.forget("ann");
        }
        assert!(throttle.begin("ann", 1, now).is_ok());
        assert!(throttle.begin("ann", 1, now).is_err());
    }
}

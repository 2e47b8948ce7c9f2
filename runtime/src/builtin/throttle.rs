//! Failed logins are counted, and the calls of applications.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use sha2::{Digest as _, Sha256};

/// How many names are remembered: past that, those go whose time is over, and then half of the others.
const MAX_NAMES: usize = 100_000;

/// What stands for a name, however long it is.
type Name = [u8; 32];

/// How often logins have failed, by the name that was tried.
pub(super) struct Throttle {
    attempts: u32,
    window: Duration,
    failures: Mutex<HashMap<Name, Count>>,
}

struct Count {
    count: u32,
    since: Instant,
}

impl Throttle {
    /// After `attempts` failures within `window` a name is refused; with 0, none is.
    pub fn new(attempts: u32, window: Duration) -> Self {
        Throttle {
            attempts,
            window,
            failures: Mutex::default(),
        }
    }

    /// May somebody try this name? Every attempt counts until it has succeeded, so that many at once are not more than
    /// one after the other. Otherwise, after which time again.
    pub fn begin(&self, name: &str, now: Instant) -> Result<(), Duration> {
        if self.attempts == 0 {
            return Ok(());
        }
        let mut failures = self.failures();
        if failures.len() >= MAX_NAMES {
            failures.retain(|_, failures| now.duration_since(failures.since) < self.window);
            if failures.len() >= MAX_NAMES {
                forget_half(&mut failures);
            }
        }
        let failures = failures.entry(digest(name)).or_insert(Count {
            count: 0,
            since: now,
        });
        let age = now.duration_since(failures.since);
        if age >= self.window {
            *failures = Count {
                count: 0,
                since: now,
            };
        } else if failures.count >= self.attempts {
            return Err(self.window - age);
        }
        failures.count += 1;
        Ok(())
    }

    /// The login with this name was no failure.
    pub fn succeed(&self, name: &str) {
        self.failures().remove(&digest(name));
    }

    fn failures(&self) -> std::sync::MutexGuard<'_, HashMap<Name, Count>> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn digest(name: &str) -> Name {
    Sha256::digest(name).into()
}

/// Those that were tried least go first: who makes up many names does not make anybody forget one that is refused.
fn forget_half(failures: &mut HashMap<Name, Count>) {
    let mut order: Vec<_> = failures
        .iter()
        .map(|(name, failures)| (failures.count, failures.since, *name))
        .collect();
    let half = order.len() / 2;
    order.select_nth_unstable(half);
    order.truncate(half);
    for (_, _, name) in order {
        failures.remove(&name);
    }
}

/// How often applications have called within a minute that begins with the first call.
#[derive(Default)]
pub(super) struct Calls {
    by_id: Mutex<HashMap<String, Count>>,
}

impl Calls {
    /// Counts a call of the application with this id, unless it has called `limit` times within the minute. Then, after which
    /// time again.
    pub fn begin(&self, id: &str, limit: i64, now: Instant) -> Result<(), Duration> {
        const MINUTE: Duration = Duration::from_secs(60);

        // Only applications that there are come here.
        let mut by_id = self.by_id.lock().unwrap_or_else(PoisonError::into_inner);
        let calls = by_id.entry(id.to_owned()).or_insert(Count {
            count: 0,
            since: now,
        });
        let age = now.duration_since(calls.since);
        if age >= MINUTE {
            *calls = Count {
                count: 0,
                since: now,
            };
        } else if i64::from(calls.count) >= limit {
            return Err(MINUTE - age);
        }
        calls.count = calls.count.saturating_add(1);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_refused_until_its_time_is_over() {
        let throttle = Throttle::new(3, Duration::from_secs(60));
        let begin = Instant::now();
        let after = |seconds| begin + Duration::from_secs(seconds);
        for second in 0..3 {
            assert!(throttle.begin("ann", after(second)).is_ok());
        }
        assert_eq!(
            throttle.begin("ann", after(10)),
            Err(Duration::from_secs(50))
        );
        assert!(throttle.begin("bob", after(10)).is_ok());
        assert!(throttle.begin("ann", after(60)).is_ok());
    }

    #[test]
    fn a_flood_of_names_does_not_free_the_one_that_is_refused() {
        let throttle = Throttle::new(2, Duration::from_secs(60));
        let now = Instant::now();
        for _ in 0..2 {
            assert!(throttle.begin("ann", now).is_ok());
        }
        for number in 0..=MAX_NAMES {
            assert!(throttle.begin(&number.to_string(), now).is_ok());
        }
        assert!(throttle.begin("ann", now).is_err());
        assert!(throttle.failures().len() <= MAX_NAMES);
    }

    #[test]
    fn a_success_is_a_new_beginning() {
        let throttle = Throttle::new(1, Duration::from_secs(60));
        let now = Instant::now();
        for _ in 0..3 {
            assert!(throttle.begin("ann", now).is_ok());
            throttle.succeed("ann");
        }
        assert!(throttle.begin("ann", now).is_ok());
        assert!(throttle.begin("ann", now).is_err());
        let open = Throttle::new(0, Duration::from_secs(60));
        for _ in 0..100 {
            assert!(open.begin("ann", now).is_ok());
        }
    }
}

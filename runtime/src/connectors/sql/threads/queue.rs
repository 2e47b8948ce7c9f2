//! What waits for threads to do it.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// What waits, in the order in which it came.
pub(super) struct Queue<T> {
    state: Mutex<State<T>>,
    filled: Condvar,
}

struct State<T> {
    waiting: VecDeque<T>,
    /// How many threads have nothing to do.
    asleep: usize,
    closed: bool,
}

/// What there is to do next.
pub(super) enum Next<T> {
    Task(T),
    /// Nothing for so long.
    Nothing,
    /// Nothing any more.
    Closed,
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        Queue {
            state: Mutex::new(State {
                waiting: VecDeque::new(),
                asleep: 0,
                closed: false,
            }),
            filled: Condvar::new(),
        }
    }
}

impl<T> Queue<T> {
    /// Lets a task wait, unless nobody would do it any more.
    pub fn push(&self, task: T) -> bool {
        let mut state = self.state();
        if state.closed {
            return false;
        }
        state.waiting.push_back(task);
        let wakes = state.asleep > 0;
        drop(state);
        if wakes {
            self.filled.notify_one();
        }
        true
    }

    /// Waits for a task, not longer than `limit`. What waits when the queue is closed is done before that is said.
    pub fn next(&self, limit: Option<Duration>) -> Next<T> {
        let end = limit.map(|limit| Instant::now() + limit);
        let mut state = self.state();
        loop {
            if let Some(task) = state.waiting.pop_front() {
                return Next::Task(task);
            }
            if state.closed {
                return Next::Closed;
            }
            state.asleep += 1;
            let left = end.map(|end| end.saturating_duration_since(Instant::now()));
            state = match left {
                Some(Duration::ZERO) => {
                    state.asleep -= 1;
                    return Next::Nothing;
                }
                Some(left) => {
                    let woken = self.filled.wait_timeout(state, left);
                    woken.unwrap_or_else(PoisonError::into_inner).0
                }
                None => {
                    let woken = self.filled.wait(state);
                    woken.unwrap_or_else(PoisonError::into_inner)
                }
            };
            state.asleep -= 1;
        }
    }

    /// The first task, if there is one and `take` wants it; it gives back what it does not want.
    pub fn next_if<U>(&self, take: impl FnOnce(T) -> Result<U, T>) -> Option<U> {
        let mut state = self.state();
        match take(state.waiting.pop_front()?) {
            Ok(taken) => Some(taken),
            Err(task) => {
                state.waiting.push_front(task);
                None
            }
        }
    }

    /// The tasks at the front for which `is_late` holds.
    pub fn late(&self, is_late: impl Fn(&T) -> bool) -> Vec<T> {
        let mut state = self.state();
        let late = state.waiting.iter().take_while(|task| is_late(task));
        let count = late.count();
        state.waiting.drain(..count).collect()
    }

    /// How many threads have nothing to do.
    pub fn asleep(&self) -> usize {
        self.state().asleep
    }

    /// Takes nothing any more.
    pub fn close(&self) {
        self.state().closed = true;
        self.filled.notify_all();
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A thread's part in a queue. Should the thread panic, nothing waits for it.
pub(super) struct Part<T>(pub Arc<Queue<T>>);

impl<T> Drop for Part<T> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            tracing::error!(
                "a thread that asks SQLite has panicked; the pool does its work from now on"
            );
        }
        self.0.close();
        self.0.late(|_| true);
    }
}

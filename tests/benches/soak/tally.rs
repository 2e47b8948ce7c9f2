//! What has been asked and answered.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::{Mutex, MutexGuard, PoisonError};

use reqwest::Response;

/// Why there is no answer.
fn cause(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

/// What all clients have found out together.
#[derive(Default)]
pub struct Tally {
    answers: Mutex<BTreeMap<(&'static str, String), u64>>,
    acknowledged: Mutex<Vec<String>>,
    unfair: Mutex<Vec<String>>,
}

fn open<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Tally {
    /// So has a request of this kind been answered.
    pub fn answered(&self, kind: &'static str, how: impl Into<String>) {
        *open(&self.answers).entry((kind, how.into())).or_default() += 1;
    }

    /// Counts an answer, or that there was none, and tells its status.
    pub fn note(&self, kind: &'static str, answer: &reqwest::Result<Response>) -> Option<u16> {
        match answer {
            Ok(answer) => {
                let status = answer.status().as_u16();
                self.answered(kind, status.to_string());
                if status == 503 && !answer.headers().contains_key("retry-after") {
                    open(&self.unfair).push(format!("{kind}: 503 without Retry-After"));
                }
                if status == 500 {
                    open(&self.unfair).push(format!("{kind}: 500"));
                }
                Some(status)
            }
            Err(error) => {
                let how = match error.is_timeout() {
                    true => "no answer in 30 s".to_owned(),
                    false => cause(error),
                };
                self.answered(kind, how);
                None
            }
        }
    }

    /// A write of this key is done, as the server says.
    pub fn acknowledged(&self, key: String) {
        open(&self.acknowledged).push(key);
    }

    pub fn keys(&self) -> Vec<String> {
        open(&self.acknowledged).clone()
    }

    /// What no client should have been answered.
    pub fn unfair(&self) -> Vec<String> {
        open(&self.unfair).clone()
    }

    /// A line for each kind.
    pub fn lines(&self) -> Vec<String> {
        let mut kinds = BTreeMap::<_, Vec<_>>::new();
        for ((kind, how), count) in &*open(&self.answers) {
            kinds
                .entry(*kind)
                .or_default()
                .push(format!("{how}: {count}"));
        }
        let line =
            |(kind, answers): (&str, Vec<String>)| format!("| {kind} | {} |", answers.join(", "));
        kinds.into_iter().map(line).collect()
    }
}

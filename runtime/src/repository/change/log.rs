//! The changes of one model, and those who listen to them.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::broadcast::{self, error::RecvError};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use super::{Change, Outbox};
use crate::model::ModelDef;

/// How many changes are kept: so far may a slow listener lag behind, and so far back may one go on that was away.
const BACKLOG: usize = 256;

/// The changes of one model in one application.
pub(crate) struct ChangeLog {
    recent: Mutex<Recent>,
    /// To the other instances of the application, if they are told.
    outbox: Option<Outbox>,
    def: &'static ModelDef,
    /// The task that listens to the data source, where that tells of its changes itself; it ends with the log.
    follower: Mutex<JoinSet<()>>,
}

/// What has happened, with its place in the log.
#[derive(Debug, Clone)]
struct Entry {
    number: u64,
    event: Event,
}

#[derive(Debug, Clone)]
enum Event {
    Changed(Change),
    /// Some changes are not here.
    Missed,
}

struct Recent {
    /// Tells this log from that of another instance or of an earlier run: their numbers mean other changes.
    name: String,
    last: u64,
    /// To those who listen, once somebody has. Nothing is kept for nobody.
    listeners: Option<broadcast::Sender<Entry>>,
    entries: VecDeque<Entry>,
}

/// Where a listener goes on.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Since<'a> {
    Now,
    /// After the change with this id.
    Change(&'a str),
}

/// Somebody who hears every change from some moment on.
pub(crate) struct Listener {
    name: String,
    /// What has been missed while away.
    waiting: VecDeque<Entry>,
    entries: broadcast::Receiver<Entry>,
}

/// What a listener hears.
#[derive(Debug)]
pub(crate) enum Heard {
    /// A change, and its id, from which one can go on.
    Change(Change, String),
    /// Changes that nobody can tell any more.
    Missed,
}

impl ChangeLog {
    /// The log of a model, whose changes are told to other instances by way of `outbox`.
    pub fn new(def: &'static ModelDef, outbox: Option<Outbox>) -> Self {
        ChangeLog {
            recent: Mutex::new(Recent {
                name: new_name(),
                last: 0,
                listeners: None,
                entries: VecDeque::new(),
            }),
            outbox,
            def,
            follower: Mutex::default(),
        }
    }

    /// Does anybody want to know?
    pub fn is_of_interest(&self) -> bool {
        self.outbox.is_some() || self.recent().listeners.is_some()
    }

    /// Tells of a change that this application has made. Where the data source tells of it itself, everybody hears it from
    /// there.
    pub fn made(&self, change: Change) {
        if !self.follower().is_empty() {
            return;
        }
        if let Some(outbox) = &self.outbox {
            outbox.send(self.def, change.clone());
        }
        self.heard(change);
    }

    /// Tells of a change that another instance has made, or the data source has told of.
    pub fn heard(&self, change: Change) {
        self.push(Event::Changed(change));
    }

    /// Tells that changes were missed.
    pub fn missed(&self) {
        self.push(Event::Missed);
    }

    fn push(&self, event: Event) {
        let mut recent = self.recent();
        let Some(listeners) = recent.listeners.clone() else {
            return;
        };
        recent.last += 1;
        let number = recent.last;
        let entry = Entry { number, event };
        if recent.entries.len() == BACKLOG {
            recent.entries.pop_front();
        }
        recent.entries.push_back(entry.clone());
        // Below the lock, so that all hear them in the order of their numbers. An error says that nobody listens now.
        let _ = listeners.send(entry);
    }

    /// Hears what happens from now on, or what has happened since.
    pub fn listen(&self, since: Since<'_>) -> Listener {
        let mut recent = self.recent();
        let listeners = recent
            .listeners
            .get_or_insert_with(|| broadcast::channel(BACKLOG).0);
        let entries = listeners.subscribe();
        let waiting = match since {
            Since::Now => VecDeque::new(),
            Since::Change(id) => recent.since(id),
        };
        Listener {
            name: recent.name.clone(),
            waiting,
            entries,
        }
    }

    /// Has `task` follow the data source, unless one does already. It says when it has begun to hear.
    pub async fn follow<F>(&self, task: impl FnOnce(oneshot::Sender<()>) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let begun = {
            let mut follower = self.follower();
            if !follower.is_empty() {
                return;
            }
            let (begins, begun) = oneshot::channel();
            follower.spawn(task(begins));
            begun
        };
        // An error says that the task has given up.
        let _ = begun.await;
    }

    fn recent(&self) -> MutexGuard<'_, Recent> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn follower(&self) -> MutexGuard<'_, JoinSet<()>> {
        self.follower.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Recent {
    /// What has come after the change with this id.
    fn since(&self, id: &str) -> VecDeque<Entry> {
        let number = id.split_once('-').and_then(|(name, number)| {
            let number: u64 = number.parse().ok()?;
            (name == self.name && number <= self.last).then_some(number)
        });
        let first = self
            .entries
            .front()
            .map_or(self.last + 1, |entry| entry.number);
        match number {
            Some(number) if number + 1 >= first => {
                let after = self.entries.iter().filter(|entry| entry.number > number);
                after.cloned().collect()
            }
            _ => VecDeque::from([Entry {
                number: self.last,
                event: Event::Missed,
            }]),
        }
    }
}

impl Listener {
    /// The next change; nothing when there will be none.
    pub async fn next(&mut self) -> Option<Heard> {
        let entry = match self.waiting.pop_front() {
            Some(entry) => entry,
            None => match self.entries.recv().await {
                Ok(entry) => entry,
                Err(RecvError::Lagged(_)) => return Some(Heard::Missed),
                Err(RecvError::Closed) => return None,
            },
        };
        Some(match entry.event {
            Event::Changed(change) => {
                Heard::Change(change, format!("{}-{}", self.name, entry.number))
            }
            Event::Missed => Heard::Missed,
        })
    }
}

/// Short, and not that of any other log.
fn new_name() -> String {
    let mut name = uuid::Uuid::new_v4().simple().to_string();
    name.truncate(12);
    name
}

//! One level of changes: the data source's own, or that of a transaction within it.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::{Mutex, OwnedMutexGuard};

use super::file;
use super::state::State;
use crate::{Error, Result};

/// How long a writer waits for the other one.
const PATIENCE: Duration = Duration::from_secs(5);

/// A state, and whose turn it is to change it. Readers never wait for a writer's file or transaction.
pub(super) struct Level {
    state: RwLock<State>,
    writer: Arc<Mutex<()>>,
    file: Option<PathBuf>,
}

/// The right to change a level, until it is dropped.
pub(super) type Turn = OwnedMutexGuard<()>;

impl Level {
    pub fn new(state: State, file: Option<PathBuf>) -> Self {
        Level {
            state: RwLock::new(state),
            writer: Arc::default(),
            file,
        }
    }

    pub fn read<T>(&self, see: impl FnOnce(&State) -> T) -> T {
        // A panic while writing can't leave half a change: everything is checked before.
        see(&self.state.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits until no one else changes this level.
    pub async fn turn(&self) -> Result<Turn> {
        let turn = self.writer.clone().lock_owned();
        tokio::time::timeout(PATIENCE, turn).await.map_err(|error| {
            let message =
                "the data source is busy; try again, or shorten the transaction that holds it";
            Error::new(503, message)
                .with_code("DATA_SOURCE_UNAVAILABLE")
                .with_source(error)
        })
    }

    /// Changes the state, completely or, when `change` or the file fails, not at all.
    pub async fn write<T>(
        self: &Arc<Self>,
        change: impl FnOnce(&mut State) -> Result<T>,
    ) -> Result<T> {
        let turn = self.turn().await?;
        if self.file.is_none() {
            let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
            return change(&mut state);
        }
        let mut next = self.read(State::clone);
        let done = change(&mut next)?;
        self.replace(next, turn).await?;
        Ok(done)
    }

    /// Puts `next` in the place of the state.
    pub async fn replace(self: &Arc<Self>, next: State, turn: Turn) -> Result<()> {
        let Some(path) = self.file.clone() else {
            self.put(next);
            return Ok(());
        };
        if self.read(|state| state.is(&next)) {
            return Ok(());
        }
        let level = self.clone();
        // The turn goes along: should the caller stop waiting, file and state still change together.
        let save = move || {
            file::save(&path, &next)?;
            level.put(next);
            drop(turn);
            Ok(())
        };
        let saved = tokio::task::spawn_blocking(save).await;
        saved.unwrap_or_else(|error| {
            Err(Error::internal("the data source's file was not written").with_source(error))
        })
    }

    fn put(&self, next: State) {
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = next;
    }
}

//! The memory data source: records in maps, gone with the program, or kept in one JSON file as LoopBack's memory
//! connector keeps them.
//!
//! It is there for prototypes, tests and data that fits into memory. Every write of a data source with a file writes
//! the whole file, and has reached the disk when it is answered.
//!
//! Writers take turns, readers never wait. A transaction is a state of its own that takes the place of the other one
//! when it is committed: others see all of it or nothing, and whoever else writes waits for it.
//!
//! As JavaScript's dates do, instants keep milliseconds.
//!
//! **Architecture Invariant:** a change is checked as a whole before any of it is made, and a state that others see is
//! never half of one.

mod collection;
mod file;
mod key;
mod level;
mod state;
#[cfg(test)]
mod tests;
mod value;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;

use self::key::Key;
use self::level::{Level, Turn};
use self::state::State;
use self::value::{asked, asked_filter};
use super::{Capabilities, Connector, Isolation, Operations, Transaction};
use crate::model::{ModelDef, Record};
use crate::query::{Condition, Filter};
use crate::{Error, Result};

/// A memory data source.
pub type MemoryConnector = Session<()>;

/// Works on the state of the data source, or on the one of a transaction within `P`.
pub struct Session<P> {
    level: Arc<Level>,
    parent: P,
}

/// What a transaction changes when it is committed, and its turn to do so.
struct Parent {
    level: Arc<Level>,
    turn: Turn,
}

impl<P> fmt::Debug for Session<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").finish_non_exhaustive()
    }
}

impl MemoryConnector {
    /// Opens the data source at `url`.
    ///
    /// - `memory:` holds nothing yet, and ends with the connector.
    /// - `memory://path/to/file.json` is kept in that file (`memory:///var/…` from the root), which is read now and
    ///   written with every change. It is made if it is missing; its folder is not. One program at a time may use it.
    ///
    /// Models of the file that the program doesn't have stay in it.
    ///
    /// # Errors
    /// The URL can't be read, the folder is missing, or the file holds something else; the message says where.
    pub async fn connect(url: &str) -> Result<Self> {
        let file = path(url)?;
        let state = match file.clone() {
            None => State::default(),
            Some(path) => {
                let load = tokio::task::spawn_blocking(move || file::load(&path)).await;
                load.map_err(|error| Error::internal("the file was not read").with_source(error))??
            }
        };
        Ok(Session {
            level: Arc::new(Level::new(state, file)),
            parent: (),
        })
    }
}

/// The file that `url` names.
fn path(url: &str) -> Result<Option<PathBuf>> {
    let path = match url.strip_prefix("memory:") {
        Some("" | "//") => return Ok(None),
        Some(rest) => rest.strip_prefix("//").filter(|path| !path.contains('?')),
        None => None,
    };
    let path = Path::new(path.ok_or_else(|| {
        Error::internal(
            "the URL of a memory data source is `memory:`, or `memory://path/to/file.json` to keep the data, without options",
        )
    })?);
    if !file::folder(path).is_dir() {
        let message = format!(
            "the folder of the file `{}` does not exist; make it first",
            path.display()
        );
        return Err(Error::new(503, message).with_code("DATA_SOURCE_UNAVAILABLE"));
    }
    // A link goes on pointing at the file when that is replaced.
    Ok(Some(
        path.canonicalize().unwrap_or_else(|_| path.to_owned()),
    ))
}

impl<P> Session<P> {
    async fn begin_within(&self) -> Result<Box<dyn Transaction>> {
        let turn = self.level.turn().await?;
        let state = self.level.read(State::clone);
        Ok(Box::new(Session {
            level: Arc::new(Level::new(state, None)),
            parent: Parent {
                level: self.level.clone(),
                turn,
            },
        }))
    }
}

#[async_trait]
impl<P: Send + Sync> Operations for Session<P> {
    async fn find(&self, model: &'static ModelDef, filter: &Filter) -> Result<Vec<Record>> {
        let filter = asked_filter(filter);
        self.level.read(|state| {
            let collection = state.see(model)?;
            Ok(collection.map_or_else(Vec::new, |collection| collection.find(&filter)))
        })
    }

    async fn count(&self, model: &'static ModelDef, condition: &Condition) -> Result<u64> {
        let condition = asked(condition);
        self.level.read(|state| {
            let collection = state.see(model)?;
            let count = collection.map_or(0, |collection| collection.matching(&condition).count());
            Ok(count as u64)
        })
    }

    async fn create(&self, model: &'static ModelDef, record: Record) -> Result<Record> {
        let create = |state: &mut State| state.open(model)?.create(record);
        self.level.write(create).await
    }

    async fn update(
        &self,
        model: &'static ModelDef,
        condition: &Condition,
        changes: &Record,
    ) -> Result<u64> {
        let condition = asked(condition);
        let update = |state: &mut State| {
            let ids = found(state, model, &condition)?;
            if !ids.is_empty() && !changes.is_empty() {
                state.open(model)?.update(&ids, changes)?;
            }
            Ok(ids.len() as u64)
        };
        self.level.write(update).await
    }

    async fn delete(&self, model: &'static ModelDef, condition: &Condition) -> Result<u64> {
        let condition = asked(condition);
        let delete = |state: &mut State| {
            let ids = found(state, model, &condition)?;
            if !ids.is_empty() {
                state.open(model)?.delete(&ids);
            }
            Ok(ids.len() as u64)
        };
        self.level.write(delete).await
    }
}

/// The ids of the rows that `condition` finds. A state without any is not touched.
fn found(state: &State, model: &'static ModelDef, condition: &Condition) -> Result<Vec<Key>> {
    Ok(match state.see(model)? {
        Some(collection) => {
            let matching = collection.matching(condition);
            matching.map(|(id, _)| id.clone()).collect()
        }
        None => Vec::new(),
    })
}

#[async_trait]
impl Connector for MemoryConnector {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            structured_conditions: true,
            regexp: true,
            near: true,
            microseconds: false,
            transactions: true,
            savepoints: true,
            foreign_keys: false,
            change_streams: false,
        }
    }

    async fn ping(&self) -> Result<()> {
        Ok(())
    }

    async fn autoupdate(&self, models: &[&'static ModelDef]) -> Result<()> {
        // On a copy: of several models, none is changed when one can't be.
        let turn = self.level.turn().await?;
        let mut next = self.level.read(State::clone);
        next.update(models)?;
        self.level.replace(next, turn).await
    }

    async fn automigrate(&self, models: &[&'static ModelDef]) -> Result<()> {
        let reset = |state: &mut State| {
            state.reset(models);
            Ok(())
        };
        self.level.write(reset).await
    }

    async fn begin(&self, _isolation: Option<Isolation>) -> Result<Box<dyn Transaction>> {
        // Writers take turns and readers see what is committed: that is the strictest isolation, and serves for all.
        self.begin_within().await
    }
}

#[async_trait]
impl Transaction for Session<Parent> {
    async fn begin(&self) -> Result<Box<dyn Transaction>> {
        self.begin_within().await
    }

    async fn commit(self: Box<Self>) -> Result<()> {
        // One that is still open within would come too late.
        let _turn = self.level.turn().await?;
        let Parent { level, turn } = self.parent;
        level.replace(self.level.read(State::clone), turn).await
    }

    async fn rollback(self: Box<Self>) -> Result<()> {
        Ok(())
    }
}

//! The file, and how it is opened.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rusqlite::{Connection, Error, OpenFlags};

use super::PATIENCE;
use crate::connectors::sql::SqlOptions;
use crate::connectors::sql::column::{SQLITE_DECIMAL, decimal_order};

/// How many of its own instructions SQLite does between two looks at the clock.
const INSTRUCTIONS: i32 = 1000;

/// A SQLite file that several connections may share.
pub(in crate::connectors::sql) struct File {
    path: PathBuf,
    read_only: bool,
    statement_cache: usize,
    /// How long who writes waits for others who do.
    pub(super) acquire_timeout: Duration,
    pub(super) statement_timeout: Option<Duration>,
    pub(super) idle_timeout: Option<Duration>,
    max_lifetime: Option<Duration>,
    /// How many connections are open.
    pub(super) open: Arc<AtomicU32>,
}

impl File {
    /// The file at `path`, which the URL asks for with this query. None for what is in memory, where each connection would have a
    /// database of its own, nor where the URL asks for more than a file.
    pub fn new(path: &Path, query: &str, options: &SqlOptions) -> Option<Self> {
        let name = path.to_str()?;
        let plain = !name.is_empty() && name != ":memory:" && !name.starts_with("file:");
        let mut asked = query.split('&').filter(|parameter| !parameter.is_empty());
        let modes = ["mode=ro", "mode=rw", "mode=rwc"];
        if !plain || !asked.all(|parameter| modes.contains(&parameter)) {
            return None;
        }
        Some(File {
            path: path.to_owned(),
            read_only: query.contains("mode=ro"),
            statement_cache: options.statement_cache,
            acquire_timeout: options.acquire_timeout,
            statement_timeout: options.statement_timeout,
            idle_timeout: options.idle_timeout,
            max_lifetime: options.max_lifetime,
            open: Arc::default(),
        })
    }

    /// A connection like those of the pool.
    fn open(&self) -> Result<Handle, Error> {
        let access = if self.read_only {
            OpenFlags::SQLITE_OPEN_READ_ONLY
        } else {
            // The pool has made the file: one that has gone away since is the pool's business.
            OpenFlags::SQLITE_OPEN_READ_WRITE
        };
        let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags)?;
        connection.busy_timeout(PATIENCE)?;
        connection.set_prepared_statement_cache_capacity(self.statement_cache);
        connection.create_collation(SQLITE_DECIMAL, decimal_order)?;
        connection.execute_batch("PRAGMA foreign_keys = ON")?;
        if !self.read_only {
            connection.execute_batch("PRAGMA journal_mode = WAL")?;
        }
        let opened = Instant::now();
        let end = Arc::new(AtomicU64::new(u64::MAX));
        let watched = end.clone();
        let is_over = move || since(opened) >= watched.load(Ordering::Relaxed);
        connection.progress_handler(INSTRUCTIONS, Some(is_over))?;
        self.open.fetch_add(1, Ordering::Relaxed);
        Ok(Handle {
            connection,
            opened,
            end,
            open: self.open.clone(),
        })
    }
}

/// A connection of one thread.
pub(super) struct Handle {
    pub connection: Connection,
    opened: Instant,
    /// When the statement that runs is ended, in microseconds since the connection was opened.
    end: Arc<AtomicU64>,
    open: Arc<AtomicU32>,
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.open.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Handle {
    /// The next statement may take so long, and is ended then.
    pub fn limit(&self, limit: Option<Duration>) {
        let end = limit.map_or(u64::MAX, |limit| {
            since(self.opened).saturating_add(micros(limit))
        });
        self.end.store(end, Ordering::Relaxed);
    }
}

fn since(opened: Instant) -> u64 {
    micros(opened.elapsed())
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// A thread's place for its connection.
pub(super) struct Place {
    pub file: Arc<File>,
    handle: Option<Handle>,
}

impl Place {
    pub fn new(file: Arc<File>) -> Self {
        Place { file, handle: None }
    }

    /// The connection, which is opened when it is first needed and when it has become too old.
    pub fn handle(&mut self) -> Result<&Handle, Error> {
        let limit = self.file.max_lifetime;
        let young = |handle: &Handle| limit.is_none_or(|limit| handle.opened.elapsed() < limit);
        let handle = match self.handle.take().filter(young) {
            Some(handle) => handle,
            None => self.file.open()?,
        };
        Ok(self.handle.insert(handle))
    }

    /// Closes the connection.
    pub fn leave(&mut self) {
        self.handle = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_more_or_less_than_a_file_is_not_shared() {
        for (path, query, shared) in [
            ("shop.db", "", true),
            ("shop.db", "mode=rwc", true),
            ("shop.db", "mode=ro", true),
            ("shop.db", "mode=memory", false),
            ("shop.db", "cache=shared", false),
            ("shop.db", "mode=rw&immutable=1", false),
            ("file:shop.db", "", false),
            (":memory:", "", false),
            ("", "", false),
        ] {
            let file = File::new(Path::new(path), query, &SqlOptions::new());
            assert_eq!(file.is_some(), shared, "{path}?{query}");
        }
    }
}

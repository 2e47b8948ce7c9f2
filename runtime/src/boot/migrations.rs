//! Versioned migrations of the data source `db`: at the start, and by the command `migrate`.

use std::any::Any;

use super::App;
use super::app::DEFAULT_DATA_SOURCE;
use super::command::print;
use super::connected::Connected;
use super::data_source::DataSource;
use crate::connectors::sql::sea_orm_migration::MigratorTrait;
use crate::connectors::sql::{Migrations, SqlConnector};
use crate::{Error, Result};

impl App {
    /// The application with versioned migrations of the data source `db`, which must be a SQL database. The command
    /// `migrate create` writes them, and the `Migrator` that lists them.
    ///
    /// From then on migrations alone change the tables there: `migrate apply` runs the pending ones, `migrate revert`
    /// undoes the last, and a start with pending ones is refused. A database that has had what they do before there were
    /// migrations (one of LoopBack's, or one that `autoupdate` has made) adopts them with `migrate baseline`. With `autoupdate = true` in the data source's
    /// configuration a start runs them first.
    ///
    /// ```no_run
    /// use loopwright::connectors::sql::sea_orm_migration::prelude::*;
    /// use loopwright::prelude::*;
    ///
    /// // Usually `mod migration;`, as `migrate create` writes it.
    /// struct Migrator;
    ///
    /// impl MigratorTrait for Migrator {
    ///     fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    ///         vec![]
    ///     }
    /// }
    ///
    /// #[loopwright::main]
    /// async fn main() -> loopwright::Result<()> {
    ///     App::new().migrations::<Migrator>().run().await
    /// }
    /// ```
    pub fn migrations<M: MigratorTrait>(mut self) -> Self {
        self.migrations = Some(Migrations::of::<M>());
        self
    }
}

impl Connected {
    /// The migrations of this data source, if it has some.
    pub(super) fn versioned<'a>(
        &self,
        data_source: &'a DataSource,
    ) -> Result<Option<Versioned<'a>>> {
        let Some(migrations) = self.app.migrations else {
            return Ok(None);
        };
        if data_source.name != DEFAULT_DATA_SOURCE {
            return Ok(None);
        }
        Ok(Some(Versioned {
            migrations,
            connector: sql(data_source)?,
        }))
    }

    /// Is the data source brought up to date by migrations? Then none is pending when the application starts.
    pub(super) async fn start_migrated(&self, data_source: &DataSource) -> Result<bool> {
        let Some(versioned) = self.versioned(data_source)? else {
            return Ok(false);
        };
        if data_source.autoupdate == Some(true) && !versioned.pending().await?.is_empty() {
            versioned.migrations.apply(versioned.connector).await?;
        }
        versioned.refuse_pending().await?;
        Ok(true)
    }
}

/// The connector of a data source that may have migrations.
///
/// # Errors
/// It is no SQL database.
pub(super) fn sql(data_source: &DataSource) -> Result<&SqlConnector> {
    let connector = data_source.connector();
    let sql = connector.and_then(|one| (one.as_ref() as &dyn Any).downcast_ref());
    sql.ok_or_else(|| {
        Error::internal(format!(
            "the data source \"{}\" is no SQL database, and only these have versioned migrations; begin its URL with \
             `sqlite:`, `postgres:` or `mysql:`",
            data_source.name
        ))
    })
}

/// Migrations, and the database that they are for.
pub(super) struct Versioned<'a> {
    migrations: Migrations,
    connector: &'a SqlConnector,
}

impl Versioned<'_> {
    /// Runs the pending ones.
    pub(super) async fn apply(&self) -> Result<()> {
        let applied = self.migrations.apply(self.connector).await?;
        if applied.is_empty() {
            return print("-- no migration is pending");
        }
        for name in applied {
            print(&format!("{DEFAULT_DATA_SOURCE} {name}: applied"))?;
        }
        Ok(())
    }

    /// Records those up to `last`, or all of them, as applied.
    pub(super) async fn baseline(&self, last: Option<&str>) -> Result<()> {
        let recorded = self.migrations.baseline(self.connector, last).await?;
        if recorded.is_empty() {
            return print("-- no migration is pending");
        }
        for name in recorded {
            print(&format!(
                "{DEFAULT_DATA_SOURCE} {name}: recorded as applied"
            ))?;
        }
        Ok(())
    }

    /// Undoes the last one.
    pub(super) async fn revert(&self) -> Result<()> {
        match self.migrations.revert(self.connector).await? {
            Some(name) => print(&format!("{DEFAULT_DATA_SOURCE} {name}: undone")),
            None => print("-- no migration has been applied"),
        }
    }

    /// Prints of each whether it has been applied.
    pub(super) async fn status(&self) -> Result<()> {
        for version in self.migrations.versions(self.connector).await? {
            let state = if version.applied {
                "applied"
            } else {
                "pending"
            };
            print(&format!("{DEFAULT_DATA_SOURCE} {}: {state}", version.name))?;
        }
        Ok(())
    }

    /// The names of those that have not been applied.
    pub(super) async fn pending(&self) -> Result<Vec<String>> {
        let versions = self.migrations.versions(self.connector).await?;
        let pending = versions.into_iter().filter(|version| !version.applied);
        Ok(pending.map(|version| version.name).collect())
    }

    /// # Errors
    /// There are pending ones.
    pub(super) async fn refuse_pending(&self) -> Result<()> {
        let pending = self.pending().await?;
        if pending.is_empty() {
            return Ok(());
        }
        Err(Error::internal(format!(
            "the data source \"{DEFAULT_DATA_SOURCE}\" has pending migrations ({}); run the command `migrate apply` first",
            pending.join(", ")
        )))
    }
}

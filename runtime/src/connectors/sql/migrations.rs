//! Versioned migrations: `sea-orm-migration` keeps in the database which of them it has had.

use async_trait::async_trait;
use sea_orm::{DatabaseTransaction, DbBackend, DbErr, DynIden};
use sea_orm_migration::{
    MigrationName, MigrationStatus, MigrationTrait, MigratorTrait, MigratorTraitSelf, SchemaManager,
};

use super::error::failed;
use super::{SqlConnector, schema};
use crate::{Error, Result};

/// The migrations of one data source: a [`MigratorTrait`] as a value.
#[derive(Clone, Copy)]
pub(crate) struct Migrations {
    list: fn() -> Vec<Box<dyn MigrationTrait>>,
    table: fn() -> DynIden,
}

impl MigratorTraitSelf for Migrations {
    fn migrations(&self) -> Vec<Box<dyn MigrationTrait>> {
        (self.list)()
    }

    fn migration_table_name(&self) -> DynIden {
        (self.table)()
    }
}

/// The same migrations as if they had nothing to do: a database that has had what they do takes them for applied.
struct Baseline(Migrations);

impl MigratorTraitSelf for Baseline {
    fn migrations(&self) -> Vec<Box<dyn MigrationTrait>> {
        let nothing =
            |name: &str| -> Box<dyn MigrationTrait> { Box::new(Nothing(name.to_owned())) };
        let all = self.0.migrations();
        all.iter()
            .map(|migration| nothing(migration.name()))
            .collect()
    }

    fn migration_table_name(&self) -> DynIden {
        self.0.migration_table_name()
    }
}

/// A migration that has nothing to do.
struct Nothing(String);

impl MigrationName for Nothing {
    fn name(&self) -> &str {
        &self.0
    }
}

#[async_trait]
impl MigrationTrait for Nothing {
    async fn up(&self, _manager: &SchemaManager) -> std::result::Result<(), DbErr> {
        Ok(())
    }
}

/// A migration, and whether the database has had it.
pub(crate) struct Version {
    pub name: String,
    pub applied: bool,
}

impl Migrations {
    pub fn of<M: MigratorTrait>() -> Self {
        Migrations {
            list: M::migrations,
            table: M::migration_table_name,
        }
    }

    /// All of them, in the order in which they are applied.
    pub async fn versions(&self, connector: &SqlConnector) -> Result<Vec<Version>> {
        let all = self.get_migration_with_status_read_only(&connector.connection);
        let all = all.await.map_err(unknown)?;
        let version = |migration: &sea_orm_migration::Migration| Version {
            name: migration.name().to_owned(),
            applied: migration.status() == MigrationStatus::Applied,
        };
        Ok(all.iter().map(version).collect())
    }

    /// Applies the pending ones and says which these were.
    pub async fn apply(&self, connector: &SqlConnector) -> Result<Vec<String>> {
        let mut done = Vec::new();
        schema::alone(connector, async |transaction| {
            for name in self.pending(transaction).await? {
                let applied = self.up(transaction, Some(1)).await;
                applied.map_err(|error| stopped(connector.backend, "apply", &name, error))?;
                done.push(name);
            }
            Ok(())
        })
        .await?;
        Ok(done)
    }

    /// Records the pending ones up to `last`, or all of them, as applied without running them, and says which these were.
    ///
    /// # Errors
    /// There is none called `last`.
    pub async fn baseline(
        &self,
        connector: &SqlConnector,
        last: Option<&str>,
    ) -> Result<Vec<String>> {
        let all = self.migrations();
        let known = |name: &str| all.iter().position(|migration| migration.name() == name);
        let end = match last {
            None => all.len(),
            Some(name) => 1 + known(name).ok_or_else(|| no_migration(name, &all))?,
        };
        let mut recorded = Vec::new();
        schema::alone(connector, async |transaction| {
            for name in self.pending(transaction).await? {
                if known(&name).is_none_or(|position| position >= end) {
                    break;
                }
                let record = Baseline(*self).up(transaction, Some(1)).await;
                record.map_err(failed)?;
                recorded.push(name);
            }
            Ok(())
        })
        .await?;
        Ok(recorded)
    }

    /// Undoes the one that was applied last, and says which this was.
    pub async fn revert(&self, connector: &SqlConnector) -> Result<Option<String>> {
        let mut undone = None;
        schema::alone(connector, async |transaction| {
            let applied = self.get_applied_migrations(transaction).await;
            let applied = applied.map_err(unknown)?;
            let Some(last) = applied.last() else {
                return Ok(());
            };
            let reverted = self.down(transaction, Some(1)).await;
            reverted.map_err(|error| stopped(connector.backend, "undo", last.name(), error))?;
            undone = Some(last.name().to_owned());
            Ok(())
        })
        .await?;
        Ok(undone)
    }

    async fn pending(&self, transaction: &DatabaseTransaction) -> Result<Vec<String>> {
        let pending = self.get_pending_migrations(transaction).await;
        let pending = pending.map_err(unknown)?;
        Ok(pending.iter().map(|one| one.name().to_owned()).collect())
    }
}

fn no_migration(name: &str, all: &[Box<dyn MigrationTrait>]) -> Error {
    let names: Vec<_> = all.iter().map(|migration| migration.name()).collect();
    let likeness = |known: &&str| strsim::jaro_winkler(name, known);
    let nearest = names
        .iter()
        .max_by(|one, other| likeness(one).total_cmp(&likeness(other)));
    Error::internal(match nearest {
        Some(nearest) => format!("there is no migration `{name}`; did you mean `{nearest}`?"),
        None => format!("there is no migration `{name}`, nor any other"),
    })
}

/// The database can't be asked, or has had a migration that the program doesn't know.
fn unknown(error: DbErr) -> Error {
    match error {
        DbErr::Custom(reason) => Error::internal(format!(
            "the program's migrations are older than the database, or one was removed: {reason}"
        )),
        error => failed(error),
    }
}

/// Which migration failed, and what it leaves behind.
fn stopped(backend: DbBackend, what: &str, name: &str, error: DbErr) -> Error {
    let outcome = match backend {
        DbBackend::MySql => "what came before stays: this database can't take it back",
        _ => "nothing was changed",
    };
    let reason = match &error {
        DbErr::Migration(reason) => reason.as_str(),
        _ => "the database refused",
    };
    let message = format!("can't {what} the migration `{name}`: {reason} ({outcome})");
    let error = failed(error);
    Error::new(if error.status() == 503 { 503 } else { 500 }, message).with_source(error)
}

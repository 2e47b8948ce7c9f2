//! Versioned migrations: `sea-orm-migration` keeps in the database which of them it has had.

use sea_orm::{DatabaseTransaction, DbBackend, DbErr, DynIden};
use sea_orm_migration::{MigrationStatus, MigrationTrait, MigratorTrait, MigratorTraitSelf};

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
        schema::alone(
            &connector.connection,
            connector.backend,
            async |transaction| {
                for name in self.pending(transaction).await? {
                    let applied = self.up(transaction, Some(1)).await;
                    applied.map_err(|error| stopped(connector.backend, "apply", &name, error))?;
                    done.push(name);
                }
                Ok(())
            },
        )
        .await?;
        Ok(done)
    }

    /// Undoes the one that was applied last, and says which this was.
    pub async fn revert(&self, connector: &SqlConnector) -> Result<Option<String>> {
        let mut undone = None;
        schema::alone(
            &connector.connection,
            connector.backend,
            async |transaction| {
                let applied = self.get_applied_migrations(transaction).await;
                let applied = applied.map_err(unknown)?;
                let Some(last) = applied.last() else {
                    return Ok(());
                };
                let reverted = self.down(transaction, Some(1)).await;
                reverted.map_err(|error| stopped(connector.backend, "undo", last.name(), error))?;
                undone = Some(last.name().to_owned());
                Ok(())
            },
        )
        .await?;
        Ok(undone)
    }

    async fn pending(&self, transaction: &DatabaseTransaction) -> Result<Vec<String>> {
        let pending = self.get_pending_migrations(transaction).await;
        let pending = pending.map_err(unknown)?;
        Ok(pending.iter().map(|one| one.name().to_owned()).collect())
    }
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

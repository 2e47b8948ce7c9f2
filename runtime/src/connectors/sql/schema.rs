//! Tables that follow the models: what is missing is added, nothing is changed or dropped.

use sea_orm::sea_query::{ColumnDef, Expr, Index, Table};
use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, Statement};

use super::SqlConnector;
use super::column::{bind, column_type, sqlite_instant};
use super::error::explain;
use crate::connectors::fit::holds_duplicates;
use crate::model::{DefaultDef, IndexDef, ModelDef, PropertyDef, PropertyType, Value};
use crate::{Error, Result};

/// Names are cut at this length by PostgreSQL, at 64 by MySQL.
const LONGEST_NAME: usize = 63;

/// `customer_email_key`, or `customer_city_index` for one that isn't unique.
pub(super) fn index_name(model: &ModelDef, property: &PropertyDef) -> String {
    let suffix = match property.index {
        Some(IndexDef::Unique) => "key",
        _ => "index",
    };
    let name = format!("{}_{}_{suffix}", model.table, property.column);
    if name.len() <= LONGEST_NAME {
        return name;
    }
    // FNV-1a: two long names that begin alike must not become one.
    let hash = name.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    let mut cut = LONGEST_NAME - 9;
    while !name.is_char_boundary(cut) {
        cut -= 1;
    }
    format!("{}_{hash:08x}", &name[..cut])
}

/// Brings the tables of `models` up to date. One process does so at a time; the others wait.
pub(super) async fn autoupdate(
    connector: &SqlConnector,
    models: &[&'static ModelDef],
) -> Result<()> {
    let Some(first) = models.first() else {
        return Ok(());
    };
    let session = connector.open(None).await?;
    let schema = Schema {
        transaction: session.sea_orm(),
        backend: connector.backend,
    };
    schema.lock(first).await?;
    let mut result = Ok(());
    for model in models {
        result = schema.update(model).await;
        if result.is_err() {
            break;
        }
    }
    schema.unlock().await;
    match result {
        Ok(()) => session.end().await,
        // Dropped here, the transaction is rolled back.
        Err(error) => Err(error),
    }
}

/// Drops the tables of `models`, with all their data.
pub(super) async fn drop_tables(
    connection: &DatabaseConnection,
    models: &[&'static ModelDef],
) -> Result<()> {
    for model in models {
        let drop = Table::drop().table(model.table).if_exists().to_owned();
        let result = connection.execute(&drop).await;
        result.map_err(|error| explain(error, model, None))?;
    }
    Ok(())
}

struct Schema<'a> {
    transaction: &'a DatabaseTransaction,
    backend: DbBackend,
}

impl Schema<'_> {
    async fn lock(&self, model: &'static ModelDef) -> Result<()> {
        // A change of tables takes as long as it takes.
        let unlimited = match self.backend {
            DbBackend::Postgres => "SET LOCAL statement_timeout = 0",
            DbBackend::MySql => {
                "SET @loopwright_limit = 0 /*M! + @@max_statement_time, SESSION max_statement_time = 0 */"
            }
            // An immediate transaction is the lock.
            _ => return Ok(()),
        };
        let lifted = self.transaction.execute_unprepared(unlimited).await;
        lifted.map_err(|error| explain(error, model, None))?;
        let sql = match self.backend {
            DbBackend::Postgres => "SELECT pg_advisory_xact_lock(7813582201)::text",
            // MySQL commits at every change of the schema: the lock belongs to the connection.
            DbBackend::MySql => {
                "SELECT CAST(GET_LOCK(CONCAT('loopwright ', COALESCE(LEFT(DATABASE(), 50), '')), 60) AS CHAR)"
            }
            _ => return Ok(()),
        };
        let row = self
            .transaction
            .query_one_raw(Statement::from_string(self.backend, sql))
            .await
            .map_err(|error| explain(error, model, None))?;
        let got: Option<String> = row.and_then(|row| row.try_get_by_index(0).ok());
        if self.backend == DbBackend::MySql && got.as_deref() != Some("1") {
            let message = "another process has been updating the tables for a minute; try again when it is done";
            return Err(Error::new(503, message).with_code("DATA_SOURCE_UNAVAILABLE"));
        }
        Ok(())
    }

    async fn unlock(&self) {
        if self.backend == DbBackend::MySql {
            let sql =
                "SELECT RELEASE_LOCK(CONCAT('loopwright ', COALESCE(LEFT(DATABASE(), 50), '')))";
            // A lost connection has released it.
            let _ = self
                .transaction
                .query_one_raw(Statement::from_string(self.backend, sql))
                .await;
            let limited = "SET @loopwright_limit = @loopwright_limit /*M! , SESSION max_statement_time = @loopwright_limit */";
            let _ = self.transaction.execute_unprepared(limited).await;
        }
    }

    async fn update(&self, model: &'static ModelDef) -> Result<()> {
        let columns = self.names(model, Catalogue::Columns).await?;
        if columns.is_empty() {
            self.create_table(model).await?;
        } else {
            for property in model.properties {
                if !self.contains(&columns, property.column) {
                    self.add_column(model, property).await?;
                }
            }
        }
        let indexes = self.names(model, Catalogue::Indexes).await?;
        for property in model.properties {
            // Databases index no JSON, or not in a way that a filter would use.
            if property.index.is_none() || property.id || property.ty.is_structured() {
                continue;
            }
            let name = index_name(model, property);
            if !self.contains(&indexes, &name) {
                self.add_index(model, property, name).await?;
            }
        }
        Ok(())
    }

    async fn create_table(&self, model: &'static ModelDef) -> Result<()> {
        let mut table = Table::create();
        table.table(model.table).if_not_exists();
        for property in model.properties {
            let mut column = self.column(property);
            if property.id {
                column.not_null().primary_key();
                if property.generated && matches!(property.ty, PropertyType::Integer { .. }) {
                    column.auto_increment();
                }
            } else if !property.nullable {
                column.not_null();
            }
            table.col(&mut column);
        }
        if self.backend == DbBackend::MySql {
            table
                .engine("InnoDB")
                .character_set("utf8mb4")
                .collate("utf8mb4_bin");
        }
        let result = self.transaction.execute(&table).await;
        result
            .map(drop)
            .map_err(|error| explain(error, model, None))
    }

    async fn add_column(
        &self,
        model: &'static ModelDef,
        property: &'static PropertyDef,
    ) -> Result<()> {
        let mut column = self.column(property);
        // The rows that are there need a value: the literal default, or null.
        if let Some(default) = self.literal_default(property)
            && !property.nullable
        {
            column.not_null().default(default);
        }
        let mut table = Table::alter();
        table.table(model.table).add_column(&mut column);
        let result = self.transaction.execute(&table).await;
        result
            .map(drop)
            .map_err(|error| explain(error, model, None))
    }

    async fn add_index(
        &self,
        model: &'static ModelDef,
        property: &'static PropertyDef,
        name: String,
    ) -> Result<()> {
        let mut index = Index::create();
        index.name(name).table(model.table).col(property.column);
        if property.index == Some(IndexDef::Unique) {
            index.unique();
        }
        let result = self.transaction.execute(&index).await;
        result.map(drop).map_err(|error| {
            let error = explain(error, model, None);
            if error.status() == 409 {
                holds_duplicates(model, property).with_source(error)
            } else {
                error
            }
        })
    }

    fn column(&self, property: &PropertyDef) -> ColumnDef {
        ColumnDef::new_with_type(property.column, column_type(self.backend, property))
    }

    fn literal_default(&self, property: &PropertyDef) -> Option<Expr> {
        let Some(default @ DefaultDef::Literal(_)) = property.default else {
            return None;
        };
        if property.ty.is_structured() {
            return None;
        }
        let value = default.value(&property.ty);
        if value.is_null() {
            return None;
        }
        // The builder's own text for an instant differs from the one that the driver stores.
        if let (Value::DateTime(instant), DbBackend::Sqlite) = (&value, self.backend) {
            return Some(Expr::val(sqlite_instant(*instant)));
        }
        if let (Value::DateTime(instant), DbBackend::MySql) = (&value, self.backend) {
            return Some(Expr::val(instant.format("%F %T%.6f").to_string()));
        }
        let default = Expr::val(bind(self.backend, property.ty, &value).ok()?);
        if self.backend == DbBackend::MySql {
            // In parentheses `longtext` may have a default too.
            return Some(Expr::tuple([default]));
        }
        Some(default)
    }

    fn contains(&self, names: &[String], name: &str) -> bool {
        names.iter().any(|known| match self.backend {
            DbBackend::Postgres => known == name,
            _ => known.eq_ignore_ascii_case(name),
        })
    }

    /// The names of the columns or indexes that the table has; none when there is no table.
    async fn names(&self, model: &'static ModelDef, catalogue: Catalogue) -> Result<Vec<String>> {
        use Catalogue::{Columns, Indexes};

        let sql = match (self.backend, catalogue) {
            (DbBackend::Postgres, Columns) => {
                "SELECT attname::text FROM pg_attribute WHERE attrelid = to_regclass(quote_ident($1)) \
                 AND attnum > 0 AND NOT attisdropped"
            }
            (DbBackend::Postgres, Indexes) => {
                "SELECT relname::text FROM pg_class JOIN pg_index ON indexrelid = oid \
                 WHERE indrelid = to_regclass(quote_ident($1))"
            }
            (DbBackend::MySql, Columns) => {
                "SELECT column_name FROM information_schema.columns \
                 WHERE table_schema = DATABASE() AND table_name = ?"
            }
            (DbBackend::MySql, Indexes) => {
                "SELECT DISTINCT index_name FROM information_schema.statistics \
                 WHERE table_schema = DATABASE() AND table_name = ?"
            }
            (_, Columns) => "SELECT name FROM pragma_table_info(?)",
            (_, Indexes) => "SELECT name FROM pragma_index_list(?)",
        };
        let statement = Statement::from_sql_and_values(self.backend, sql, [model.table.into()]);
        let rows = self
            .transaction
            .query_all_raw(statement)
            .await
            .map_err(|error| explain(error, model, None))?;
        rows.iter()
            .map(|row| row.try_get_by_index(0))
            .collect::<Result<_, _>>()
            .map_err(|error| explain(error, model, None))
    }
}

#[derive(Clone, Copy)]
enum Catalogue {
    Columns,
    Indexes,
}

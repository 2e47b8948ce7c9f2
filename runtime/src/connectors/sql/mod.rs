//! SQL data sources: SQLite, PostgreSQL, MySQL and MariaDB, by way of SeaORM.
//!
//! One connector speaks to all of them. What differs between them is in three places: the types of columns and values
//! (`column`), a few comparisons (`condition`) and the words of their errors (`error`).
//!
//! **Architecture Invariant:** SeaORM, sea-query and sqlx are named in this folder only.
//!
//! Every database answers alike, with these exceptions:
//! - `ignore_case` compares ASCII letters on SQLite, and by the database's locale on PostgreSQL.
//! - MySQL compares text without the spaces at its end.
//! - A unique index over SQLite's decimals takes `1.5` and `1.50` for two values; conditions don't.
//! - MySQL drops a decimal's trailing zeros (`1.50` comes back as `1.5`).
//! - PostgreSQL can't keep the character U+0000 in text or JSON, and orders the members of a JSON object by its own rules.

mod column;
mod condition;
mod connection;
mod error;
mod pattern;
mod schema;
#[cfg(test)]
mod tests;

use std::fmt;

use async_trait::async_trait;
use sea_orm::sea_query::{
    Asterisk, Expr, ExprTrait, NullOrdering, Order as SqlOrder, Query, SelectStatement,
    Value as Bound,
};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement, StatementBuilder};

use self::column::{bind, decode, to_microseconds};
use self::condition::{expression, operand};
use self::error::explain;
use super::{Capabilities, Connector};
use crate::model::{
    ModelDef, PropertyDef, PropertyType, Record, Value, Violation, validation_error,
};
use crate::query::{Condition, Direction, Fields, Filter};
use crate::{Error, Result};

/// A SQL database as a data source.
#[derive(Clone)]
pub struct SqlConnector {
    connection: DatabaseConnection,
    backend: DbBackend,
}

// The connection's own output is long, and no place to look for what it was opened with.
impl fmt::Debug for SqlConnector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqlConnector")
            .field("backend", &self.backend)
            .finish_non_exhaustive()
    }
}

impl SqlConnector {
    /// Connects to the database at `url`, with at most `max_connections` connections (5 for a SQLite file, 10 for a
    /// server, always one for SQLite in memory).
    ///
    /// - `sqlite://shop.db` is a file, made if it is missing; `?mode=ro` only reads it. `sqlite::memory:` is a database
    ///   that ends with the connector.
    /// - `postgres://user:password@host/database` needs the cargo feature `postgres`.
    /// - `mysql://user:password@host/database` (also MariaDB) needs the cargo feature `mysql`.
    ///
    /// # Errors
    /// The URL can't be read, needs a cargo feature that is off, or leads to no database. No error holds the URL.
    pub async fn connect(url: &str, max_connections: Option<u32>) -> Result<Self> {
        let (connection, backend) = connection::connect(url, max_connections).await?;
        Ok(SqlConnector {
            connection,
            backend,
        })
    }

    /// The SeaORM connection, for everything that a filter can't say.
    pub fn sea_orm(&self) -> &DatabaseConnection {
        &self.connection
    }

    /// The statement, if the database takes that many parameters.
    fn statement(&self, statement: &impl StatementBuilder) -> Result<Statement> {
        let limit = match self.backend {
            DbBackend::Sqlite => 32_766,
            _ => 65_535,
        };
        let statement = self.backend.build(statement);
        let count = statement.values.as_ref().map_or(0, |values| values.0.len());
        if count > limit {
            return Err(Error::new(
                400,
                format!(
                    "the filter holds {count} values, and this data source takes {limit} at once; split it into several"
                ),
            ));
        }
        Ok(statement)
    }

    /// The present values of `record` with their properties.
    fn assignments(
        &self,
        model: &'static ModelDef,
        record: &Record,
    ) -> Result<Vec<(&'static PropertyDef, Bound)>> {
        let mut assignments = Vec::with_capacity(model.properties.len());
        let mut violations = Vec::new();
        for (property, value) in model.properties.iter().zip(record.values()) {
            let Some(value) = value else { continue };
            match bind(self.backend, property, value) {
                Ok(bound) => assignments.push((property, bound)),
                Err(unfit) => violations.push(Violation::new(
                    property.name,
                    unfit.code,
                    unfit.message,
                    Some(value),
                )),
            }
        }
        if violations.is_empty() {
            Ok(assignments)
        } else {
            Err(validation_error(model, &violations))
        }
    }

    fn select(
        &self,
        model: &'static ModelDef,
        filter: &Filter,
        columns: &[usize],
    ) -> Result<SelectStatement> {
        let mut select = Query::select();
        select.from(model.table);
        for index in columns {
            select.column(model.properties[*index].column);
        }
        if columns.is_empty() {
            select.expr(Expr::cust("1"));
        }
        if filter.condition != Condition::ALL {
            select.and_where(expression(self.backend, model, &filter.condition)?);
        }
        let by_id = (model.id_index(), Direction::Ascending);
        let keys = filter.order.iter().map(|key| (key.property, key.direction));
        for (index, direction) in keys.chain([by_id]) {
            let Some(property) = model.properties.get(index) else {
                continue;
            };
            let key = operand(self.backend, property);
            let (order, nulls) = match direction {
                Direction::Ascending => (SqlOrder::Asc, NullOrdering::First),
                Direction::Descending => (SqlOrder::Desc, NullOrdering::Last),
            };
            // The others do so unasked, and PostgreSQL's indexes serve only the order that it thinks of itself.
            if self.backend == DbBackend::Postgres && property.nullable {
                select.order_by_expr_with_nulls(key, order, nulls);
            } else {
                select.order_by_expr(key, order);
            }
            if property.id {
                // Nothing is left to tell apart.
                break;
            }
        }
        // Beyond this the drivers fail rather than find nothing.
        let most = i64::MAX.unsigned_abs();
        match filter.limit {
            Some(limit) => {
                select.limit(Ord::min(limit, most));
            }
            // SQLite and MySQL know no offset without a limit.
            None if filter.skip > 0 && self.backend != DbBackend::Postgres => {
                select.limit(most);
            }
            None => {}
        }
        if filter.skip > 0 {
            select.offset(Ord::min(filter.skip, most));
        }
        Ok(select)
    }

    /// Inserts and answers the id that the store gave, if it was asked for one.
    async fn insert(&self, model: &'static ModelDef, record: &Record) -> Result<Option<i64>> {
        let id = model.id();
        let given = !record.value(model.id_index()).is_null();
        let counted = id.generated && matches!(id.ty, PropertyType::Integer { .. });

        if !given && !counted {
            // SQLite would number the row by itself.
            let blank = Violation::new(id.name, "presence", "can't be blank", None);
            return Err(validation_error(model, &[blank]));
        }

        let mut insert = Query::insert();
        insert.into_table(model.table);
        let assignments = self.assignments(model, record)?;
        // An id that is null is one that is not there.
        let assignments = assignments
            .into_iter()
            .filter(|(property, _)| given || !property.id);
        let (columns, values): (Vec<_>, Vec<_>) = assignments
            .map(|(property, bound)| (property.column, Expr::val(bound)))
            .unzip();
        if columns.is_empty() {
            insert.or_default_values();
        } else {
            insert.columns(columns);
            insert
                .values(values)
                .map_err(|error| Error::internal("the insert has no shape").with_source(error))?;
        }
        let fail = |error| explain(error, model, Some(record));

        if given {
            let statement = if counted && self.backend == DbBackend::Postgres {
                insert.returning_col(id.column);
                self.advance_sequence(model, self.statement(&insert)?)
            } else {
                self.statement(&insert)?
            };
            self.connection.execute_raw(statement).await.map_err(fail)?;
            return Ok(None);
        }
        if self.backend == DbBackend::MySql {
            let statement = self.statement(&insert)?;
            let result = self.connection.execute_raw(statement).await.map_err(fail)?;
            return Ok(i64::try_from(result.last_insert_id()).ok());
        }
        insert.returning_col(id.column);
        // All rows, though there is one: SQLite finishes a statement only when it has been read to its end.
        let statement = self.statement(&insert)?;
        let rows = self
            .connection
            .query_all_raw(statement)
            .await
            .map_err(fail)?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        match decode(row, 0, id) {
            Ok(Value::Integer(id)) => Ok(Some(id)),
            Ok(_) => Ok(None),
            Err(error) => Err(undecodable(model, id, error)),
        }
    }

    /// Inserts, and lets the id's sequence go on after the explicit id in the same statement.
    ///
    /// ```sql
    /// WITH inserted(id) AS (INSERT INTO "shop" … RETURNING "id")
    /// SELECT CASE WHEN id > last THEN setval(…, id) END FROM inserted, …
    /// ```
    fn advance_sequence(&self, model: &'static ModelDef, insert: Statement) -> Statement {
        let mut values = insert.values.map(|values| values.0).unwrap_or_default();
        let (table, column) = (values.len() + 1, values.len() + 2);
        let sql = format!(
            "WITH inserted(id) AS ({}), sequence(oid) AS (SELECT pg_get_serial_sequence(${table}, ${column})::regclass) \
             SELECT CASE WHEN id > COALESCE(pg_sequence_last_value(oid), 0) THEN setval(oid, id) END \
             FROM inserted, sequence",
            insert.sql
        );
        // The function reads the table's name as SQL, the column's as it is.
        values.push(format!("\"{}\"", model.table.replace('"', "\"\"")).into());
        values.push(model.id().column.into());
        Statement::from_sql_and_values(self.backend, sql, values)
    }
}

fn undecodable(model: &ModelDef, property: &PropertyDef, error: column::DecodeError) -> Error {
    Error::internal(format!(
        "the database holds something in `{}.{}` that isn't {}",
        model.name,
        property.name,
        property.ty.expectation()
    ))
    .with_source(error)
}

#[async_trait]
impl Connector for SqlConnector {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            structured_conditions: false,
        }
    }

    async fn autoupdate(&self, models: &[&'static ModelDef]) -> Result<()> {
        schema::autoupdate(&self.connection, self.backend, models).await
    }

    async fn find(&self, model: &'static ModelDef, filter: &Filter) -> Result<Vec<Record>> {
        let columns: Vec<usize> = match &filter.fields {
            Fields::All => (0..model.properties.len()).collect(),
            fields => (0..model.properties.len())
                .filter(|index| fields.contains(*index))
                .collect(),
        };
        let statement = self.statement(&self.select(model, filter, &columns)?)?;
        let rows = self
            .connection
            .query_all_raw(statement)
            .await
            .map_err(|error| explain(error, model, None))?;
        let mut records = Vec::with_capacity(rows.len());
        for row in rows {
            let mut record = Record::new(model);
            for (position, index) in columns.iter().enumerate() {
                let property = &model.properties[*index];
                let value = decode(&row, position, property)
                    .map_err(|error| undecodable(model, property, error))?;
                record.set(*index, value);
            }
            records.push(record);
        }
        Ok(records)
    }

    async fn count(&self, model: &'static ModelDef, condition: &Condition) -> Result<u64> {
        let mut select = Query::select();
        select
            .expr(Expr::col(Asterisk).count())
            .from(model.table)
            .and_where(expression(self.backend, model, condition)?);
        let statement = self.statement(&select)?;
        let count = async {
            let row = self.connection.query_one_raw(statement).await?;
            row.map(|row| row.try_get_by_index::<i64>(0)).transpose()
        };
        let count = count.await.map_err(|error| explain(error, model, None))?;
        Ok(count
            .and_then(|count| u64::try_from(count).ok())
            .unwrap_or_default())
    }

    async fn create(&self, model: &'static ModelDef, mut record: Record) -> Result<Record> {
        if let Some(id) = self.insert(model, &record).await? {
            record.set(model.id_index(), Value::Integer(id));
        }
        // What is returned is what a later read finds.
        for index in 0..model.properties.len() {
            if let Some(Value::DateTime(instant)) = record.get(index) {
                let stored = to_microseconds(*instant);
                record.set(index, Value::DateTime(stored));
            }
        }
        Ok(record)
    }

    async fn update(
        &self,
        model: &'static ModelDef,
        condition: &Condition,
        changes: &Record,
    ) -> Result<u64> {
        let assignments = self.assignments(model, changes)?;
        if assignments.is_empty() {
            return self.count(model, condition).await;
        }
        let mut update = Query::update();
        update.table(model.table);
        for (property, bound) in assignments {
            update.value(property.column, bound);
        }
        update.and_where(expression(self.backend, model, condition)?);
        let statement = self.statement(&update)?;
        // MySQL too counts the rows that it found, not those that changed: the driver asks for it.
        let result = self.connection.execute_raw(statement).await;
        let result = result.map_err(|error| explain(error, model, Some(changes)))?;
        Ok(result.rows_affected())
    }

    async fn delete(&self, model: &'static ModelDef, condition: &Condition) -> Result<u64> {
        let mut delete = Query::delete();
        delete
            .from_table(model.table)
            .and_where(expression(self.backend, model, condition)?);
        let statement = self.statement(&delete)?;
        let result = self.connection.execute_raw(statement).await;
        let result = result.map_err(|error| explain(error, model, None))?;
        Ok(result.rows_affected())
    }
}

//! Operations as statements, on a pool of connections or within a transaction.

use std::mem::discriminant;
use std::sync::Arc;

use async_trait::async_trait;
use sea_orm::sea_query::{Asterisk, Expr, ExprTrait, Query};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, Statement, StreamTrait, TransactionTrait,
};

use super::Answer;
use super::answer::Row;
use super::column::to_microseconds;
use super::condition::find;
use super::error::{Failure, explain};
use super::near;
use super::shape::Shape;
use super::sift::Change;
use super::statement::Source;
#[cfg(feature = "sqlite")]
use super::threads::Turn;
use crate::Result;
use crate::connectors::fit::undecodable;
use crate::connectors::page::{circles, is_full};
use crate::connectors::{Operations, Through};
use crate::model::{ModelDef, PropertyType, Record, Value, Violation, validation_error};
use crate::query::{Comparison, Condition, Fields, Filter};

/// Speaks to a database by way of `C`: a pool of connections, or a transaction.
#[derive(Clone)]
pub struct Session<C> {
    pub(super) connection: C,
    pub(super) backend: DbBackend,
    pub(super) in_transaction: bool,
    /// Gives the right to write back when the transaction is over.
    #[cfg(feature = "sqlite")]
    pub(super) _turn: Option<Arc<Turn>>,
    pub(super) source: Arc<Source>,
}

impl<C> Session<C>
where
    C: ConnectionTrait + TransactionTrait,
{
    /// Inserts and answers the id that the store gave, if it was asked for one.
    async fn insert(&self, model: &'static ModelDef, record: &Record) -> Result<Option<i64>> {
        let lacking = model.ids().find(|index| record.value(*index).is_null());
        let id = lacking.map_or(model.id(), |index| &model.properties[index]);
        let given = lacking.is_none();
        let counted = id.generated && matches!(id.ty, PropertyType::Integer { .. });

        if !given && !counted {
            // SQLite would number the row by itself.
            let blank = Violation::new(id.name, "presence", "can't be blank", None);
            return Err(validation_error(model, &[blank]));
        }

        // An explicit id takes the sequence along, in a statement of its own kind.
        let leads = given && counted && self.backend == DbBackend::Postgres;
        let shape = match leads {
            true => None,
            false => Shape::insert(self.backend, model, record, given),
        };
        let statement = self.kept(shape, || {
            let mut insert = self.insertion(model, record, given)?;
            let returns = leads || !given && self.backend != DbBackend::MySql;
            if returns {
                insert.returning_col(id.column);
            }
            self.statement(&insert)
        })?;
        let fail = |error| explain(error, model, Some(record));

        if given {
            let statement = match leads {
                true => self.advance_sequence(model, statement),
                false => statement,
            };
            self.write(self.affected(statement)).await.map_err(fail)?;
            return Ok(None);
        }
        if self.backend == DbBackend::MySql {
            let answer = self.write(self.affected(statement)).await;
            let id = answer.map_err(fail)?.inserted_id();
            return Ok(id.and_then(|id| i64::try_from(id).ok()));
        }
        let answer = self.write(self.rows(statement)).await.map_err(fail)?;
        let Some(row) = answer.rows().next() else {
            return Ok(None);
        };
        match row.value(0, id) {
            Ok(Value::Integer(id)) => Ok(Some(id)),
            Ok(_) => Ok(None),
            Err(error) => Err(undecodable(model, id, error)),
        }
    }

    /// A statement that writes. PostgreSQL gives a whole transaction up after one failed statement; the others undo
    /// that statement alone, and so does this.
    pub(super) async fn write(
        &self,
        statement: impl Future<Output = std::result::Result<Answer, Failure>>,
    ) -> std::result::Result<Answer, Failure> {
        if !self.in_transaction || self.backend != DbBackend::Postgres {
            return statement.await;
        }
        let say = |sql| self.source.bounded(self.connection.execute_unprepared(sql));
        say("SAVEPOINT loopwright_statement").await?;
        let answer = statement.await;
        if answer.is_err() {
            say("ROLLBACK TO SAVEPOINT loopwright_statement").await?;
        }
        say("RELEASE SAVEPOINT loopwright_statement").await?;
        answer
    }
}

impl<C> Session<C>
where
    C: ConnectionTrait + StreamTrait + TransactionTrait<Transaction = DatabaseTransaction>,
{
    /// What the filter finds. `locked`: does nobody else change it as long as the transaction lasts?
    pub(super) async fn find_rows(
        &self,
        model: &'static ModelDef,
        filter: &Filter,
        locked: bool,
    ) -> Result<Vec<Record>> {
        let columns: Vec<usize> = match &filter.fields {
            Fields::All => (0..model.properties.len()).collect(),
            fields => (0..model.properties.len())
                .filter(|index| fields.contains(*index))
                .collect(),
        };
        let statement = match sole_id(model, filter).filter(|_| !locked) {
            Some(id) => self.by_id(model, id, &columns).map(Some),
            None => self.found(model, filter, &columns, locked),
        };
        if let Some(statement) = statement? {
            return self.records(model, statement, &columns).await;
        }
        if indexes_near(self.backend, model, filter) {
            for circle in circles(filter) {
                let found = Box::pin(self.sift(model, &circle, &columns)).await?;
                if is_full(filter, &found) {
                    return Ok(found);
                }
            }
        }
        Box::pin(self.sift(model, filter, &columns)).await
    }

    /// The records that others lead to; none where one statement can't find them, as a key of another type than the id.
    pub(super) async fn rows_through(
        &self,
        model: &'static ModelDef,
        through: &Through<'_>,
    ) -> Result<Option<Vec<Record>>> {
        let columns: Vec<usize> = (0..model.properties.len()).collect();
        let key = find(through.model, through.key)?;
        let id = model.id();
        // Servers do not compare texts whose collations differ, as those of other programs' tables may.
        let comparable = matches!(
            (self.backend, id.ty),
            (DbBackend::Sqlite, _)
                | (_, PropertyType::Integer { .. })
                | (DbBackend::Postgres, PropertyType::Uuid)
        );
        let alike = comparable
            && discriminant(&key.ty) == discriminant(&id.ty)
            && key.column_type == id.column_type
            && id.is_sole_id();
        if !alike {
            return Ok(None);
        }
        let shape = Shape::through(self.backend, model, through);
        let statement = self.exactly(shape, through.model, through.condition, |expr| {
            let mut keys = Query::select();
            keys.expr(Expr::col((through.model.table, key.column)))
                .from(through.model.table)
                .and_where(expr);
            let led = Expr::col((model.table, id.column)).in_subquery(keys);
            let select = self.select(model, &Filter::ALL, &columns, Some(led))?;
            self.statement(&select)
        });
        match statement? {
            Some(statement) => self.records(model, statement, &columns).await.map(Some),
            None => Ok(None),
        }
    }

    /// The records in the rows of a statement, which have the properties at `columns`.
    async fn records(
        &self,
        model: &'static ModelDef,
        statement: Statement,
        columns: &[usize],
    ) -> Result<Vec<Record>> {
        let answer = self.read(statement).await;
        let answer = answer.map_err(|failure| explain(failure, model, None))?;
        let records = answer.rows().map(|row| record(&row, model, columns));
        records.collect()
    }
}

/// The id that a record must have, if that is all that `filter` asks of whole records.
fn sole_id<'f>(model: &ModelDef, filter: &'f Filter) -> Option<&'f Value> {
    let Condition::Compare {
        property,
        comparison: Comparison::Equal(id),
    } = &filter.condition
    else {
        return None;
    };
    let whole = filter.near.is_none()
        && filter.skip == 0
        && filter.limit != Some(0)
        && filter.fields == Fields::All;
    let sole = model.properties.get(*property)?.is_sole_id();
    (whole && sole && !id.is_null()).then_some(id)
}

/// Does an index find what is near?
fn indexes_near(backend: DbBackend, model: &ModelDef, filter: &Filter) -> bool {
    let near = filter.near.as_ref();
    let property = near.and_then(|near| model.properties.get(near.property));
    property.is_some_and(|property| {
        property.index.is_some() && near::indexed(backend, property.column).is_some()
    })
}

/// The record in `row`, which holds the properties at `columns`, in ascending order.
pub(super) fn record(row: &Row<'_>, model: &'static ModelDef, columns: &[usize]) -> Result<Record> {
    // At once and in order, rather than into an empty record: this is what each row costs.
    let mut values = Vec::with_capacity(model.properties.len());
    for (position, index) in columns.iter().enumerate() {
        let property = &model.properties[*index];
        let value = row.value(position, property);
        let value = value.map_err(|error| undecodable(model, property, error))?;
        while values.len() < *index {
            values.push(None);
        }
        values.push(Some(value));
    }
    values.resize_with(model.properties.len(), || None);
    Ok(Record::from_values(values))
}

#[async_trait]
impl<C> Operations for Session<C>
where
    C: ConnectionTrait + StreamTrait + TransactionTrait<Transaction = DatabaseTransaction>,
{
    async fn find(&self, model: &'static ModelDef, filter: &Filter) -> Result<Vec<Record>> {
        self.find_rows(model, filter, false).await
    }

    async fn count(&self, model: &'static ModelDef, condition: &Condition) -> Result<u64> {
        let shape = Shape::count(self.backend, model, condition);
        let statement = self.exactly(shape, model, condition, |expr| {
            let mut select = Query::select();
            select
                .expr(Expr::col(Asterisk).count())
                .from(model.table)
                .and_where(expr);
            self.statement(&select)
        });
        let Some(statement) = statement? else {
            return Box::pin(self.sift_count(model, condition)).await;
        };
        let answer = self.read(statement).await;
        let answer = answer.map_err(|failure| explain(failure, model, None))?;
        let count = answer.rows().next().map(|row| row.number()).transpose();
        let count = count.map_err(|error| explain(error, model, None))?;
        Ok(count
            .flatten()
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
        let keeps_undeclared = model.extra_index().is_some() && changes.undeclared().is_some();
        if !keeps_undeclared && changes.values().iter().all(Option::is_none) {
            return self.count(model, condition).await;
        }
        let shape = Shape::update(self.backend, model, condition, changes);
        let statement = self.exactly(shape, model, condition, |expr| {
            let mut update = Query::update();
            update.table(model.table);
            for (property, value) in self.assignments(model, changes)? {
                update.value(property.column, value);
            }
            if let Some((property, extended)) = self.extended(model, changes)? {
                update.value(property.column, extended);
            }
            if let Some(version) = model.version_index() {
                let version = model.properties[version].column;
                update.value(version, Expr::col((model.table, version)).add(1));
            }
            update.and_where(expr);
            self.statement(&update)
        });
        let Some(statement) = statement? else {
            // What fits no column is refused, whatever is found.
            self.assignments(model, changes)?;
            let change = Change::Update(changes);
            return Box::pin(self.change_sifted(model, condition, change)).await;
        };
        // MySQL too counts the rows that it found, not those that changed: the driver asks for it.
        let answer = self.write(self.affected(statement)).await;
        let answer = answer.map_err(|failure| explain(failure, model, Some(changes)))?;
        Ok(answer.rows_affected())
    }

    async fn delete(&self, model: &'static ModelDef, condition: &Condition) -> Result<u64> {
        let shape = Shape::delete(self.backend, model, condition);
        let statement = self.exactly(shape, model, condition, |expr| {
            let mut delete = Query::delete();
            delete.from_table(model.table).and_where(expr);
            self.statement(&delete)
        });
        let Some(statement) = statement? else {
            return Box::pin(self.change_sifted(model, condition, Change::Delete)).await;
        };
        let answer = self.write(self.affected(statement)).await;
        let answer = answer.map_err(|failure| explain(failure, model, None))?;
        Ok(answer.rows_affected())
    }
}

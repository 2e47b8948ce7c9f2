//! Operations as statements, on a pool of connections or within a transaction.

use std::mem::discriminant;
use std::sync::Arc;

use async_trait::async_trait;
use sea_orm::sea_query::{
    Asterisk, Expr, ExprTrait, InsertStatement, NullOrdering, Order as SqlOrder, Query,
    SelectStatement,
};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, Statement, StatementBuilder, StreamTrait,
    TransactionTrait,
};

use super::Answer;
use super::answer::Row;
use super::column::{self, bind, given, own_type, to_microseconds};
use super::condition::{Where, column_of, expression, find, operand};
use super::error::{Failure, explain};
use super::near;
use super::shape::Shape;
use super::sift::Change;
use super::statement::Source;
use super::structured;
#[cfg(feature = "sqlite")]
use super::threads::Turn;
use crate::connectors::fit::undecodable;
use crate::connectors::page::{circles, is_full};
use crate::connectors::{Operations, Through};
use crate::model::{
    ModelDef, PropertyDef, PropertyType, Record, Value, Violation, validation_error,
};
use crate::query::{Comparison, Condition, Direction, Fields, Filter, Order};
use crate::{Error, Result};

/// Beyond this, a limit is none that a caller has named: it only bounds what may be read.
const MOST_ASKED_FOR: u64 = 9_999;

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
    /// The statement, if the database takes that many parameters.
    pub(super) fn statement(&self, statement: &impl StatementBuilder) -> Result<Statement> {
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

    /// The statement of this shape, which `write` writes where its text is not known yet.
    fn kept(
        &self,
        shape: Option<Shape>,
        write: impl FnOnce() -> Result<Statement>,
    ) -> Result<Statement> {
        let Some(shape) = shape else {
            return write();
        };
        match self.source.texts.statement(shape) {
            Ok(statement) => Ok(statement),
            Err(shape) => {
                let statement = write()?;
                self.source.texts.keep(shape, &statement);
                Ok(statement)
            }
        }
    }

    /// The statement about exactly those records that `condition` finds, which `write` writes where its text is not known yet;
    /// none where SQL alone can't decide which they are.
    fn exactly(
        &self,
        shape: Option<Shape>,
        model: &'static ModelDef,
        condition: &Condition,
        write: impl FnOnce(Expr) -> Result<Statement>,
    ) -> Result<Option<Statement>> {
        let shape = match shape.map(|shape| self.source.texts.statement(shape)) {
            Some(Ok(statement)) => return Ok(Some(statement)),
            Some(Err(shape)) => Some(shape),
            None => None,
        };
        let Where { expr, exact } = expression(self.backend, model, condition)?;
        if !exact {
            return Ok(None);
        }
        let statement = write(expr)?;
        if let Some(shape) = shape {
            self.source.texts.keep(shape, &statement);
        }
        Ok(Some(statement))
    }

    /// The present values of `record` with their properties.
    fn assignments(
        &self,
        model: &'static ModelDef,
        record: &Record,
    ) -> Result<Vec<(&'static PropertyDef, Expr)>> {
        let mut assignments = Vec::with_capacity(model.properties.len());
        let mut violations = Vec::new();
        for (property, value) in model.properties.iter().zip(record.values()) {
            let Some(value) = value else { continue };
            match bind(self.backend, property.ty, value) {
                Ok(bound) => {
                    let own_type = own_type(self.backend, property);
                    assignments.push((property, given(own_type, property.ty, bound)));
                }
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

    /// The column that keeps what the model does not declare, with what `changes` sets there.
    fn extended(
        &self,
        model: &'static ModelDef,
        changes: &Record,
    ) -> Result<Option<(&'static PropertyDef, Expr)>> {
        let (Some(index), Some(undeclared)) = (model.extra_index(), changes.undeclared()) else {
            return Ok(None);
        };
        let property = &model.properties[index];
        let json = column_of(self.backend, model, property);
        match json.with_members(undeclared) {
            Some(extended) => Ok(Some((property, extended))),
            None => {
                let message = "this data source can't change undeclared properties whose names have unusual characters; \
                     replace the whole instance instead";
                Err(Error::new(400, message).with_code("UNUSUAL_NAME"))
            }
        }
    }

    /// The rows for which `condition` holds, in the order and with the page of `filter`.
    pub(super) fn select(
        &self,
        model: &'static ModelDef,
        filter: &Filter,
        columns: &[usize],
        condition: Option<Expr>,
    ) -> Result<SelectStatement> {
        let mut select = Query::select();
        select.from(model.table);
        for index in columns {
            let property = &model.properties[*index];
            let column = Expr::col((model.table, property.column));
            select.expr(column::read(self.backend, property, column));
        }
        if columns.is_empty() {
            select.expr(Expr::cust("1"));
        }
        if let Some(condition) = condition {
            select.and_where(condition);
        }
        self.order(&mut select, model, &filter.order)?;
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

    /// Puts the rows into order; those that are equal by it come by id.
    fn order(&self, select: &mut SelectStatement, model: &ModelDef, order: &[Order]) -> Result<()> {
        let by_id = model.ids().map(|property| Order {
            property,
            path: None,
            direction: Direction::Ascending,
        });
        let by_id: Vec<_> = by_id.collect();
        for key in order.iter().chain(&by_id) {
            let Some(property) = model.properties.get(key.property) else {
                continue;
            };
            let within = key.within(property);
            let keys = match &within {
                None => {
                    let column = Expr::col(property.column);
                    vec![operand(self.backend, property.ty, column)]
                }
                Some(path) => {
                    let json = column_of(self.backend, model, property);
                    structured::order(&json, property.ty, path).ok_or_else(|| {
                        let name = property.name;
                        let message =
                            format!("this data source can't order by \"{name}{path}\": its name has unusual characters");
                        Error::new(400, message)
                    })?
                }
            };
            let (order, nulls) = match key.direction {
                Direction::Ascending => (SqlOrder::Asc, NullOrdering::First),
                Direction::Descending => (SqlOrder::Desc, NullOrdering::Last),
            };
            // The others do so unasked, and PostgreSQL's indexes serve only the order that it thinks of itself.
            let may_be_null = property.nullable || within.is_some();
            for key in keys {
                if self.backend == DbBackend::Postgres && may_be_null {
                    select.order_by_expr_with_nulls(key, order.clone(), nulls);
                } else {
                    select.order_by_expr(key, order.clone());
                }
            }
            if property.is_sole_id() {
                // Nothing is left to tell apart.
                break;
            }
        }
        Ok(())
    }

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

    /// The statement that inserts `record`, whose id is `given` or the database's to give.
    fn insertion(
        &self,
        model: &'static ModelDef,
        record: &Record,
        given: bool,
    ) -> Result<InsertStatement> {
        let mut insert = Query::insert();
        insert.into_table(model.table);
        let assignments = self.assignments(model, record)?;
        // An id that is null is one that is not there.
        let assignments = assignments
            .into_iter()
            .filter(|(property, _)| given || !property.id);
        let (columns, values): (Vec<_>, Vec<_>) = assignments
            .map(|(property, value)| (property.column, value))
            .unzip();
        if columns.is_empty() {
            insert.or_default_values();
        } else {
            insert.columns(columns);
            insert
                .values(values)
                .map_err(|error| Error::internal("the insert has no shape").with_source(error))?;
        }
        Ok(insert)
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
        if let Some(id) = sole_id(model, filter).filter(|_| !locked) {
            let shape = Shape::by_id(self.backend, model, id);
            let statement = self.kept(shape, || self.by_id(model, id, &columns))?;
            return self.records(model, statement, &columns).await;
        }
        let bound = filter.limit.filter(|limit| *limit > MOST_ASKED_FOR);
        let bound = bound.filter(|_| filter.skip == 0 && !locked);
        let shape = Shape::find(self.backend, model, filter, &columns, bound, locked);
        let shape = match shape.map(|shape| self.source.texts.statement(shape)) {
            Some(Ok(statement)) => return self.records(model, statement, &columns).await,
            Some(Err(shape)) => Some(shape),
            None => None,
        };
        let Where { expr, exact } = expression(self.backend, model, &filter.condition)?;
        if !exact || filter.near.is_some() {
            if indexes_near(self.backend, model, filter) {
                for circle in circles(filter) {
                    let found = Box::pin(self.sift(model, &circle, &columns)).await?;
                    if is_full(filter, &found) {
                        return Ok(found);
                    }
                }
            }
            return Box::pin(self.sift(model, filter, &columns)).await;
        }
        let condition = (filter.condition != Condition::ALL).then_some(expr);
        let mut select = self.select(model, filter, &columns, condition)?;
        // SQLite has one writer at a time.
        if locked && self.backend != DbBackend::Sqlite {
            select.lock_exclusive();
        }
        if bound.is_some() {
            select.reset_limit();
        }
        let mut statement = self.statement(&select)?;
        if let Some(bound) = bound {
            // A number, written out: of a limit that is a parameter, PostgreSQL thinks that it is far less than what is found.
            statement.sql.push_str(" LIMIT ");
            statement.sql.push_str(&bound.to_string());
        }
        if let Some(shape) = shape {
            self.source.texts.keep(shape, &statement);
        }
        self.records(model, statement, &columns).await
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
        let plain = match (self.backend, id.ty) {
            (DbBackend::Sqlite, _) | (_, PropertyType::Integer { .. }) => true,
            (backend, ty) => backend == DbBackend::Postgres && matches!(ty, PropertyType::Uuid),
        };
        let alike = discriminant(&key.ty) == discriminant(&id.ty)
            && key.column_type == id.column_type
            && id.is_sole_id()
            && plain;
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

    /// The statement that finds the whole record with this id.
    fn by_id(&self, model: &'static ModelDef, id: &Value, columns: &[usize]) -> Result<Statement> {
        let condition = Condition::Compare {
            property: model.id_index(),
            comparison: Comparison::Equal(id.clone()),
        };
        let Where { expr, .. } = expression(self.backend, model, &condition)?;
        let mut select = self.select(model, &Filter::ALL, columns, Some(expr))?;
        // There is one at most.
        select.clear_order_by();
        self.statement(&select)
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

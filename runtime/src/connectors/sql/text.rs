//! Statements as text: what sea-query makes of models, filters and records. The text of a shape is written once.

use sea_orm::sea_query::{
    Expr, InsertStatement, NullOrdering, Order as SqlOrder, Query, SelectStatement,
};
use sea_orm::{DbBackend, Statement, StatementBuilder};

use super::Session;
use super::column::{self, bind, given, own_type};
use super::condition::{Where, column_of, expression, operand};
use super::shape::Shape;
use super::structured;
use crate::model::{ModelDef, PropertyDef, Record, Value, Violation, validation_error};
use crate::query::{Condition, Direction, Filter, Order};
use crate::{Error, Result};

/// Beyond this, a limit is none that a caller has named: it only bounds what may be read.
const MOST_ASKED_FOR: u64 = 9_999;

impl<C> Session<C> {
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
    pub(super) fn kept(
        &self,
        shape: Option<Shape>,
        write: impl FnOnce() -> Result<Statement>,
    ) -> Result<Statement> {
        let texts = &self.source.texts;
        match texts.statement(shape) {
            Ok(statement) => Ok(statement),
            Err(shape) => write().inspect(|statement| texts.keep(shape, statement)),
        }
    }

    /// The statement about exactly those records that `condition` finds, which `write` writes where its text is not known yet;
    /// none where SQL alone can't decide which they are.
    pub(super) fn exactly(
        &self,
        shape: Option<Shape>,
        model: &'static ModelDef,
        condition: &Condition,
        write: impl FnOnce(Expr) -> Result<Statement>,
    ) -> Result<Option<Statement>> {
        let texts = &self.source.texts;
        let shape = match texts.statement(shape) {
            Ok(statement) => return Ok(Some(statement)),
            Err(shape) => shape,
        };
        let Where { expr, exact } = expression(self.backend, model, condition)?;
        if !exact {
            return Ok(None);
        }
        let statement = write(expr)?;
        texts.keep(shape, &statement);
        Ok(Some(statement))
    }

    /// The statement that finds what `filter` finds; none where SQL alone can't.
    pub(super) fn found(
        &self,
        model: &'static ModelDef,
        filter: &Filter,
        columns: &[usize],
        locked: bool,
    ) -> Result<Option<Statement>> {
        if filter.near.is_some() {
            return Ok(None);
        }
        let bound = filter.limit.filter(|limit| *limit > MOST_ASKED_FOR);
        let bound = bound.filter(|_| filter.skip == 0 && !locked);
        let shape = Shape::find(self.backend, model, filter, columns, bound, locked);
        self.exactly(shape, model, &filter.condition, |expr| {
            let condition = (filter.condition != Condition::ALL).then_some(expr);
            let mut select = self.select(model, filter, columns, condition)?;
            // SQLite has one writer at a time.
            if locked && self.backend != DbBackend::Sqlite {
                select.lock_exclusive();
            }
            let Some(bound) = bound else {
                return self.statement(&select);
            };
            // A number, written out: of a limit that is a parameter, PostgreSQL thinks that it is far less than what is found.
            select.reset_limit();
            let mut statement = self.statement(&select)?;
            statement.sql.push_str(" LIMIT ");
            statement.sql.push_str(&bound.to_string());
            Ok(statement)
        })
    }

    /// The present values of `record` with their properties.
    pub(super) fn assignments(
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
    pub(super) fn extended(
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

    /// The statement that inserts `record`, whose id is `given` or the database's to give.
    pub(super) fn insertion(
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
    pub(super) fn advance_sequence(
        &self,
        model: &'static ModelDef,
        insert: Statement,
    ) -> Statement {
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

    /// The statement that finds the whole record with this id.
    pub(super) fn by_id(
        &self,
        model: &'static ModelDef,
        id: &Value,
        columns: &[usize],
    ) -> Result<Statement> {
        self.kept(Shape::by_id(self.backend, model, id), || {
            let condition = Condition::equal(model.id_index(), id.clone());
            let Where { expr, .. } = expression(self.backend, model, &condition)?;
            let mut select = self.select(model, &Filter::ALL, columns, Some(expr))?;
            // There is one at most.
            select.clear_order_by();
            self.statement(&select)
        })
    }
}

//! Conditions as SQL.
//!
//! Values are bound, never written into the text. Null semantics are those that [`Condition`] promises.

use sea_orm::DbBackend;
use sea_orm::sea_query::extension::postgres::PgBinOper;
use sea_orm::sea_query::{BinOper, Expr, ExprTrait, Func, Query, Value as Bound};
use serde_json::Value as Json;

use super::column::{self, bind, given, own_type};
use super::json::JsonExpr;
use super::pattern::{LONGEST, escaped, glob};
use super::structured;
use crate::model::{ModelDef, PropertyDef, PropertyType, Value};
use crate::query::{Comparison, Condition, Regexp};
use crate::{Error, Result};

/// A condition as SQL.
pub(super) struct Where {
    /// Holds for every row that the condition finds.
    pub expr: Expr,
    /// Does it hold for no other row? Otherwise each row must be looked at.
    pub exact: bool,
}

impl Where {
    pub const fn exactly(expr: Expr) -> Self {
        Where { expr, exact: true }
    }

    /// What SQL can't decide.
    pub fn undecided() -> Self {
        Where {
            expr: always(),
            exact: false,
        }
    }
}

/// `condition` over the table of `model`.
pub(super) fn expression(
    backend: DbBackend,
    model: &ModelDef,
    condition: &Condition,
) -> Result<Where> {
    let all = |list: &[Condition], join, none: fn() -> Expr| -> Result<Where> {
        let mut exact = true;
        let mut expressions = Vec::with_capacity(list.len());
        for condition in list {
            let part = expression(backend, model, condition)?;
            exact &= part.exact;
            expressions.push(part.expr);
        }
        let expr = balanced(expressions, join).unwrap_or_else(none);
        Ok(Where { expr, exact })
    };
    match condition {
        Condition::And(list) => all(list, Expr::and, always),
        Condition::Or(list) => all(list, Expr::or, never),
        Condition::Not(condition) => Ok(match expression(backend, model, condition)? {
            // What is neither true nor false, as comparisons with null are, does not hold.
            Where { expr, exact: true } => {
                Where::exactly(expr.binary(BinOper::IsNot, Expr::Constant(true.into())))
            }
            // It holds for too many rows, so that its contrary would for too few.
            _ => Where::undecided(),
        }),
        Condition::Compare {
            property,
            comparison,
        } => {
            let property = find(model, *property)?;
            if property.ty.is_structured() {
                let json = column_of(backend, model, property);
                return Ok(structured::expression(&json, property.ty, &[], comparison));
            }
            let column = Column {
                backend,
                name: property.name,
                ty: property.ty,
                own_type: own_type(backend, property),
                expr: Expr::col(property.column),
            };
            column.compare(comparison)
        }
        Condition::Member {
            property,
            path,
            comparison,
        } => {
            let property = find(model, *property)?;
            let json = column_of(backend, model, property);
            let steps = path.steps();
            Ok(structured::expression(
                &json,
                property.ty,
                steps,
                comparison,
            ))
        }
    }
}

/// The column with its table: functions over JSON have columns of their own.
pub(super) fn column_of(backend: DbBackend, model: &ModelDef, property: &PropertyDef) -> JsonExpr {
    let column = Expr::col((model.table, property.column));
    JsonExpr::new(backend, column::read(backend, property, column))
}

/// The property at a position that a filter names.
pub(super) fn find(model: &ModelDef, property: usize) -> Result<&PropertyDef> {
    model.properties.get(property).ok_or_else(|| {
        Error::internal(format!(
            "a condition names property {property} of `{}`, which has fewer",
            model.name
        ))
    })
}

/// Joins a list into a tree that is as flat as can be: databases and the statement's builder descend into it, and a
/// chain of thousands would exhaust them.
fn balanced(mut list: Vec<Expr>, join: fn(Expr, Expr) -> Expr) -> Option<Expr> {
    while list.len() > 1 {
        let mut joined = Vec::with_capacity(list.len().div_ceil(2));
        let mut rest = list.into_iter();
        while let Some(left) = rest.next() {
            joined.push(match rest.next() {
                Some(right) => join(left, right),
                None => left,
            });
        }
        list = joined;
    }
    list.pop()
}

pub(super) fn always() -> Expr {
    Expr::cust("1 = 1")
}

pub(super) fn never() -> Expr {
    Expr::cust("1 = 0")
}

/// A column of the type `ty` as comparisons and orders see it.
pub(super) fn operand(backend: DbBackend, ty: PropertyType, column: Expr) -> Expr {
    match (backend, ty) {
        (DbBackend::Sqlite, PropertyType::Decimal) => collate(column, column::SQLITE_DECIMAL),
        _ => column,
    }
}

fn collate(text: Expr, collation: &'static str) -> Expr {
    // Collations are names, and quoted like those of columns.
    text.binary(BinOper::Custom("COLLATE"), Expr::col(collation))
}

/// A scalar: a column, or what is taken out of JSON.
pub(super) struct Column<'a> {
    pub backend: DbBackend,
    /// What messages call it.
    pub name: &'a str,
    pub ty: PropertyType,
    /// The type of a column that has one of its own.
    pub own_type: Option<&'static str>,
    pub expr: Expr,
}

impl Column<'_> {
    pub fn compare(&self, comparison: &Comparison) -> Result<Where> {
        use Comparison::{
            Between, Equal, Greater, GreaterOrEqual, In, Less, LessOrEqual, Like, NotEqual, NotIn,
        };

        let expr = match comparison {
            Equal(Value::Null) => self.is_null(),
            NotEqual(Value::Null) => self.is_null().not(),
            Equal(value) => self.operand().eq(self.value(value)?),
            NotEqual(value) => self.operand().ne(self.value(value)?).or(self.is_null()),
            Greater(Value::Null)
            | GreaterOrEqual(Value::Null)
            | Less(Value::Null)
            | LessOrEqual(Value::Null)
            | Between(Value::Null, _)
            | Between(_, Value::Null) => never(),
            Greater(value) => self.operand().gt(self.value(value)?),
            GreaterOrEqual(value) => self.operand().gte(self.value(value)?),
            Less(value) => self.operand().lt(self.value(value)?),
            LessOrEqual(value) => self.operand().lte(self.value(value)?),
            Between(low, high) => {
                let (low, high) = (self.value(low)?, self.value(high)?);
                self.operand().gte(low).and(self.operand().lte(high))
            }
            In(list) => {
                let (values, null) = split_null(list);
                let found = self.one_of(&values, false)?.unwrap_or_else(never);
                if null {
                    found.or(self.is_null())
                } else {
                    found
                }
            }
            NotIn(list) => {
                let (values, null) = split_null(list);
                match (self.one_of(&values, true)?, null) {
                    (None, false) => always(),
                    (None, true) => self.is_null().not(),
                    (Some(other), false) => other.or(self.is_null()),
                    (Some(other), true) => other.and(self.is_null().not()),
                }
            }
            Comparison::Regexp(regexp) => match self.regexp(regexp) {
                Some(fits) => fits,
                None => return Ok(Where::undecided()),
            },
            // SQLite reads a pattern up to its first zero.
            Like { pattern, .. } if self.backend == DbBackend::Sqlite && pattern.contains('\0') => {
                return Ok(Where::undecided());
            }
            Like {
                pattern,
                ignore_case,
                negated,
            } => {
                let fits = self.like(pattern, *ignore_case)?;
                if *negated {
                    fits.not().or(self.is_null())
                } else {
                    fits
                }
            }
        };
        Ok(Where::exactly(expr))
    }

    fn operand(&self) -> Expr {
        operand(self.backend, self.ty, self.expr.clone())
    }

    fn is_null(&self) -> Expr {
        self.expr.clone().is_null()
    }

    fn bind(&self, value: &Value) -> Result<Bound> {
        bind(self.backend, self.ty, value).map_err(|unfit| {
            Error::new(
                400,
                format!(
                    "`{}` can't be compared with {}: it {}",
                    self.name,
                    value.to_text(),
                    unfit.message
                ),
            )
        })
    }

    fn value(&self, value: &Value) -> Result<Expr> {
        Ok(given(self.own_type, self.ty, self.bind(value)?))
    }

    /// Equal to one of `values` (or to none of them), for rows that have a value; nothing when there are no values.
    fn one_of(&self, values: &[&Value], negated: bool) -> Result<Option<Expr>> {
        let bound = values
            .iter()
            .map(|value| self.bind(value))
            .collect::<Result<Vec<_>>>()?;
        if let [_] = bound.as_slice() {
            let value = bound.into_iter().next();
            return Ok(value.map(|value| {
                let value = given(self.own_type, self.ty, value);
                if negated {
                    self.operand().ne(value)
                } else {
                    self.operand().eq(value)
                }
            }));
        }
        if bound.is_empty() {
            return Ok(None);
        }
        let bound = match list_parameter(self.backend, self.ty, values, bound) {
            Ok(list) => return Ok(Some(self.within(list, negated))),
            Err(bound) => bound,
        };
        // Integers are digits and perhaps a sign: nothing that could be misread when it is written out.
        if self.backend == DbBackend::MySql && matches!(self.ty, PropertyType::Integer { .. }) {
            let list = bound.into_iter().map(Expr::Constant);
            return Ok(Some(if negated {
                self.operand().is_not_in(list)
            } else {
                self.operand().is_in(list)
            }));
        }
        Ok(Some(if negated {
            self.operand().is_not_in(bound)
        } else {
            self.operand().is_in(bound)
        }))
    }

    /// Within (or not within) the list that one parameter is.
    fn within(&self, list: Bound, negated: bool) -> Expr {
        let list = Expr::val(list);
        #[cfg(feature = "postgres")]
        if self.backend == DbBackend::Postgres {
            use sea_orm::sea_query::extension::postgres::PgFunc;

            let list = match self.own_type {
                Some(ty) => list.cast_as(format!("{ty}[]")),
                None => list,
            };
            return if negated {
                self.operand().ne(PgFunc::all(list))
            } else {
                self.operand().eq(PgFunc::any(list))
            };
        }
        let mut items = Query::select();
        items
            .column("value")
            .from_function(Func::cust("json_each").arg(list), "list");
        if negated {
            self.operand().not_in_subquery(items)
        } else {
            self.operand().in_subquery(items)
        }
    }

    #[cfg(feature = "postgres")]
    fn regexp(&self, regexp: &Regexp) -> Option<Expr> {
        if self.backend != DbBackend::Postgres || self.own_type.is_some() {
            return None;
        }
        let words = super::regexp::postgres(regexp)?;
        // Letters are those of Unicode, not of the database's locale.
        let text = collate(self.expr.clone(), "C");
        Some(text.binary(BinOper::Custom("~"), words))
    }

    #[cfg(not(feature = "postgres"))]
    fn regexp(&self, _: &Regexp) -> Option<Expr> {
        None
    }

    fn like(&self, pattern: &str, ignore_case: bool) -> Result<Expr> {
        if pattern.len() > LONGEST {
            let message = format!(
                "the pattern for `{}` is longer than {LONGEST} bytes",
                self.name
            );
            return Err(Error::new(400, message));
        }
        let column = self.expr.clone();
        let is_text = self.own_type.is_none()
            && matches!(self.ty, PropertyType::String | PropertyType::Enum(_));
        Ok(match self.backend {
            DbBackend::Postgres => {
                if pattern.contains('\0') {
                    // No text of PostgreSQL has one.
                    return Ok(never());
                }
                let text = if is_text {
                    column
                } else {
                    column.cast_as("text")
                };
                let pattern = escaped(pattern, '\\');
                if ignore_case {
                    // The code point order of our columns knows no letters beyond ASCII; the database's own does.
                    collate(text, "default").binary(PgBinOper::ILike, pattern)
                } else {
                    text.binary(BinOper::Like, pattern)
                }
            }
            DbBackend::MySql => {
                let text = if is_text {
                    column
                } else {
                    column.cast_as("char")
                };
                let (text, pattern) = if ignore_case {
                    let pattern = Func::lower(escaped(pattern, '|'));
                    (Func::lower(text).into(), Expr::from(pattern))
                } else {
                    (text, Expr::val(escaped(pattern, '|')))
                };
                // The connection's own collation ignores case and accents.
                let pattern = collate(pattern, "utf8mb4_bin");
                text.binary(BinOper::Like, escape_clause(pattern))
            }
            DbBackend::Sqlite => {
                let text = if is_text {
                    column
                } else {
                    column.cast_as("text")
                };
                if ignore_case {
                    let pattern = Expr::val(escaped(pattern, '|'));
                    text.binary(BinOper::Like, escape_clause(pattern))
                } else {
                    text.binary(BinOper::Custom("GLOB"), glob(pattern))
                }
            }
            _ => {
                return Err(Error::internal(
                    "this database is not one that the SQL connector speaks to",
                ));
            }
        })
    }
}

/// `|` escapes, not `\`: whether a server reads `'\'` as one character depends on its settings.
fn escape_clause(pattern: Expr) -> Expr {
    pattern.binary(BinOper::Escape, Expr::Constant('|'.into()))
}

/// One parameter for a whole list of values, however long it is: databases limit the number of parameters, and each number of
/// them would be another statement to prepare. `bound` are the `values`, bound; they come back where the database has no
/// such thing.
pub(super) fn list_parameter(
    backend: DbBackend,
    ty: PropertyType,
    values: &[&Value],
    bound: Vec<Bound>,
) -> Result<Bound, Vec<Bound>> {
    match backend {
        DbBackend::Sqlite => json_list(values).map(Bound::from).ok_or(bound),
        #[cfg(feature = "postgres")]
        DbBackend::Postgres => match array_type(ty) {
            Some(ty) => Ok(Bound::Array(ty, Some(Box::new(bound)))),
            None => Err(bound),
        },
        _ => {
            let _ = ty;
            Err(bound)
        }
    }
}

/// The values as JSON text that `json_each` turns into what the column holds.
fn json_list(values: &[&Value]) -> Option<String> {
    let items: Option<Vec<Json>> = values
        .iter()
        .map(|value| match value {
            Value::Integer(number) => Some(Json::from(*number)),
            Value::DateTime(instant) => Some(Json::from(column::sqlite_instant(*instant))),
            Value::String(_)
            | Value::Decimal(_)
            | Value::Date(_)
            | Value::Uuid(_)
            | Value::ObjectId(_) => Some(Json::from(value.to_text())),
            _ => None,
        })
        .collect();
    Some(Json::from(items?).to_string())
}

pub(super) fn split_null(list: &[Value]) -> (Vec<&Value>, bool) {
    let values: Vec<_> = list.iter().filter(|value| !value.is_null()).collect();
    let null = values.len() < list.len();
    (values, null)
}

#[cfg(feature = "postgres")]
fn array_type(ty: PropertyType) -> Option<sea_orm::sea_query::ArrayType> {
    use sea_orm::sea_query::ArrayType;

    Some(match ty {
        PropertyType::Boolean => ArrayType::Bool,
        PropertyType::Integer { .. } => ArrayType::BigInt,
        PropertyType::Float => ArrayType::Double,
        PropertyType::Decimal => ArrayType::Decimal,
        PropertyType::String | PropertyType::Enum(_) | PropertyType::ObjectId => ArrayType::String,
        PropertyType::DateTime => ArrayType::ChronoDateTimeUtc,
        PropertyType::Date => ArrayType::ChronoDate,
        PropertyType::Uuid => ArrayType::Uuid,
        PropertyType::Bytes => ArrayType::Bytes,
        PropertyType::Json
        | PropertyType::Array(_)
        | PropertyType::Object(_)
        | PropertyType::GeoPoint => return None,
    })
}

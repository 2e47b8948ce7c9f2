//! What a database answers to a statement.

#[cfg(feature = "sqlite")]
use sea_orm::sqlx::{self, Column as _, Row as _, TypeInfo as _, ValueRef as _, sqlite::SqliteRow};
use sea_orm::{DbBackend, ExecResult, FromQueryResult, JsonValue, QueryResult};
use serde_json::{Map, Value as Json};

use super::column::{DecodeError, decode};
use super::error::Failure;
#[cfg(feature = "postgres")]
use super::pipeline;
#[cfg(feature = "sqlite")]
use super::threads::{self, Fetched, Rows};
use crate::model::{PropertyDef, Value};
use crate::{Error, Result};

/// What a database answers to a statement: rows, or how many of them it has changed.
#[derive(Debug)]
pub struct Answer(Content);

#[derive(Debug)]
enum Content {
    Rows(Vec<QueryResult>),
    /// From a shared connection, which no observer sees.
    #[cfg(feature = "postgres")]
    SharedRows(Vec<tokio_postgres::Row>),
    /// From a thread that asks SQLite, which no observer sees.
    #[cfg(feature = "sqlite")]
    FetchedRows(Rows),
    /// From an observer.
    Records(Vec<Map<String, Json>>),
    Affected {
        rows: u64,
        /// The id that MySQL gave to a new row.
        id: Option<u64>,
    },
}

impl Answer {
    /// Rows as an observer wants the caller to see them, by column name.
    pub fn from_records(records: Vec<Map<String, Json>>) -> Self {
        Answer(Content::Records(records))
    }

    /// That many rows changed, as an observer wants the caller to believe.
    pub fn from_affected(rows: u64) -> Self {
        Answer(Content::Affected { rows, id: None })
    }

    pub(super) fn of_rows(rows: Vec<QueryResult>) -> Self {
        Answer(Content::Rows(rows))
    }

    #[cfg(feature = "postgres")]
    pub(super) fn of_shared_rows(rows: Vec<tokio_postgres::Row>) -> Self {
        Answer(Content::SharedRows(rows))
    }

    #[cfg(feature = "sqlite")]
    pub(super) fn of_fetched_rows(rows: Rows) -> Self {
        Answer(Content::FetchedRows(rows))
    }

    pub(super) fn of_result(backend: DbBackend, result: &ExecResult) -> Self {
        Answer(Content::Affected {
            rows: result.rows_affected(),
            // The others have no such thing, and asking them for it ends the program.
            id: (backend == DbBackend::MySql).then(|| result.last_insert_id()),
        })
    }

    /// How many rows the statement has changed; none for one that was asked for rows.
    pub fn rows_affected(&self) -> u64 {
        match self.0 {
            Content::Affected { rows, .. } => rows,
            _ => 0,
        }
    }

    /// How many rows there are to read.
    pub fn row_count(&self) -> usize {
        match &self.0 {
            Content::Rows(rows) => rows.len(),
            #[cfg(feature = "postgres")]
            Content::SharedRows(rows) => rows.len(),
            #[cfg(feature = "sqlite")]
            Content::FetchedRows(rows) => rows.len(),
            Content::Records(records) => records.len(),
            Content::Affected { .. } => 0,
        }
    }

    /// The rows as JSON objects, by column name. Decimals, instants, dates and UUIDs are text, bytes a list of numbers.
    ///
    /// # Errors
    /// A column has a type that can't be written as JSON.
    pub fn records(&self) -> Result<Vec<Map<String, Json>>> {
        match &self.0 {
            Content::Rows(rows) => rows.iter().map(object).collect(),
            Content::Records(records) => Ok(records.clone()),
            #[cfg(feature = "postgres")]
            Content::SharedRows(_) => Err(Error::internal(UNREADABLE)),
            #[cfg(feature = "sqlite")]
            Content::FetchedRows(_) => Err(Error::internal(UNREADABLE)),
            Content::Affected { .. } => Ok(Vec::new()),
        }
    }

    pub(super) fn inserted_id(&self) -> Option<u64> {
        match self.0 {
            Content::Affected { id, .. } => id,
            _ => None,
        }
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        (0..self.row_count()).filter_map(|index| match &self.0 {
            Content::Rows(rows) => rows.get(index).map(Row::Fetched),
            #[cfg(feature = "postgres")]
            Content::SharedRows(rows) => rows.get(index).map(Row::Shared),
            #[cfg(feature = "sqlite")]
            Content::FetchedRows(rows) => rows.get(index).map(Row::OfThread),
            Content::Records(records) => records.get(index).map(Row::Given),
            Content::Affected { .. } => None,
        })
    }
}

fn object(row: &QueryResult) -> Result<Map<String, Json>> {
    #[cfg(feature = "sqlite")]
    if let Some(row) = row.try_as_sqlite_row() {
        return sqlite_object(row).map_err(|error| Error::internal(UNREADABLE).with_source(error));
    }
    match JsonValue::from_query_result(row, "") {
        Ok(Json::Object(object)) => Ok(object),
        Ok(_) => Err(Error::internal(UNREADABLE)),
        Err(error) => Err(Error::internal(UNREADABLE).with_source(error)),
    }
}

const UNREADABLE: &str = "a column of the answer has a type that can't be written as JSON; cast it to text in the statement";

/// SeaORM goes by the columns' declared types, which what is computed has not; a value of SQLite knows its own.
#[cfg(feature = "sqlite")]
fn sqlite_object(row: &SqliteRow) -> sqlx::Result<Map<String, Json>> {
    let mut object = Map::new();
    for column in row.columns() {
        let index = column.ordinal();
        let value = row.try_get_raw(index)?;
        let json = match value.type_info().name() {
            _ if value.is_null() => Json::Null,
            _ if column.type_info().name() == "BOOLEAN" => {
                row.try_get_unchecked::<bool, _>(index)?.into()
            }
            "INTEGER" => row.try_get_unchecked::<i64, _>(index)?.into(),
            "REAL" => row.try_get_unchecked::<f64, _>(index)?.into(),
            "BLOB" => row.try_get_unchecked::<Vec<u8>, _>(index)?.into(),
            _ => row.try_get_unchecked::<String, _>(index)?.into(),
        };
        object.insert(column.name().to_owned(), json);
    }
    Ok(object)
}

/// One row of an answer.
pub(super) enum Row<'a> {
    Fetched(&'a QueryResult),
    #[cfg(feature = "postgres")]
    Shared(&'a tokio_postgres::Row),
    #[cfg(feature = "sqlite")]
    OfThread(Fetched<'a>),
    Given(&'a Map<String, Json>),
}

impl Row<'_> {
    /// The value of `property`, whose column was asked for at `position`.
    pub fn value(&self, position: usize, property: &PropertyDef) -> Result<Value, DecodeError> {
        match self {
            Row::Fetched(row) => decode(row, position, property),
            #[cfg(feature = "postgres")]
            Row::Shared(row) => pipeline::decode(row, position, property),
            #[cfg(feature = "sqlite")]
            Row::OfThread(row) => threads::decode(*row, position, property),
            Row::Given(record) => match record.get(property.column) {
                None | Some(Json::Null) => Ok(Value::Null),
                Some(json) => property
                    .ty
                    .from_json(json.clone())
                    .map_err(|error| format!("{error:?}").into()),
            },
        }
    }

    /// The number in the row's only column.
    pub fn number(&self) -> Result<Option<i64>, Failure> {
        match self {
            Row::Fetched(row) => Ok(row.try_get_by_index(0)?),
            #[cfg(feature = "postgres")]
            Row::Shared(row) => row.try_get::<_, Option<i64>>(0).map_err(Failure::from),
            #[cfg(feature = "sqlite")]
            Row::OfThread(row) => Ok(row.number()),
            Row::Given(record) => Ok(record.values().next().and_then(Json::as_i64)),
        }
    }
}

//! What a live database says about its tables: read by the schema commands and by discovery.
//!
//! A database is asked in four or five statements, however many tables it has. What only its owner can make sense of is
//! left out: indexes over other expressions than coordinates or over parts of the rows, and of other methods than a tree;
//! partitions; tables of extensions; temporary tables.

mod kind;
#[cfg(feature = "mysql")]
mod mysql;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;

use sea_orm::sea_query::Value as Bound;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Statement, TryGetable};

pub use self::kind::ColumnKind;
use super::error::failed;
use crate::{Error, Result};

/// A table or view.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Table {
    /// The name within its schema.
    pub name: String,
    /// The schema; SQLite has none.
    pub schema: Option<String>,
    /// Is it a view, or something else that is read like a table and can't be altered like one (a foreign or virtual
    /// table)?
    pub view: bool,
    /// What its owner wrote about it. SQLite keeps no comments.
    pub comment: Option<String>,
    /// The columns in their order.
    pub columns: Vec<Column>,
    /// The columns of the primary key, in the key's order.
    pub primary_key: Vec<String>,
    /// The indexes over whole columns or coordinates and all rows, without that of the primary key.
    pub indexes: Vec<Index>,
    /// The foreign keys.
    pub foreign_keys: Vec<ForeignKey>,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Column {
    /// The name.
    pub name: String,
    /// The type, in words that all databases share.
    pub kind: ColumnKind,
    /// The type as the database prints it.
    pub declared: String,
    /// May it be null?
    pub nullable: bool,
    /// Does the database number new rows here (serial, identity, `AUTO_INCREMENT`, SQLite's `INTEGER PRIMARY KEY`)?
    pub generated: bool,
    /// Does the database compute the value from other columns? Such a column can't be written.
    pub computed: bool,
    /// The default, as the expression that the database prints.
    pub default: Option<String>,
    /// What its owner wrote about it.
    pub comment: Option<String>,
    /// How text compares; known on MySQL only.
    pub collation: Option<String>,
}

/// An index over whole columns, or over the coordinates of points.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Index {
    /// The name.
    pub name: String,
    /// The columns in the order of the index.
    pub columns: Vec<String>,
    /// Those of the columns whose greatest values come first.
    pub descending: Vec<String>,
    /// Is it over the latitude and the longitude of the points that its one column holds as JSON?
    pub coordinates: bool,
    /// Is a combination of values taken by one row at most?
    pub unique: bool,
    /// Does the index belong to a `UNIQUE` constraint? Then it goes with the constraint only.
    pub constraint: bool,
}

/// A foreign key.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ForeignKey {
    /// The constraint's name; SQLite does not tell.
    pub name: Option<String>,
    /// The columns that hold the key.
    pub columns: Vec<String>,
    /// The table that the key leads to.
    pub target_table: String,
    /// The columns that the key leads to.
    pub target_columns: Vec<String>,
    /// What happens to a row when its target is deleted: `NO ACTION`, `RESTRICT`, `CASCADE`, `SET NULL`, `SET DEFAULT`.
    pub on_delete: String,
    /// What happens to a row when its target's key changes, in the same words.
    pub on_update: String,
}

#[cfg(any(feature = "mysql", feature = "sqlite"))]
impl Index {
    /// Adds a column: those two tell them row by row.
    fn push(&mut self, column: String, descending: bool) {
        if descending {
            self.descending.push(column.clone());
        }
        self.columns.push(column);
    }
}

impl Table {
    pub(super) fn new(
        name: String,
        schema: Option<String>,
        view: bool,
        comment: Option<String>,
    ) -> Self {
        Table {
            name,
            schema,
            view,
            comment: comment.filter(|comment| !comment.is_empty()),
            columns: Vec::new(),
            primary_key: Vec::new(),
            indexes: Vec::new(),
            foreign_keys: Vec::new(),
        }
    }

    /// The column called `name`.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// The kind of a type as a table's definition says it.
pub(super) fn kind(backend: DbBackend, declared: &str) -> ColumnKind {
    match backend {
        #[cfg(feature = "postgres")]
        DbBackend::Postgres => postgres::kind(declared, Vec::new()),
        #[cfg(feature = "mysql")]
        DbBackend::MySql => mysql::kind(declared),
        #[cfg(feature = "sqlite")]
        DbBackend::Sqlite => sqlite::kind(declared),
        // A connection to any other has not been made.
        _ => ColumnKind::Other(declared.to_owned()),
    }
}

/// Reads the tables and views of `schema`, sorted by name. Without one these are the tables that a statement finds by
/// their bare name: those of the connection's database (MySQL) or search path (PostgreSQL).
pub(super) async fn read(
    connection: &impl ConnectionTrait,
    backend: DbBackend,
    schema: Option<&str>,
) -> Result<Vec<Table>> {
    let tables = match backend {
        #[cfg(feature = "postgres")]
        DbBackend::Postgres => postgres::read(connection, schema).await,
        #[cfg(feature = "mysql")]
        DbBackend::MySql => mysql::read(connection, schema).await,
        #[cfg(feature = "sqlite")]
        DbBackend::Sqlite => match schema {
            None | Some("main") => sqlite::read(connection).await,
            Some(_) => {
                return Err(Error::internal(
                    "SQLite has no schemas; leave the schema's name out",
                ));
            }
        },
        // A connection to any other has not been made.
        _ => return Err(Error::internal("this database's tables can't be read")),
    };
    tables.map_err(failed)
}

/// The rows of a statement of this folder.
async fn rows(
    connection: &impl ConnectionTrait,
    sql: impl Into<String>,
    values: impl IntoIterator<Item = Bound>,
) -> Result<Vec<QueryResult>, DbErr> {
    let backend = connection.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, sql, values);
    connection.query_all_raw(statement).await
}

fn get<T: TryGetable>(row: &QueryResult, index: usize) -> Result<T, DbErr> {
    row.try_get_by_index(index)
}

/// The table called `name`. Rows of tables that are not among the first statement's (created meanwhile) have none.
fn table<'a>(tables: &'a mut [Table], name: &str) -> Option<&'a mut Table> {
    tables.iter_mut().find(|table| table.name == name)
}

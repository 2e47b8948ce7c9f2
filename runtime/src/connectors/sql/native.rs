//! Statements in the database's own words (contract *connectors.md* §1.7).

use sea_orm::sea_query::Value as Bound;
use sea_orm::{ConnectionTrait, Statement, TransactionTrait};
use serde_json::{Map, Value as Json};

use super::Session;
use super::column::bind;
use super::error::failed;
use crate::model::{PropertyType, Value};
use crate::{Error, Result};

impl<C> Session<C>
where
    C: ConnectionTrait + TransactionTrait,
{
    /// The rows that a statement in the database's own words finds, as JSON objects by column name: see
    /// [`Answer::records`](super::Answer::records).
    ///
    /// Values belong into `parameters` and never into the text: PostgreSQL calls them `$1`, `$2`, …, SQLite and MySQL
    /// `?`. A null is one of text for PostgreSQL; `$1::bigint` makes it another one.
    ///
    /// ```
    /// use loopwright::connectors::sql::SqlConnector;
    /// use loopwright::model::Value;
    /// use loopwright::prelude::*;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// let app = App::new().data_source("db", "sqlite::memory:").build().await?;
    /// let sql = app.connector::<SqlConnector>("db")?;
    /// sql.execute("CREATE TABLE cup (label TEXT, size INTEGER)", []).await?;
    /// let cup = [Value::String("espresso".into()), Value::Integer(40)];
    /// assert_eq!(sql.execute("INSERT INTO cup VALUES (?, ?)", cup).await?, 1);
    ///
    /// let small = sql.query("SELECT label FROM cup WHERE size < ?", [Value::Integer(100)]).await?;
    /// assert_eq!(small[0]["label"], "espresso");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Within a transaction it is [`Transaction::connector`](crate::repository::Transaction::connector) that answers to
    /// these methods.
    ///
    /// # Errors
    /// What the database says, as the source; 503 when it can't be reached.
    pub async fn query(
        &self,
        sql: &str,
        parameters: impl IntoIterator<Item = Value>,
    ) -> Result<Vec<Map<String, Json>>> {
        let statement = self.native(sql, parameters)?;
        let answer = self.write(self.rows_alone(statement)).await;
        answer.map_err(failed)?.records()
    }

    /// As [`query`](Self::query), for a statement that changes something: answers how many rows.
    ///
    /// # Errors
    /// As [`query`](Self::query).
    pub async fn execute(
        &self,
        sql: &str,
        parameters: impl IntoIterator<Item = Value>,
    ) -> Result<u64> {
        let statement = self.native(sql, parameters)?;
        let answer = self.write(self.affected_alone(statement)).await;
        Ok(answer.map_err(failed)?.rows_affected())
    }

    fn native(&self, sql: &str, parameters: impl IntoIterator<Item = Value>) -> Result<Statement> {
        let bind = |(position, value): (usize, Value)| {
            let bound = match own_type(&value) {
                Some(ty) => bind(self.backend, ty, &value),
                None => Ok(Bound::Json(Some(Box::new(value.to_json())))),
            };
            bound.map_err(|unfit| {
                let message = format!("the parameter {} {}", position + 1, unfit.message);
                Error::new(400, message).with_code("INVALID_PARAMETER")
            })
        };
        let values: Vec<Bound> = parameters
            .into_iter()
            .enumerate()
            .map(bind)
            .collect::<Result<_>>()?;
        Ok(Statement::from_sql_and_values(self.backend, sql, values))
    }
}

/// The type of a value that belongs to no property; none for what is stored as JSON.
fn own_type(value: &Value) -> Option<PropertyType> {
    Some(match value {
        Value::Boolean(_) => PropertyType::Boolean,
        Value::Integer(_) => PropertyType::Integer {
            min: i64::MIN,
            max: i64::MAX,
        },
        Value::Float(_) => PropertyType::Float,
        Value::Decimal(_) => PropertyType::Decimal,
        Value::Null | Value::String(_) => PropertyType::String,
        Value::DateTime(_) => PropertyType::DateTime,
        Value::Date(_) => PropertyType::Date,
        Value::Uuid(_) => PropertyType::Uuid,
        Value::ObjectId(_) => PropertyType::ObjectId,
        Value::Bytes(_) => PropertyType::Bytes,
        Value::GeoPoint(_) | Value::Array(_) | Value::Json(_) => return None,
    })
}

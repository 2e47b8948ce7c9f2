//! Statements in the database's own words, and who looks at every statement (contract *connectors.md* §1.7).

use std::sync::{Arc, Mutex};

use loopwright::Config;
use loopwright::connectors::sql::sea_orm::Statement;
use loopwright::connectors::sql::{Answer, SqlConnector, SqlTransaction, StatementObserver};
use loopwright::model::Value;
use loopwright::prelude::*;
use loopwright_tests::models::{All, Customer, customer};
use loopwright_tests::{mysql_url, postgres_url, sqlite_url};

type TestResult = std::result::Result<(), Box<dyn std::error::Error>>;

async fn application(database: &str) -> Result<Application> {
    let app = App::new().config(Config::default());
    app.data_source("db", database)
        .models::<All>()
        .build()
        .await
}

fn text(text: &str) -> Value {
    Value::String(text.into())
}

/// The placeholders that the database knows.
fn insert(database: &str) -> &'static str {
    if database.starts_with("postgres") {
        "INSERT INTO customer (name) VALUES ($1)"
    } else {
        "INSERT INTO customer (name) VALUES (?)"
    }
}

async fn values_are_bound_in_and_out_of_transactions(database: &str) -> TestResult {
    let app = application(database).await?;
    let sql = app.connector::<SqlConnector>("db")?;
    // What would end a statement that it was pasted into.
    let hostile = "Ann'); DROP TABLE customer; --";
    let insert = insert(database);
    assert_eq!(sql.execute(insert, [text(hostile)]).await?, 1);
    let found = app.repository::<Customer>()?.find().one().await?;
    assert_eq!(found.ok_or("nobody")?.name, hostile);

    let undone = app.transaction().begin().await?;
    let within = undone.connector::<SqlTransaction>().await?;
    within.execute(insert, [text("Bob")]).await?;
    let counted = within.query("SELECT COUNT(*) AS count FROM customer", []);
    assert_eq!(counted.await?[0]["count"], 2);
    // One that fails is not the end of the others.
    assert!(
        within
            .query("SELECT nothing FROM nowhere", [])
            .await
            .is_err()
    );
    within.execute(insert, [text("Carl")]).await?;
    drop(within);
    assert_eq!(
        undone
            .repository::<Customer>()?
            .count(Condition::ALL)
            .await?,
        3
    );
    undone.rollback().await?;
    let rows = sql.query("SELECT id, name FROM customer", []).await?;
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["name"], hostile);
    assert!(rows[0]["id"].is_i64());
    Ok(())
}

/// Writes down what it sees, and plays tricks on names.
#[derive(Clone, Default)]
struct Spy(Arc<Mutex<Vec<(String, u64, usize)>>>);

#[async_trait::async_trait]
impl StatementObserver for Spy {
    async fn before_execute(&self, statement: &mut Statement) -> Result<Option<Answer>> {
        if statement.sql.starts_with("DELETE") {
            return Err(Error::new(403, "nothing is deleted here").with_code("NO_DELETE"));
        }
        if statement.sql.starts_with("UPDATE") {
            return Ok(Some(Answer::from_affected(7)));
        }
        if let Some(values) = &mut statement.values {
            for value in &mut values.0 {
                if *value == "Ann".into() {
                    *value = "Anna".into();
                }
            }
        }
        Ok(None)
    }

    async fn after_execute(&self, statement: &Statement, answer: &Answer) {
        if let Ok(mut seen) = self.0.lock() {
            let seen_now = (
                statement.sql.clone(),
                answer.rows_affected(),
                answer.row_count(),
            );
            seen.push(seen_now);
        }
    }
}

/// Answers every question itself.
struct Oracle;

#[async_trait::async_trait]
impl StatementObserver for Oracle {
    async fn before_execute(&self, _: &mut Statement) -> Result<Option<Answer>> {
        let row = serde_json::json!({ "id": 42, "name": "Zoe" });
        Ok(row
            .as_object()
            .cloned()
            .map(|row| Answer::from_records(vec![row])))
    }
}

async fn observers_see_change_and_end_statements(database: &str) -> TestResult {
    let app = application(database).await?;
    let sql = app.connector::<SqlConnector>("db")?;
    let spy = Spy::default();
    sql.observe(spy.clone());
    let customers = app.repository::<Customer>()?;
    let ann = customers.create(customer("Ann")).await?;
    let found = customers.find_by_id(ann.id).await?.ok_or("nobody")?;
    assert_eq!(found.name, "Anna");
    // Also within a transaction.
    let tx = app.transaction().begin().await?;
    tx.repository::<Customer>()?.create(customer("Ann")).await?;
    tx.commit().await?;

    let refused = customers.delete_by_id(ann.id).await;
    assert_eq!(refused.err().ok_or("deleted")?.code(), Some("NO_DELETE"));
    assert_eq!(
        sql.execute("UPDATE customer SET name = 'Eve'", []).await?,
        7
    );
    // A failed statement is seen by nobody.
    assert!(sql.query("SELECT nothing FROM nowhere", []).await.is_err());
    let seen = spy.0.lock().map_err(|_| "poisoned")?.clone();
    let verbs: Vec<_> = seen
        .iter()
        .filter_map(|(sql, ..)| sql.split(' ').next())
        .collect();
    assert_eq!(verbs, ["INSERT", "SELECT", "INSERT"]);
    assert_eq!(seen[1].2, 1);

    sql.observe(Oracle);
    let zoe = customers.find_by_id(1).await?.ok_or("nobody")?;
    assert_eq!((zoe.id, zoe.name.as_str()), (42, "Zoe"));
    Ok(())
}

macro_rules! on_every_sql_database {
    ($($test:ident)*) => {$(
        mod $test {
            #[tokio::test]
            async fn on_sqlite() -> super::TestResult {
                super::$test(&super::sqlite_url()).await
            }

            #[tokio::test]
            async fn on_postgres() -> super::TestResult {
                match super::postgres_url() {
                    Some(url) => super::$test(&url).await,
                    None => Ok(()),
                }
            }

            #[tokio::test]
            async fn on_mysql() -> super::TestResult {
                match super::mysql_url() {
                    Some(url) => super::$test(&url).await,
                    None => Ok(()),
                }
            }
        }
    )*};
}

on_every_sql_database!(
    values_are_bound_in_and_out_of_transactions
    observers_see_change_and_end_statements
);

//! The same by hand, as somebody writes it who wants three statements and no more.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use chrono::{DateTime, Utc};
use sea_orm::sqlx::postgres::PgPoolOptions;
use sea_orm::sqlx::sqlite::SqlitePoolOptions;
use sea_orm::sqlx::{self, PgPool, SqlitePool};
use serde::Serialize;

use crate::{POOL, Result};

#[derive(Serialize)]
struct Customer {
    id: i64,
    name: String,
    city: Option<String>,
    since: DateTime<Utc>,
    orders: Vec<Order>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Order {
    id: i64,
    number: String,
    placed: DateTime<Utc>,
    paid: bool,
    customer_id: i64,
    items: Vec<Item>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    id: i64,
    title: String,
    price: f64,
    amount: i64,
    order_id: i64,
}

type CustomerRow = (i64, String, Option<String>, DateTime<Utc>);
type OrderRow = (i64, String, DateTime<Utc>, bool, i64);
type ItemRow = (i64, String, f64, i64, i64);

/// The three statements.
trait Store: Send + Sync + 'static {
    fn customers(&self) -> impl Future<Output = sqlx::Result<Vec<CustomerRow>>> + Send;
    fn orders(&self, of: &[i64]) -> impl Future<Output = sqlx::Result<Vec<OrderRow>>> + Send;
    fn items(&self, of: &[i64]) -> impl Future<Output = sqlx::Result<Vec<ItemRow>>> + Send;
}

const CUSTOMERS: &str = "SELECT id, name, city, since FROM customer ORDER BY id";

impl Store for PgPool {
    async fn customers(&self) -> sqlx::Result<Vec<CustomerRow>> {
        sqlx::query_as(CUSTOMERS).fetch_all(self).await
    }

    async fn orders(&self, of: &[i64]) -> sqlx::Result<Vec<OrderRow>> {
        let sql = "SELECT id, number, placed, paid, customer_id FROM \"order\" WHERE customer_id = ANY($1) ORDER BY id";
        sqlx::query_as(sql).bind(of).fetch_all(self).await
    }

    async fn items(&self, of: &[i64]) -> sqlx::Result<Vec<ItemRow>> {
        let sql = "SELECT id, title, price, amount, order_id FROM item WHERE order_id = ANY($1) ORDER BY id";
        sqlx::query_as(sql).bind(of).fetch_all(self).await
    }
}

/// `?, ?, ?`
fn marks(len: usize) -> String {
    vec!["?"; len].join(", ")
}

impl Store for SqlitePool {
    async fn customers(&self) -> sqlx::Result<Vec<CustomerRow>> {
        sqlx::query_as(CUSTOMERS).fetch_all(self).await
    }

    async fn orders(&self, of: &[i64]) -> sqlx::Result<Vec<OrderRow>> {
        let marks = marks(of.len());
        let sql = format!(
            "SELECT id, number, placed, paid, customer_id FROM \"order\" WHERE customer_id IN ({marks}) ORDER BY id"
        );
        let query = sqlx::query_as(sqlx::AssertSqlSafe(sql));
        let query = of.iter().fold(query, |query, id| query.bind(id));
        query.fetch_all(self).await
    }

    async fn items(&self, of: &[i64]) -> sqlx::Result<Vec<ItemRow>> {
        let marks = marks(of.len());
        let sql = format!(
            "SELECT id, title, price, amount, order_id FROM item WHERE order_id IN ({marks}) ORDER BY id"
        );
        let query = sqlx::query_as(sqlx::AssertSqlSafe(sql));
        let query = of.iter().fold(query, |query, id| query.bind(id));
        query.fetch_all(self).await
    }
}

/// The server for the database at `url`. Connections are not asked for a sign of life each time, as loopwright doesn't either.
pub async fn router(url: &str) -> Result<Router> {
    if url.starts_with("sqlite") {
        let pool = SqlitePoolOptions::new().max_connections(POOL);
        let pool = pool.test_before_acquire(false).connect(url);
        Ok(of(pool.await?))
    } else {
        let pool = PgPoolOptions::new().max_connections(POOL);
        let pool = pool.test_before_acquire(false).connect(url);
        Ok(of(pool.await?))
    }
}

fn of<S: Store>(store: S) -> Router {
    Router::new()
        .route("/customers", get(customers::<S>))
        .with_state(Arc::new(store))
}

async fn customers<S: Store>(
    State(store): State<Arc<S>>,
) -> std::result::Result<Json<Vec<Customer>>, StatusCode> {
    read(&*store).await.map(Json).map_err(|error| {
        eprintln!("the database failed: {error}");
        StatusCode::INTERNAL_SERVER_ERROR
    })
}

async fn read(store: &impl Store) -> sqlx::Result<Vec<Customer>> {
    let customers = store.customers().await?;
    let ids: Vec<_> = customers.iter().map(|(id, ..)| *id).collect();
    let orders = store.orders(&ids).await?;
    let ids: Vec<_> = orders.iter().map(|(id, ..)| *id).collect();
    let mut items: HashMap<i64, Vec<Item>> = HashMap::new();
    for (id, title, price, amount, order_id) in store.items(&ids).await? {
        items.entry(order_id).or_default().push(Item {
            id,
            title,
            price,
            amount,
            order_id,
        });
    }
    let mut by_customer: HashMap<i64, Vec<Order>> = HashMap::new();
    for (id, number, placed, paid, customer_id) in orders {
        by_customer.entry(customer_id).or_default().push(Order {
            id,
            number,
            placed,
            paid,
            customer_id,
            items: items.remove(&id).unwrap_or_default(),
        });
    }
    let customer = |(id, name, city, since): CustomerRow| Customer {
        id,
        name,
        city,
        since,
        orders: by_customer.remove(&id).unwrap_or_default(),
    };
    Ok(customers.into_iter().map(customer).collect())
}

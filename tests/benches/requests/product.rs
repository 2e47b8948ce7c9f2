//! What those who write by hand have in common: the shapes of their bodies, and what they ask of them.

use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

#[derive(Serialize, sqlx::FromRow)]
#[serde(rename_all = "camelCase")]
pub struct Product {
    pub id: i64,
    pub name: String,
    pub description: Option<String>,
    pub price: f64,
    pub amount: i64,
    pub active: bool,
    pub created: DateTime<Utc>,
    pub updated: Option<DateTime<Utc>>,
    pub category_id: i64,
}

#[derive(Serialize)]
pub struct Category<P = Product> {
    pub id: i64,
    pub name: String,
    pub products: Vec<P>,
}

#[derive(Serialize, sqlx::FromRow)]
pub struct Note {
    pub id: i64,
    pub title: String,
    pub body: String,
    pub created: DateTime<Utc>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewProduct {
    pub name: String,
    pub description: Option<String>,
    pub price: f64,
    pub amount: i64,
    pub active: bool,
    pub created: DateTime<Utc>,
    pub category_id: i64,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct Changes {
    pub name: Option<String>,
    pub description: Option<String>,
    pub price: Option<f64>,
    pub amount: Option<i64>,
    pub active: Option<bool>,
    pub category_id: Option<i64>,
}

#[derive(Deserialize)]
pub struct Page {
    pub limit: i64,
    pub skip: i64,
}

#[derive(Deserialize)]
pub struct Find {
    pub above: f64,
    pub active: bool,
    pub limit: i64,
    pub skip: i64,
}

#[derive(Deserialize)]
pub struct Count {
    pub category: i64,
}

#[derive(Serialize)]
pub struct Counted {
    pub count: i64,
}

pub fn validate(name: Option<&str>, price: Option<f64>) -> Result<(), StatusCode> {
    let named = name.is_none_or(|name| (1..=100).contains(&name.chars().count()));
    let priced = price.is_none_or(|price| price >= 0.0);
    if named && priced {
        Ok(())
    } else {
        Err(StatusCode::UNPROCESSABLE_ENTITY)
    }
}

/// Is a token still valid that was made then, for so many seconds?
pub fn is_valid(created: DateTime<Utc>, ttl: i64) -> bool {
    (Utc::now() - created).num_seconds() < ttl
}

pub fn failed(error: impl std::fmt::Display) -> StatusCode {
    eprintln!("the database failed: {error}");
    StatusCode::INTERNAL_SERVER_ERROR
}

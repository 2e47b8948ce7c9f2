//! The same by hand on axum and tokio-postgres, as nobody writes it for a living: statements prepared at the start, sent
//! one after the other over four connections that all requests share, and rows written as JSON where they lie.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::extract::{FromRequestParts, Path, Query, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde::ser::{SerializeSeq as _, Serializer};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, NoTls, Row, Statement};

use crate::Result;
use crate::product::{Changes, Count, Counted, Find, NewProduct, Page, failed, is_valid, validate};

const CONNECTIONS: usize = 4;

struct Connection {
    client: Client,
    by_id: Statement,
    list: Statement,
    find: Statement,
    count: Statement,
    create: Statement,
    patch: Statement,
    categories: Statement,
    of_categories: Statement,
    note: Statement,
    token: Statement,
    role: Statement,
}

struct Database {
    connections: Vec<Connection>,
    next: AtomicUsize,
}

type Pool = State<Arc<Database>>;

impl Database {
    fn connection(&self) -> &Connection {
        let next = self.next.fetch_add(1, Ordering::Relaxed);
        &self.connections[next % self.connections.len()]
    }
}

const COLUMNS: &str = "id, name, description, price, amount, active, created, updated, category_id";

impl Connection {
    async fn open(url: &str) -> Result<Self> {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        tokio::spawn(connection);
        let select = format!("SELECT {COLUMNS} FROM product");
        Ok(Connection {
            by_id: client.prepare(&format!("{select} WHERE id = $1")).await?,
            list: client.prepare(&format!("{select} ORDER BY id LIMIT $1 OFFSET $2")).await?,
            find: client
                .prepare(&format!(
                    "{select} WHERE price > $1 AND active = $2 ORDER BY amount DESC, id LIMIT $3 OFFSET $4"
                ))
                .await?,
            count: client
                .prepare("SELECT count(*) FROM product WHERE category_id = $1")
                .await?,
            create: client
                .prepare(&format!(
                    "INSERT INTO product (name, description, price, amount, active, created, updated, category_id) \
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING {COLUMNS}"
                ))
                .await?,
            patch: client
                .prepare(&format!(
                    "UPDATE product SET name = COALESCE($2, name), description = COALESCE($3, description), \
                     price = COALESCE($4, price), amount = COALESCE($5, amount), active = COALESCE($6, active), \
                     category_id = COALESCE($7, category_id), updated = $8 WHERE id = $1 RETURNING {COLUMNS}"
                ))
                .await?,
            categories: client
                .prepare("SELECT id, name FROM category ORDER BY id LIMIT $1 OFFSET $2")
                .await?,
            of_categories: client
                .prepare(&format!("{select} WHERE category_id = ANY($1) ORDER BY id"))
                .await?,
            note: client
                .prepare("SELECT id, title, body, created FROM note WHERE id = $1")
                .await?,
            token: client
                .prepare("SELECT user_id, ttl, created FROM access_token WHERE id = $1")
                .await?,
            role: client
                .prepare(
                    "SELECT EXISTS (SELECT 1 FROM role_mapping JOIN role ON role.id = role_mapping.role_id \
                     WHERE role.name = 'editor' AND principal_type = 'USER' AND principal_id = $1)",
                )
                .await?,
            client,
        })
    }
}

pub async fn router(url: &str) -> Result<Router> {
    let mut connections = Vec::new();
    for _ in 0..CONNECTIONS {
        connections.push(Connection::open(url).await?);
    }
    let database = Database {
        connections,
        next: AtomicUsize::new(0),
    };
    Ok(Router::new()
        .route("/products", get(list).post(create))
        .route("/products/{id}", get(by_id).patch(patch))
        .route("/products/find", get(find))
        .route("/products/count", get(count))
        .route("/categories", get(categories))
        .route("/notes/{id}", get(note))
        .with_state(Arc::new(database)))
}

type Answer = std::result::Result<Response, StatusCode>;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Product<'r> {
    id: i64,
    name: &'r str,
    description: Option<&'r str>,
    price: f64,
    amount: i64,
    active: bool,
    created: DateTime<Utc>,
    updated: Option<DateTime<Utc>>,
    category_id: i64,
}

fn product(row: &Row) -> Product<'_> {
    Product {
        id: row.get(0),
        name: row.get(1),
        description: row.get(2),
        price: row.get(3),
        amount: row.get(4),
        active: row.get(5),
        created: row.get(6),
        updated: row.get(7),
        category_id: row.get(8),
    }
}

#[derive(Serialize)]
struct Category<'r> {
    id: i64,
    name: &'r str,
    products: Products<'r>,
}

#[derive(Serialize)]
struct Note<'r> {
    id: i64,
    title: &'r str,
    body: &'r str,
    created: DateTime<Utc>,
}

/// Rows of products as a list.
struct Products<'r>(Vec<&'r Row>);

impl Serialize for Products<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.0.len()))?;
        for row in &self.0 {
            list.serialize_element(&product(row))?;
        }
        list.end()
    }
}

async fn by_id(State(db): Pool, Path(id): Path<i64>) -> Answer {
    let connection = db.connection();
    let rows = connection.client.query(&connection.by_id, &[&id]).await;
    let rows = rows.map_err(failed)?;
    let row = rows.first().ok_or(StatusCode::NOT_FOUND)?;
    Ok(Json(product(row)).into_response())
}

async fn list(State(db): Pool, Query(page): Query<Page>) -> Answer {
    let connection = db.connection();
    let given: [&(dyn ToSql + Sync); 2] = [&page.limit, &page.skip];
    let rows = connection
        .client
        .query(&connection.list, &given)
        .await
        .map_err(failed)?;
    Ok(Json(Products(rows.iter().collect())).into_response())
}

async fn find(State(db): Pool, Query(find): Query<Find>) -> Answer {
    let connection = db.connection();
    let given: [&(dyn ToSql + Sync); 4] = [&find.above, &find.active, &find.limit, &find.skip];
    let rows = connection
        .client
        .query(&connection.find, &given)
        .await
        .map_err(failed)?;
    Ok(Json(Products(rows.iter().collect())).into_response())
}

async fn count(State(db): Pool, Query(count): Query<Count>) -> Answer {
    let connection = db.connection();
    let row = connection
        .client
        .query_one(&connection.count, &[&count.category])
        .await;
    let count = row.map_err(failed)?.get(0);
    Ok(Json(Counted { count }).into_response())
}

async fn create(State(db): Pool, Json(new): Json<NewProduct>) -> Answer {
    validate(Some(&new.name), Some(new.price))?;
    let connection = db.connection();
    let row = connection
        .client
        .query_one(
            &connection.create,
            &[
                &new.name,
                &new.description,
                &new.price,
                &new.amount,
                &new.active,
                &new.created,
                &Utc::now(),
                &new.category_id,
            ],
        )
        .await
        .map_err(failed)?;
    Ok(Json(product(&row)).into_response())
}

async fn patch(State(db): Pool, Path(id): Path<i64>, Json(changes): Json<Changes>) -> Answer {
    validate(changes.name.as_deref(), changes.price)?;
    let connection = db.connection();
    let rows = connection
        .client
        .query(
            &connection.patch,
            &[
                &id,
                &changes.name,
                &changes.description,
                &changes.price,
                &changes.amount,
                &changes.active,
                &changes.category_id,
                &Utc::now(),
            ],
        )
        .await
        .map_err(failed)?;
    let row = rows.first().ok_or(StatusCode::NOT_FOUND)?;
    Ok(Json(product(row)).into_response())
}

async fn categories(State(db): Pool, Query(page): Query<Page>) -> Answer {
    let connection = db.connection();
    let given: [&(dyn ToSql + Sync); 2] = [&page.limit, &page.skip];
    let found = connection
        .client
        .query(&connection.categories, &given)
        .await
        .map_err(failed)?;
    let ids: Vec<i64> = found.iter().map(|row| row.get(0)).collect();
    let products = connection
        .client
        .query(&connection.of_categories, &[&ids])
        .await;
    let products = products.map_err(failed)?;
    let mut categories: Vec<_> = found
        .iter()
        .map(|row| Category {
            id: row.get(0),
            name: row.get(1),
            products: Products(Vec::new()),
        })
        .collect();
    for row in &products {
        if let Ok(at) = ids.binary_search(&row.get(8)) {
            categories[at].products.0.push(row);
        }
    }
    Ok(Json(categories).into_response())
}

async fn note(State(db): Pool, _: Editor, Path(id): Path<i64>) -> Answer {
    let connection = db.connection();
    let rows = connection.client.query(&connection.note, &[&id]).await;
    let rows = rows.map_err(failed)?;
    let row = rows.first().ok_or(StatusCode::NOT_FOUND)?;
    let note = Note {
        id: row.get(0),
        title: row.get(1),
        body: row.get(2),
        created: row.get(3),
    };
    Ok(Json(note).into_response())
}

/// A caller with the token of an editor.
struct Editor;

impl FromRequestParts<Arc<Database>> for Editor {
    type Rejection = StatusCode;

    async fn from_request_parts(
        parts: &mut Parts,
        db: &Arc<Database>,
    ) -> std::result::Result<Self, StatusCode> {
        let token = parts.headers.get(header::AUTHORIZATION);
        let token = token.and_then(|token| token.to_str().ok());
        let token = token.ok_or(StatusCode::UNAUTHORIZED)?;
        let connection = db.connection();
        let rows = connection.client.query(&connection.token, &[&token]).await;
        let rows = rows.map_err(failed)?;
        let row = rows.first().ok_or(StatusCode::UNAUTHORIZED)?;
        if !is_valid(row.get(2), row.get(1)) {
            return Err(StatusCode::UNAUTHORIZED);
        }
        let user = row.get::<_, i64>(0).to_string();
        let role = connection
            .client
            .query_one(&connection.role, &[&user])
            .await;
        let is_editor: bool = role.map_err(failed)?.get(0);
        is_editor.then_some(Editor).ok_or(StatusCode::FORBIDDEN)
    }
}

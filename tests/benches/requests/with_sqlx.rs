//! The same by hand on axum and sqlx, as somebody writes it who knows both well.

macro_rules! columns {
    () => {
        "id, name, description, price, amount, active, created, updated, category_id"
    };
}

macro_rules! server {
    ($server:ident, $pool:ident, $options:ident) => {
        pub mod $server {
            use axum::extract::{FromRequestParts, Path, Query, State};
            use axum::http::request::Parts;
            use axum::http::{StatusCode, header};
            use axum::routing::get;
            use axum::{Json, Router};
            use chrono::{DateTime, Utc};
            use sqlx::$pool as Pool;

            use crate::product::{
                Category, Changes, Count, Counted, Find, NewProduct, Note, Page, Product, failed,
                is_valid, validate,
            };
            use crate::{POOL, Result};

            type Answer<T> = std::result::Result<Json<T>, StatusCode>;

            pub async fn router(url: &str) -> Result<Router> {
                // Connections are not asked for a sign of life each time, as loopwright doesn't either.
                let options = sqlx::$server::$options::new()
                    .max_connections(POOL)
                    .test_before_acquire(false);
                let pool = options.connect(url).await?;
                Ok(Router::new()
                    .route("/products", get(list).post(create))
                    .route("/products/{id}", get(by_id).patch(patch))
                    .route("/products/find", get(find))
                    .route("/products/count", get(count))
                    .route("/categories", get(categories))
                    .route("/notes/{id}", get(note))
                    .with_state(pool))
            }

            async fn by_id(State(pool): State<Pool>, Path(id): Path<i64>) -> Answer<Product> {
                let product = sqlx::query_as(concat!("SELECT ", columns!(), " FROM product WHERE id = $1"))
                    .bind(id)
                    .fetch_optional(&pool)
                    .await
                    .map_err(failed)?;
                product.map(Json).ok_or(StatusCode::NOT_FOUND)
            }

            async fn list(
                State(pool): State<Pool>,
                Query(page): Query<Page>,
            ) -> Answer<Vec<Product>> {
                let products = sqlx::query_as(concat!("SELECT ", columns!(), " FROM product ORDER BY id LIMIT $1 OFFSET $2"))
                    .bind(page.limit)
                    .bind(page.skip)
                    .fetch_all(&pool)
                    .await
                    .map_err(failed)?;
                Ok(Json(products))
            }

            async fn find(
                State(pool): State<Pool>,
                Query(find): Query<Find>,
            ) -> Answer<Vec<Product>> {
                let products = sqlx::query_as(concat!("SELECT ", columns!(), " FROM product WHERE price > $1 AND active = $2 ORDER BY amount DESC, id LIMIT $3 OFFSET $4"))
                    .bind(find.above)
                    .bind(find.active)
                    .bind(find.limit)
                    .bind(find.skip)
                    .fetch_all(&pool)
                    .await
                    .map_err(failed)?;
                Ok(Json(products))
            }

            async fn count(
                State(pool): State<Pool>,
                Query(count): Query<Count>,
            ) -> Answer<Counted> {
                let count =
                    sqlx::query_scalar("SELECT count(*) FROM product WHERE category_id = $1")
                        .bind(count.category)
                        .fetch_one(&pool)
                        .await
                        .map_err(failed)?;
                Ok(Json(Counted { count }))
            }

            async fn create(
                State(pool): State<Pool>,
                Json(new): Json<NewProduct>,
            ) -> Answer<Product> {
                validate(Some(&new.name), Some(new.price))?;
                let updated = Utc::now();
                let id = sqlx::query_scalar("INSERT INTO product (name, description, price, amount, active, created, updated, category_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id")
                    .bind(&new.name)
                    .bind(&new.description)
                    .bind(new.price)
                    .bind(new.amount)
                    .bind(new.active)
                    .bind(new.created)
                    .bind(updated)
                    .bind(new.category_id)
                    .fetch_one(&pool)
                    .await
                    .map_err(failed)?;
                Ok(Json(Product {
                    id,
                    name: new.name,
                    description: new.description,
                    price: new.price,
                    amount: new.amount,
                    active: new.active,
                    created: new.created,
                    updated: Some(updated),
                    category_id: new.category_id,
                }))
            }

            async fn patch(
                State(pool): State<Pool>,
                Path(id): Path<i64>,
                Json(changes): Json<Changes>,
            ) -> Answer<Product> {
                validate(changes.name.as_deref(), changes.price)?;
                let product = sqlx::query_as(concat!("UPDATE product SET name = COALESCE($2, name), description = COALESCE($3, description), price = COALESCE($4, price), amount = COALESCE($5, amount), active = COALESCE($6, active), category_id = COALESCE($7, category_id), updated = $8 WHERE id = $1 RETURNING ", columns!()))
                    .bind(id)
                    .bind(changes.name)
                    .bind(changes.description)
                    .bind(changes.price)
                    .bind(changes.amount)
                    .bind(changes.active)
                    .bind(changes.category_id)
                    .bind(Utc::now())
                    .fetch_optional(&pool)
                    .await
                    .map_err(failed)?;
                product.map(Json).ok_or(StatusCode::NOT_FOUND)
            }

            async fn categories(
                State(pool): State<Pool>,
                Query(page): Query<Page>,
            ) -> Answer<Vec<Category>> {
                let rows: Vec<(i64, String)> =
                    sqlx::query_as("SELECT id, name FROM category ORDER BY id LIMIT $1 OFFSET $2")
                        .bind(page.limit)
                        .bind(page.skip)
                        .fetch_all(&pool)
                        .await
                        .map_err(failed)?;
                let ids: Vec<i64> = rows.iter().map(|(id, _)| *id).collect();
                let mut categories: Vec<_> = rows
                    .into_iter()
                    .map(|(id, name)| Category {
                        id,
                        name,
                        products: Vec::new(),
                    })
                    .collect();
                for product in products_of(&pool, &ids).await? {
                    if let Ok(at) = ids.binary_search(&product.category_id) {
                        categories[at].products.push(product);
                    }
                }
                Ok(Json(categories))
            }

            async fn note(
                State(pool): State<Pool>,
                _: Editor,
                Path(id): Path<i64>,
            ) -> Answer<Note> {
                let note = sqlx::query_as("SELECT id, title, body, created FROM note WHERE id = $1")
                    .bind(id)
                    .fetch_optional(&pool)
                    .await
                    .map_err(failed)?;
                note.map(Json).ok_or(StatusCode::NOT_FOUND)
            }

            /// A caller with the token of an editor.
            struct Editor;

            impl FromRequestParts<Pool> for Editor {
                type Rejection = StatusCode;

                async fn from_request_parts(
                    parts: &mut Parts,
                    pool: &Pool,
                ) -> std::result::Result<Self, StatusCode> {
                    let token = parts.headers.get(header::AUTHORIZATION);
                    let token = token.and_then(|token| token.to_str().ok());
                    let token = token.ok_or(StatusCode::UNAUTHORIZED)?;
                    let found: Option<(i64, i64, DateTime<Utc>)> = sqlx::query_as(
                        "SELECT user_id, ttl, created FROM access_token WHERE id = $1",
                    )
                    .bind(token)
                    .fetch_optional(pool)
                    .await
                    .map_err(failed)?;
                    let (user, ttl, created) = found.ok_or(StatusCode::UNAUTHORIZED)?;
                    if !is_valid(created, ttl) {
                        return Err(StatusCode::UNAUTHORIZED);
                    }
                    let is_editor: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM role_mapping JOIN role ON role.id = role_mapping.role_id WHERE role.name = 'editor' AND principal_type = 'USER' AND principal_id = $1)")
                        .bind(user.to_string())
                        .fetch_one(pool)
                        .await
                        .map_err(failed)?;
                    is_editor.then_some(Editor).ok_or(StatusCode::FORBIDDEN)
                }
            }

            server!(@children $server, Pool);
        }
    };

    (@children postgres, $pool:ident) => {
        async fn products_of(pool: &$pool, ids: &[i64]) -> std::result::Result<Vec<Product>, StatusCode> {
            sqlx::query_as(concat!("SELECT ", columns!(), " FROM product WHERE category_id = ANY($1) ORDER BY id")).bind(ids).fetch_all(pool).await.map_err(failed)
        }
    };

    (@children sqlite, $pool:ident) => {
        async fn products_of(pool: &$pool, ids: &[i64]) -> std::result::Result<Vec<Product>, StatusCode> {
            let marks = vec!["?"; ids.len()].join(", ");
            let sql = format!(concat!("SELECT ", columns!(), " FROM product WHERE category_id IN ({}) ORDER BY id"), marks);
            let query = sqlx::query_as(sqlx::AssertSqlSafe(sql));
            let query = ids.iter().fold(query, |query, id| query.bind(*id));
            query.fetch_all(pool).await.map_err(failed)
        }
    };
}

server!(postgres, PgPool, PgPoolOptions);
server!(sqlite, SqlitePool, SqlitePoolOptions);

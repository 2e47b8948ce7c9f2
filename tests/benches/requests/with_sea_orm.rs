//! The same by hand on axum and SeaORM. Its pool asks connections for no sign of life either.

use axum::extract::{FromRequestParts, Path, Query, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::routing::get;
use axum::{Json, Router};
use chrono::Utc;
use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, ConnectOptions, Database, DatabaseConnection,
    EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

use crate::product::{
    self, Changes, Count, Counted, Find, NewProduct, Page, failed, is_valid, validate,
};
use crate::{POOL, Result};

mod products {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
    #[sea_orm(table_name = "product")]
    #[serde(rename_all = "camelCase")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub name: String,
        pub description: Option<String>,
        pub price: f64,
        pub amount: i64,
        pub active: bool,
        pub created: DateTimeUtc,
        pub updated: Option<DateTimeUtc>,
        pub category_id: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(
            belongs_to = "super::categories::Entity",
            from = "Column::CategoryId",
            to = "super::categories::Column::Id"
        )]
        Category,
    }

    impl Related<super::categories::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Category.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod categories {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "category")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub name: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(has_many = "super::products::Entity")]
        Products,
    }

    impl Related<super::products::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Products.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod notes {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
    #[sea_orm(table_name = "note")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub title: String,
        pub body: String,
        pub created: DateTimeUtc,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod tokens {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "access_token")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub ttl: i64,
        pub created: DateTimeUtc,
        pub user_id: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod mappings {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "role_mapping")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub principal_type: String,
        pub principal_id: String,
        pub role_id: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(
            belongs_to = "super::roles::Entity",
            from = "Column::RoleId",
            to = "super::roles::Column::Id"
        )]
        Role,
    }

    impl Related<super::roles::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Role.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod roles {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "role")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub name: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

type Answer<T> = std::result::Result<Json<T>, StatusCode>;
type Pool = State<DatabaseConnection>;

pub async fn router(url: &str) -> Result<Router> {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(POOL)
        .test_before_acquire(false)
        .sqlx_logging(false);
    let connection = Database::connect(options).await?;
    Ok(Router::new()
        .route("/products", get(list).post(create))
        .route("/products/{id}", get(by_id).patch(patch))
        .route("/products/find", get(find))
        .route("/products/count", get(count))
        .route("/categories", get(with_products))
        .route("/notes/{id}", get(note))
        .with_state(connection))
}

async fn by_id(State(db): Pool, Path(id): Path<i64>) -> Answer<products::Model> {
    let product = products::Entity::find_by_id(id).one(&db).await;
    let product = product.map_err(failed)?;
    product.map(Json).ok_or(StatusCode::NOT_FOUND)
}

async fn list(State(db): Pool, Query(page): Query<Page>) -> Answer<Vec<products::Model>> {
    let products = products::Entity::find()
        .order_by_asc(products::Column::Id)
        .limit(page.limit.unsigned_abs())
        .offset(page.skip.unsigned_abs());
    Ok(Json(products.all(&db).await.map_err(failed)?))
}

async fn find(State(db): Pool, Query(find): Query<Find>) -> Answer<Vec<products::Model>> {
    let products = products::Entity::find()
        .filter(products::Column::Price.gt(find.above))
        .filter(products::Column::Active.eq(find.active))
        .order_by_desc(products::Column::Amount)
        .order_by_asc(products::Column::Id)
        .limit(find.limit.unsigned_abs())
        .offset(find.skip.unsigned_abs());
    Ok(Json(products.all(&db).await.map_err(failed)?))
}

async fn count(State(db): Pool, Query(count): Query<Count>) -> Answer<Counted> {
    let products = products::Entity::find();
    let products = products.filter(products::Column::CategoryId.eq(count.category));
    let count = products.count(&db).await.map_err(failed)?.cast_signed();
    Ok(Json(Counted { count }))
}

async fn create(State(db): Pool, Json(new): Json<NewProduct>) -> Answer<products::Model> {
    validate(Some(&new.name), Some(new.price))?;
    let product = products::ActiveModel {
        id: ActiveValue::NotSet,
        name: ActiveValue::Set(new.name),
        description: ActiveValue::Set(new.description),
        price: ActiveValue::Set(new.price),
        amount: ActiveValue::Set(new.amount),
        active: ActiveValue::Set(new.active),
        created: ActiveValue::Set(new.created),
        updated: ActiveValue::Set(Some(Utc::now())),
        category_id: ActiveValue::Set(new.category_id),
    };
    Ok(Json(product.insert(&db).await.map_err(failed)?))
}

async fn patch(
    State(db): Pool,
    Path(id): Path<i64>,
    Json(changes): Json<Changes>,
) -> Answer<products::Model> {
    fn set<T: Into<sea_orm::Value>>(value: Option<T>) -> ActiveValue<T> {
        value.map_or(ActiveValue::NotSet, ActiveValue::Set)
    }

    validate(changes.name.as_deref(), changes.price)?;
    let product = products::ActiveModel {
        id: ActiveValue::Unchanged(id),
        name: set(changes.name),
        description: set(changes.description.map(Some)),
        price: set(changes.price),
        amount: set(changes.amount),
        active: set(changes.active),
        created: ActiveValue::NotSet,
        updated: ActiveValue::Set(Some(Utc::now())),
        category_id: set(changes.category_id),
    };
    match product.update(&db).await {
        Ok(product) => Ok(Json(product)),
        Err(sea_orm::DbErr::RecordNotUpdated) => Err(StatusCode::NOT_FOUND),
        Err(error) => Err(failed(error)),
    }
}

async fn with_products(
    State(db): Pool,
    Query(page): Query<Page>,
) -> Answer<Vec<product::Category<products::Model>>> {
    use sea_orm::LoaderTrait;

    let categories = categories::Entity::find()
        .order_by_asc(categories::Column::Id)
        .limit(page.limit.unsigned_abs())
        .offset(page.skip.unsigned_abs());
    let categories = categories.all(&db).await.map_err(failed)?;
    let of_each = products::Entity::find().order_by_asc(products::Column::Id);
    let products = categories.load_many(of_each, &db).await.map_err(failed)?;
    let categories = categories.into_iter().zip(products);
    let categories = categories.map(|(category, products)| product::Category {
        id: category.id,
        name: category.name,
        products,
    });
    Ok(Json(categories.collect()))
}

async fn note(State(db): Pool, _: Editor, Path(id): Path<i64>) -> Answer<notes::Model> {
    let note = notes::Entity::find_by_id(id)
        .one(&db)
        .await
        .map_err(failed)?;
    note.map(Json).ok_or(StatusCode::NOT_FOUND)
}

/// A caller with the token of an editor.
struct Editor;

impl FromRequestParts<DatabaseConnection> for Editor {
    type Rejection = StatusCode;

    async fn from_request_parts(
        parts: &mut Parts,
        db: &DatabaseConnection,
    ) -> std::result::Result<Self, StatusCode> {
        let token = parts.headers.get(header::AUTHORIZATION);
        let token = token.and_then(|token| token.to_str().ok());
        let token = token.ok_or(StatusCode::UNAUTHORIZED)?;
        let token = tokens::Entity::find_by_id(token).one(db).await;
        let token = token.map_err(failed)?.ok_or(StatusCode::UNAUTHORIZED)?;
        if !is_valid(token.created, token.ttl) {
            return Err(StatusCode::UNAUTHORIZED);
        }
        let mappings = mappings::Entity::find()
            .inner_join(roles::Entity)
            .filter(roles::Column::Name.eq("editor"))
            .filter(mappings::Column::PrincipalType.eq("USER"))
            .filter(mappings::Column::PrincipalId.eq(token.user_id.to_string()));
        let is_editor = mappings.count(db).await.map_err(failed)? > 0;
        is_editor.then_some(Editor).ok_or(StatusCode::FORBIDDEN)
    }
}

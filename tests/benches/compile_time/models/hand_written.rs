pub mod MODEL {
    use axum::extract::{Path, Query, State};
    use axum::http::StatusCode;
    use axum::routing::{get, post};
    use axum::{Json, Router};
    use sea_orm::entity::prelude::*;
    use sea_orm::{ActiveValue, DatabaseConnection, IntoActiveModel, QueryOrder, QuerySelect};
    use serde::{Deserialize, Serialize};

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize, Deserialize)]
    #[sea_orm(table_name = "MODEL")]
    pub struct Model {
        #[sea_orm(primary_key)]
        #[serde(default)]
        pub id: i64,
        pub name: String,
        pub city: Option<String>,
        pub size: i32,
        pub price: f64,
        pub open: bool,
        pub since: chrono::DateTime<chrono::Utc>,
        pub owner_id: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    #[derive(Deserialize)]
    pub struct Page {
        city: Option<String>,
        limit: Option<u64>,
        offset: Option<u64>,
    }

    #[derive(Deserialize)]
    pub struct Patch {
        name: Option<String>,
        city: Option<Option<String>>,
        size: Option<i32>,
        price: Option<f64>,
        open: Option<bool>,
        owner_id: Option<Option<i64>>,
    }

    #[derive(Serialize)]
    pub struct Count {
        count: u64,
    }

    type Answer<T> = Result<Json<T>, StatusCode>;

    fn failed(_: DbErr) -> StatusCode {
        StatusCode::INTERNAL_SERVER_ERROR
    }

    fn check(model: &Model) -> Result<(), StatusCode> {
        if (2..=80).contains(&model.name.chars().count()) { Ok(()) } else { Err(StatusCode::UNPROCESSABLE_ENTITY) }
    }

    fn select(page: &Page) -> Select<Entity> {
        let mut select = Entity::find().order_by_asc(Column::Id);
        if let Some(city) = &page.city {
            select = select.filter(Column::City.eq(city.as_str()));
        }
        select
    }

    async fn find(State(db): State<DatabaseConnection>, Query(page): Query<Page>) -> Answer<Vec<Model>> {
        select(&page).limit(page.limit).offset(page.offset).all(&db).await.map(Json).map_err(failed)
    }

    async fn find_one(State(db): State<DatabaseConnection>, Query(page): Query<Page>) -> Answer<Model> {
        select(&page).one(&db).await.map_err(failed)?.map(Json).ok_or(StatusCode::NOT_FOUND)
    }

    async fn count(State(db): State<DatabaseConnection>, Query(page): Query<Page>) -> Answer<Count> {
        select(&page).count(&db).await.map(|count| Json(Count { count })).map_err(failed)
    }

    async fn find_by_id(State(db): State<DatabaseConnection>, Path(id): Path<i64>) -> Answer<Model> {
        Entity::find_by_id(id).one(&db).await.map_err(failed)?.map(Json).ok_or(StatusCode::NOT_FOUND)
    }

    async fn exists(State(db): State<DatabaseConnection>, Path(id): Path<i64>) -> Answer<bool> {
        Entity::find_by_id(id).count(&db).await.map(|count| Json(count > 0)).map_err(failed)
    }

    async fn create(State(db): State<DatabaseConnection>, Json(model): Json<Model>) -> Answer<Model> {
        check(&model)?;
        let mut model = model.into_active_model();
        model.id = ActiveValue::NotSet;
        model.insert(&db).await.map(Json).map_err(failed)
    }

    async fn replace(State(db): State<DatabaseConnection>, Path(id): Path<i64>, Json(model): Json<Model>) -> Answer<Model> {
        check(&model)?;
        let mut model = model.into_active_model().reset_all();
        model.id = ActiveValue::Unchanged(id);
        model.update(&db).await.map(Json).map_err(failed)
    }

    async fn patch(State(db): State<DatabaseConnection>, Path(id): Path<i64>, Json(patch): Json<Patch>) -> Answer<Model> {
        let model = Entity::find_by_id(id).one(&db).await.map_err(failed)?.ok_or(StatusCode::NOT_FOUND)?;
        let mut model = model.into_active_model();
        if let Some(name) = patch.name { model.name = ActiveValue::Set(name); }
        if let Some(city) = patch.city { model.city = ActiveValue::Set(city); }
        if let Some(size) = patch.size { model.size = ActiveValue::Set(size); }
        if let Some(price) = patch.price { model.price = ActiveValue::Set(price); }
        if let Some(open) = patch.open { model.open = ActiveValue::Set(open); }
        if let Some(owner_id) = patch.owner_id { model.owner_id = ActiveValue::Set(owner_id); }
        model.update(&db).await.map(Json).map_err(failed)
    }

    async fn delete(State(db): State<DatabaseConnection>, Path(id): Path<i64>) -> Answer<Count> {
        let deleted = Entity::delete_by_id(id).exec(&db).await.map_err(failed)?;
        Ok(Json(Count { count: deleted.rows_affected }))
    }

    async fn update_all(State(db): State<DatabaseConnection>, Query(page): Query<Page>, Json(patch): Json<Patch>) -> Answer<Count> {
        let mut update = Entity::update_many();
        if let Some(city) = &page.city { update = update.filter(Column::City.eq(city.as_str())); }
        if let Some(size) = patch.size { update = update.col_expr(Column::Size, Expr::value(size)); }
        let updated = update.exec(&db).await.map_err(failed)?;
        Ok(Json(Count { count: updated.rows_affected }))
    }

    pub fn router() -> Router<DatabaseConnection> {
        Router::new()
            .route("/MODEL", get(find).post(create))
            .route("/MODEL/findOne", get(find_one))
            .route("/MODEL/count", get(count))
            .route("/MODEL/update", post(update_all))
            .route("/MODEL/{id}", get(find_by_id).patch(patch).put(replace).delete(delete))
            .route("/MODEL/{id}/exists", get(exists))
    }
}

//! What a model costs to compile, beside the same written by hand on axum and SeaORM.
//!
//! `cargo bench -p loopwright-tests --bench compile_time` writes two crates with 50 models of 8 properties each, and the
//! same without models, checks and builds each of them, and prints the difference per model: CPU time of the compiler
//! (all threads, from the operating system's accounting), and the size of what the macros expand to. The hand-written
//! models have ten handlers each, which is still fewer than the endpoints that a loopwright model has.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const MODELS: usize = 50;
const ROUNDS: usize = 3;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    // `cargo test --benches` only wants to know that this compiles.
    if !std::env::args().any(|argument| argument == "--bench") {
        return Ok(());
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .canonicalize()?;
    let folder = root.join("target").join("compile-time");
    println!(
        "| {MODELS} models of 8 properties, per model | expanded lines | expanded bytes | check, CPU ms | build, CPU ms |"
    );
    println!("|---|---|---|---|---|");
    for kind in [Kind::Loopwright, Kind::HandWritten] {
        let empty = measure(&folder, &root, kind, 0)?;
        let full = measure(&folder, &root, kind, MODELS)?;
        let per_model = |full: f64, empty: f64| (full - empty) / MODELS as f64;
        println!(
            "| {} | {:.0} | {:.0} | {:.1} | {:.1} |",
            kind.title(),
            per_model(full.lines, empty.lines),
            per_model(full.bytes, empty.bytes),
            per_model(full.check, empty.check),
            per_model(full.build, empty.build),
        );
    }
    Ok(())
}

#[derive(Clone, Copy)]
enum Kind {
    Loopwright,
    HandWritten,
}

struct Cost {
    lines: f64,
    bytes: f64,
    check: f64,
    build: f64,
}

fn measure(folder: &Path, root: &Path, kind: Kind, models: usize) -> Result<Cost> {
    let package = format!("{}_{models}", kind.name());
    let package_folder = folder.join(&package);
    fs::create_dir_all(package_folder.join("src"))?;
    fs::write(
        package_folder.join("Cargo.toml"),
        kind.manifest(&package, root),
    )?;
    // The versions that the repository has been tested with.
    fs::copy(root.join("Cargo.lock"), package_folder.join("Cargo.lock"))?;
    let source = package_folder.join("src").join("main.rs");
    fs::write(&source, kind.source(models))?;
    let cargo = Cargo {
        folder: package_folder,
        target: folder.join("target"),
    };
    let expanded = cargo.expand()?;
    Ok(Cost {
        lines: expanded.lines().count() as f64,
        bytes: expanded.len() as f64,
        check: cargo.cpu_milliseconds("check", &source)?,
        build: cargo.cpu_milliseconds("build", &source)?,
    })
}

struct Cargo {
    folder: PathBuf,
    target: PathBuf,
}

impl Cargo {
    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO"));
        command
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", &self.target)
            .env("CARGO_INCREMENTAL", "0");
        command
    }

    /// The least CPU time of several runs, in milliseconds; dependencies are built before.
    fn cpu_milliseconds(&self, task: &str, source: &Path) -> Result<f64> {
        let mut least = f64::INFINITY;
        for round in 0..=ROUNDS {
            fs::write(source, fs::read(source)?)?;
            let before = children_milliseconds()?;
            let output = self.command().args([task, "--quiet"]).output()?;
            if !output.status.success() {
                return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
            }
            if round > 0 {
                least = least.min(children_milliseconds()? - before);
            }
        }
        Ok(least)
    }

    fn expand(&self) -> Result<String> {
        let mut command = self.command();
        // Printing the expansion is unstable in the compiler; nothing else is.
        command
            .env("RUSTC_BOOTSTRAP", "1")
            .args(["rustc", "--quiet", "--", "-Zunpretty=expanded"]);
        let output = command.output()?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
        }
        Ok(String::from_utf8(output.stdout)?)
    }
}

/// User and system time of all children that have ended, in milliseconds.
fn children_milliseconds() -> Result<f64> {
    // The 15th and 16th fields after the program's name, which may contain spaces, in ticks of 10 ms.
    let stat = fs::read_to_string("/proc/self/stat")?;
    let (_, fields) = stat.rsplit_once(')').ok_or("no name in /proc/self/stat")?;
    let ticks = fields
        .split_whitespace()
        .skip(13)
        .take(2)
        .map(str::parse::<f64>);
    Ok(ticks.sum::<std::result::Result<f64, _>>()? * 10.0)
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Kind::Loopwright => "loopwright_models",
            Kind::HandWritten => "hand_written_models",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Kind::Loopwright => "loopwright",
            Kind::HandWritten => "hand-written, axum and SeaORM",
        }
    }

    fn manifest(self, package: &str, root: &Path) -> String {
        let dependencies = match self {
            Kind::Loopwright => format!("loopwright = {{ path = {:?} }}", root.join("runtime")),
            Kind::HandWritten => r#"axum = "0.8"
chrono = { version = "0.4", features = ["serde"] }
sea-orm = { version = "2", default-features = false, features = ["macros", "runtime-tokio", "sqlx-sqlite", "with-chrono", "with-json"] }
serde = { version = "1", features = ["derive"] }
serde_json = "1""#
                .to_owned(),
        };
        format!(
            "[package]\nname = \"{package}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
             [dependencies]\n{dependencies}\ntokio = {{ version = \"1\", features = [\"full\"] }}\n\n\
             [profile.dev]\ndebug = \"line-tables-only\"\n"
        )
    }

    fn source(self, models: usize) -> String {
        let mut source = String::new();
        match self {
            Kind::Loopwright => {
                source.push_str("use loopwright::prelude::*;\n");
                let mut lists = String::new();
                for index in 0..models {
                    let _ = write!(
                        source,
                        "{}",
                        LOOPWRIGHT_MODEL.replace("MODEL", &format!("Model{index}"))
                    );
                    let _ = write!(lists, ".models::<(Model{index},)>()");
                }
                let _ = write!(
                    source,
                    "#[tokio::main]\nasync fn main() -> Result<()> {{ App::new(){lists}.run().await }}\n"
                );
            }
            Kind::HandWritten => {
                source.push_str("use axum::Router;\nuse sea_orm::Database;\n");
                let mut routes = String::new();
                for index in 0..models {
                    let _ = write!(
                        source,
                        "{}",
                        HAND_WRITTEN_MODEL.replace("MODEL", &format!("model{index}"))
                    );
                    let _ = write!(routes, ".merge(model{index}::router())");
                }
                let _ = write!(source, "{HAND_WRITTEN_MAIN}",);
                source = source.replace("ROUTES", &routes);
            }
        }
        source
    }
}

const LOOPWRIGHT_MODEL: &str = r#"
/// A model.
#[derive(Model)]
#[acl(allow(read), to = everyone)]
#[acl(allow(write), to = role("staff"))]
pub struct MODEL {
    /// The id.
    #[model(id, generated)]
    pub id: i64,
    /// The name.
    #[validate(length(min = 2, max = 80))]
    pub name: String,
    /// The city.
    pub city: Option<String>,
    /// The size.
    pub size: i32,
    /// The price.
    pub price: f64,
    /// Is it open?
    pub open: bool,
    /// Since when.
    #[model(default = now)]
    pub since: DateTime<Utc>,
    /// The owner.
    pub owner_id: Option<i64>,
}
"#;

const HAND_WRITTEN_MAIN: &str = r#"
#[tokio::main]
async fn main() {
    let db = Database::connect("sqlite::memory:").await.unwrap();
    let app = Router::new()ROUTES.with_state(db);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await.unwrap();
    axum::serve(listener, app).await.unwrap();
}
"#;

const HAND_WRITTEN_MODEL: &str = r#"
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
"#;

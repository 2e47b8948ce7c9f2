//! Databases that others made are discovered, and what is printed is compiled and serves them.

mod documents;

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use loopwright_tests::sample::Sample;
use loopwright_tests::scratch::{Scratch, build, workspace};
use loopwright_tests::{mysql_url, postgres_url};
use sea_orm::{ConnectionTrait as _, Database, DbBackend, Statement};
use serde_json::{Value as Json, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

type TestResult<T = ()> = Result<T, Box<dyn Error>>;

/// The rows of a collection that are looked at.
const ROWS: u64 = 50;

/// What the example, which has no models, prints when it is told to discover.
async fn discover(arguments: &[&str]) -> TestResult<String> {
    let program = build(&workspace(), &["--package", "discover"]).await?;
    let folder = tempfile::tempdir()?;
    let mut program = Command::new(program);
    program
        .current_dir(folder.path())
        .arg("discover")
        .args(arguments);
    let output = program.output().await?;
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    assert_eq!(errors, "");
    Ok(String::from_utf8(output.stdout)?)
}

/// A program with a module of models for each text. It serves the one whose name it is given.
struct Models {
    scratch: Scratch,
    program: PathBuf,
}

impl Models {
    async fn new(modules: &[(&str, &str)]) -> TestResult<Self> {
        let scratch = Scratch::new()?;
        let mut main = "#![deny(warnings)]\n".to_owned();
        let mut arms = String::new();
        for (name, text) in modules {
            scratch.module(name, text)?;
            main += &format!("mod {name};\n");
            arms += &format!("        Some(\"{name}\") => {name}::models(app),\n");
        }
        main += &format!(
            "#[loopwright::main]\nasync fn main() -> loopwright::Result<()> {{\n    let app = loopwright::App::new();\n    \
             let which = std::env::var(\"WHICH\").ok();\n    let app = match which.as_deref() {{\n{arms}        \
             _ => app,\n    }};\n    app.run().await\n}}\n"
        );
        scratch.module("main", &main)?;
        let program = scratch.build().await?;
        Ok(Models { scratch, program })
    }

    async fn serve(&self, module: &str, database: &str) -> TestResult<Served> {
        let mut program = Command::new(&self.program);
        program
            .current_dir(self.scratch.folder())
            .env("WHICH", module)
            .env("PORT", "0")
            .env("DATABASE_URL", database)
            .stdout(Stdio::piped())
            .kill_on_drop(true);
        let mut process = program.spawn()?;
        let stdout = process.stdout.take().ok_or("no output")?;
        let mut lines = BufReader::new(stdout).lines();
        let first = tokio::time::timeout(Duration::from_secs(120), lines.next_line()).await??;
        let first = first.ok_or("the program ended")?;
        let url = first
            .split("listening at ")
            .nth(1)
            .ok_or("no URL")?
            .to_owned();
        // The summary of hundreds of models would fill the pipe.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Ok(Served {
            _process: process,
            url,
            client: reqwest::Client::new(),
        })
    }
}

struct Served {
    _process: Child,
    url: String,
    client: reqwest::Client,
}

impl Served {
    async fn ask(&self, request: reqwest::RequestBuilder) -> TestResult<Json> {
        let response = request.send().await?;
        let (status, url) = (response.status(), response.url().clone());
        let body = response.text().await?;
        assert_eq!(status, 200, "{url}: {body}");
        Ok(serde_json::from_str(&body)?)
    }

    async fn get(&self, path: &str, query: &[(&str, Json)]) -> TestResult<Json> {
        let query: Vec<_> = query
            .iter()
            .map(|(name, value)| (*name, value.to_string()))
            .collect();
        let request = self.client.get(format!("{}{path}", self.url));
        self.ask(request.query(&query)).await
    }

    async fn send(&self, method: reqwest::Method, path: &str, body: Json) -> TestResult<Json> {
        let request = self.client.request(method, format!("{}{path}", self.url));
        self.ask(request.json(&body)).await
    }

    /// Each model's path and relations, by the OpenAPI document.
    async fn collections(&self) -> TestResult<BTreeMap<String, (String, BTreeSet<String>)>> {
        let document = self.get("/openapi.json", &[]).await?;
        let mut collections: BTreeMap<String, (String, BTreeSet<String>)> = BTreeMap::new();
        for (path, operations) in document["paths"].as_object().ok_or("no paths")? {
            let Some(operation) = operations["get"]["operationId"].as_str() else {
                continue;
            };
            if let Some(model) = operation.strip_suffix(".find") {
                collections.entry(model.to_owned()).or_default().0 = path.clone();
            }
            if let Some((model, relation)) = operation.split_once(".prototype.__get__") {
                let collection = collections.entry(model.to_owned()).or_default();
                collection.1.insert(relation.to_owned());
            }
        }
        Ok(collections)
    }
}

/// The table of each model, as the printed text says.
fn tables(text: &str) -> BTreeMap<String, String> {
    let mut tables = BTreeMap::new();
    let mut table = None;
    for line in text.lines() {
        let row = line.strip_prefix("/// A row of the table `");
        if let Some(docs) = row.or_else(|| line.strip_prefix("/// A document of the collection `"))
        {
            table = docs.strip_suffix("`.");
        } else if let Some(name) = line.strip_prefix("pub struct ")
            && let Some(table) = table.take()
        {
            tables.insert(name.trim_end_matches(" {").to_owned(), table.to_owned());
        }
    }
    tables
}

/// Asks for every collection with every relation, and compares the counts with the database's own.
async fn compare(served: &Served, text: &str, database: &str) -> TestResult<Found> {
    let connection = Database::connect(database).await?;
    let tables = tables(text);
    let collections = served.collections().await?;
    assert_eq!(
        collections.keys().collect::<Vec<_>>(),
        tables.keys().collect::<Vec<_>>()
    );
    let mut found = Found::default();
    for (model, (path, relations)) in &collections {
        let table = &tables[model];
        let sql = format!("SELECT COUNT(*) FROM \"{table}\"");
        let statement = Statement::from_string(connection.get_database_backend(), sql);
        let row = connection.query_one_raw(statement).await?.ok_or("no row")?;
        let expected: i64 = row.try_get_by_index(0)?;
        let count = served.get(&format!("{path}/count"), &[]).await?;
        assert_eq!(count["count"], expected, "{table}");

        let filter = json!({"include": relations, "limit": ROWS});
        let rows = served.get(path, &[("filter", filter)]).await?;
        let rows = rows.as_array().ok_or("no list")?;
        assert_eq!(
            u64::try_from(rows.len())?,
            ROWS.min(u64::try_from(expected)?),
            "{table}"
        );
        found.models += 1;
        found.relations += relations.len();
        found.rows += rows.len();
        let related = |row: &Json| {
            relations
                .iter()
                .filter(|name| !is_empty(&row[name.as_str()]))
                .count()
        };
        found.related += rows.iter().map(related).sum::<usize>();
    }
    connection.close().await?;
    Ok(found)
}

/// What the database says of its tables, columns and indexes.
async fn schema(database: &str) -> TestResult<Vec<String>> {
    let connection = Database::connect(database).await?;
    let backend = connection.get_database_backend();
    let sql = match backend {
        DbBackend::Sqlite => "SELECT type || name || COALESCE(sql, '') FROM sqlite_master",
        _ => {
            "SELECT concat_ws(' ', table_schema, table_name, column_name, ordinal_position, data_type, is_nullable, \
             column_default) FROM information_schema.columns WHERE table_schema <> 'pg_catalog' \
             UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname <> 'pg_catalog'"
        }
    };
    let rows = connection
        .query_all_raw(Statement::from_string(backend, sql))
        .await?;
    let lines = rows.iter().map(|row| row.try_get_by_index(0));
    let mut lines = lines.collect::<Result<Vec<String>, _>>()?;
    lines.sort_unstable();
    connection.close().await?;
    Ok(lines)
}

/// How much there was to be seen.
#[derive(Debug, Default)]
struct Found {
    models: usize,
    relations: usize,
    rows: usize,
    related: usize,
}

fn is_empty(related: &Json) -> bool {
    related.is_null() || related.as_array().is_some_and(Vec::is_empty)
}

/// One program for all, since compiling it is what takes time.
#[tokio::test]
async fn public_databases_are_discovered_compiled_and_served() -> TestResult {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("chinook.db").display().to_string();
    let Some(url) = postgres_url() else {
        return Ok(());
    };
    let Some(documents) = documents::filled().await? else {
        return Ok(());
    };
    if !Sample::Chinook.fill(&file).await? || !Sample::MusicBrainz.fill(&url).await? {
        return Ok(());
    }
    let sqlite = format!("sqlite://{file}");
    let chinook = discover(&[&sqlite, "--prefix", "chinook_", "--acl", "open"]).await?;
    let musicbrainz = discover(&[&url, "--schema", "musicbrainz", "--acl", "open"]).await?;
    let others = discover(&[&documents, "--acl", "open"]).await?;
    let models = Models::new(&[
        ("chinook", &chinook),
        ("musicbrainz", &musicbrainz),
        ("others", &others),
    ])
    .await?;

    let before = schema(&sqlite).await?;
    let served = models.serve("chinook", &sqlite).await?;
    assert_eq!(schema(&sqlite).await?, before, "the start changed tables");
    let found = compare(&served, &chinook, &sqlite).await?;
    assert_eq!((found.models, found.relations), (11, 22), "{found:?}");
    assert!(found.related > 500, "{found:?}");
    let track = json!({"include": {"album": "artist"}, "where": {"name": "Balls to the Wall"}});
    let track = served
        .get("/api/Tracks/findOne", &[("filter", track)])
        .await?;
    assert_eq!(track["album"]["artist"]["name"], "Accept");
    let genre = served
        .send(
            reqwest::Method::POST,
            "/api/Genres",
            json!({"name": "Polka"}),
        )
        .await?;
    let path = format!("/api/Genres/{}", genre["id"]);
    let changed = served
        .send(reqwest::Method::PATCH, &path, json!({"name": "Ländler"}))
        .await?;
    assert_eq!(changed["name"], "Ländler");

    let served = models.serve("others", &documents).await?;
    documents::check(&served, &others, &documents).await?;

    let there = format!("{url}?options=-csearch_path%3Dmusicbrainz,public");
    let before = schema(&there).await?;
    assert!(before.len() > 2000, "{} lines", before.len());
    let served = models.serve("musicbrainz", &there).await?;
    assert_eq!(schema(&there).await?, before, "the start changed tables");
    let found = compare(&served, &musicbrainz, &there).await?;
    assert!(found.models > 250 && found.relations > 1000, "{found:?}");
    assert!(found.rows > 400 && found.related > 1000, "{found:?}");
    types_of_postgres(&served).await
}

/// What the driver does not read by itself: points, arrays, enums and hours of the database's own types.
async fn types_of_postgres(served: &Served) -> TestResult {
    use reqwest::Method;

    let place = served
        .get(
            "/api/Places/findOne",
            &[("filter", json!({"where": {"id": 775}}))],
        )
        .await?;
    assert_eq!(place["coordinates"], "(51.53192,-0.17835)");

    let disc = json!({
        "discid": "IHdA8RvNXhpAEQ4bMdBSIXJSOGg-", "freedbId": "a30b4a0d", "trackCount": 2,
        "leadoutOffset": 400, "trackOffset": [150, 200]
    });
    let disc = served.send(Method::POST, "/api/Cdtocs", disc).await?;
    assert_eq!(disc["trackOffset"], json!([150, 200]));
    let path = format!("/api/Cdtocs/{}", disc["id"]);
    assert_eq!(
        served.get(&path, &[]).await?["trackOffset"],
        json!([150, 200])
    );

    let darkened = json!({"coverArtPresence": "darkened"});
    let both = json!({"coverArtPresence": {"inq": ["darkened", "absent"]}});
    let count = async |condition: &Json| -> TestResult<Json> {
        let query = [("where", condition.clone())];
        let count = served.get("/api/ReleaseMeta/count", &query).await?;
        Ok(count["count"].clone())
    };
    let (before, before_both) = (count(&darkened).await?, count(&both).await?);
    assert_eq!(before, 0);
    let present = json!({"where": {"coverArtPresence": "present"}});
    let release = served
        .get("/api/ReleaseMeta/findOne", &[("filter", present)])
        .await?;
    let path = format!("/api/ReleaseMeta/{}", release["id"]);
    let changed = served.send(Method::PATCH, &path, darkened.clone()).await?;
    assert_eq!(changed["coverArtPresence"], "darkened");
    assert_eq!(count(&darkened).await?, 1);
    assert_eq!(
        count(&both).await?,
        json!(before_both.as_i64().ok_or("no count")? + 1)
    );
    let like = json!({"coverArtPresence": {"like": "dark%"}});
    assert_eq!(count(&like).await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_mysql_database_is_discovered_without_its_password() -> TestResult {
    let Some(url) = mysql_url() else {
        return Ok(());
    };
    let connection = Database::connect(&url).await?;
    for sql in [
        "CREATE TABLE country (country_code CHAR(2) PRIMARY KEY, name VARCHAR(80) NOT NULL UNIQUE) \
         COMMENT 'Where [people] live'",
        "CREATE TABLE people (id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY, born YEAR, alive TINYINT(1) NOT NULL DEFAULT 1, \
         size ENUM('small', 'x-large') NOT NULL DEFAULT 'small', wakes TIME, worth DECIMAL(10,2) NOT NULL DEFAULT 0.50, \
         home CHAR(2), birth CHAR(2), area GEOMETRY, seen TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, \
         FOREIGN KEY (home) REFERENCES country (country_code), FOREIGN KEY (birth) REFERENCES country (country_code))",
    ] {
        connection.execute_unprepared(sql).await?;
    }
    connection.close().await?;
    let text = discover(&[&url]).await?;
    for line in [
        "/// Where \\[people\\] live",
        "#[acl(allow(read), to = authenticated)]",
        "#[model(table = \"people\")]",
        "pub struct Person {",
        "    pub id: u32,",
        "    #[model(default = \"small\")]",
        "    pub size: PersonSize,",
        "    #[model(column = \"home\", index)]",
        "    pub home_id: Option<String>,",
        "    pub home: BelongsTo<Country>,",
        "    pub birth: BelongsTo<Country>,",
        "    pub home_people: HasMany<Person>,",
        "/// - `area`: no property has the type `geometry`",
    ] {
        assert!(text.lines().any(|known| known == line), "{line}\n{text}");
    }
    let authority = url
        .split("://")
        .nth(1)
        .and_then(|rest| rest.split('/').next());
    assert!(!text.contains(authority.ok_or("no authority")?), "{text}");
    Ok(())
}

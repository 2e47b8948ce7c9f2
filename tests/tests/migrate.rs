//! The command `migrate`, by a program that grows, on every database that has tables.

use std::error::Error;
use std::process::{Command, Output};

use loopwright::connectors::{Connector, PlanOptions};
use loopwright::prelude::*;
use loopwright_tests::serve::serve;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, Statement};
use serde_json::{Value as Json, json};

type TestResult = Result<(), Box<dyn Error>>;

/// Makes a test on each SQL database of each `async fn(url: &str)`.
macro_rules! on_every_sql_database {
    ($($test:ident)*) => {$(
        mod $test {
            #[tokio::test]
            async fn on_sqlite() -> super::TestResult {
                let url = loopwright_tests::sqlite_url();
                super::$test(&url).await
            }

            #[tokio::test]
            async fn on_postgres() -> super::TestResult {
                match loopwright_tests::postgres_url() {
                    Some(url) => super::$test(&url).await,
                    None => Ok(()),
                }
            }

            #[tokio::test]
            async fn on_mysql() -> super::TestResult {
                match loopwright_tests::mysql_url() {
                    Some(url) => super::$test(&url).await,
                    None => Ok(()),
                }
            }
        }
    )*};
}

on_every_sql_database! {
    a_populated_database_follows_the_models
    what_is_printed_is_what_is_run
    what_fails_in_the_middle_is_undone_or_gone_on_with
    two_processes_may_apply_at_once
    tables_are_left_alone_unless_told
    a_foreign_key_is_kept
    numbers_are_not_given_again_after_a_change
    indexes_over_several_properties_follow_the_model
    a_wrong_primary_key_is_no_match
}

/// The program with its data in the database at `url`.
fn program(url: &str, version: u8, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_migrating-app"));
    command.args(arguments);
    command.env("DATABASE_URL", url);
    command.env("LW_TEST_VERSION", version.to_string());
    command.current_dir(std::env::temp_dir());
    command
}

fn migrate(url: &str, version: u8, arguments: &[&str]) -> Result<Output, Box<dyn Error>> {
    let all = [&["migrate"], arguments].concat();
    Ok(program(url, version, &all).output()?)
}

/// What the program prints, if it succeeds.
fn said(url: &str, version: u8, arguments: &[&str]) -> Result<String, Box<dyn Error>> {
    let output = migrate(url, version, arguments)?;
    let complaint = String::from_utf8(output.stderr)?;
    assert!(output.status.success(), "{arguments:?}: {complaint}");
    Ok(String::from_utf8(output.stdout)?)
}

/// What the program complains about.
fn complained(url: &str, version: u8, arguments: &[&str]) -> Result<String, Box<dyn Error>> {
    let output = migrate(url, version, arguments)?;
    assert_eq!(output.status.code(), Some(1), "{arguments:?}");
    Ok(String::from_utf8(output.stderr)?)
}

/// The exit code of `migrate check`, which says nothing.
fn check(url: &str, version: u8) -> Result<Option<i32>, Box<dyn Error>> {
    let output = migrate(url, version, &["check"])?;
    assert_eq!(String::from_utf8(output.stdout)?, "");
    Ok(output.status.code())
}

async fn rows(db: &DatabaseConnection, sql: &str) -> Result<Vec<String>, Box<dyn Error>> {
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let rows = db.query_all_raw(statement).await?;
    Ok(rows
        .iter()
        .map(|row| row.try_get_by_index(0))
        .collect::<Result<_, _>>()?)
}

/// Version 1 with two shops, of which one has a review.
async fn populated(url: &str) -> Result<DatabaseConnection, Box<dyn Error>> {
    said(url, 1, &["apply"])?;
    let db = Database::connect(url).await?;
    for sql in [
        "INSERT INTO shop (name, city, code) VALUES ('Bel Café', 'Vancouver', 7), ('It''s', NULL, 8)",
        "INSERT INTO review (rating, shop_id) VALUES (5, 1)",
    ] {
        db.execute_unprepared(sql).await?;
    }
    Ok(db)
}

async fn a_populated_database_follows_the_models(url: &str) -> TestResult {
    assert_eq!(check(url, 1)?, Some(1));
    let status = said(url, 1, &["status"])?;
    assert_eq!(
        status.lines().next(),
        Some("db Shop: create the table \"shop\"")
    );
    let db = populated(url).await?;
    assert_eq!(check(url, 1)?, Some(0));
    let status = said(url, 1, &["status"])?;
    assert_eq!(status, "db Shop: up to date\ndb Review: up to date\n");

    // What might lose data waits, the rest is done.
    let plan = said(url, 2, &["plan", "--data-source", "db"])?;
    for words in [
        "-- held back: change the type of \"shop\".\"code\"",
        "-- held back: forbid null in \"shop\".\"owner\"",
        "-- add the foreign key from \"review\" (shop_id) to \"shop\"",
    ] {
        assert!(plan.contains(words), "{plan}");
    }
    assert_eq!(said(url, 2, &["apply"])?, plan);
    assert_eq!(check(url, 2)?, Some(1));
    let names = "SELECT name FROM shop WHERE open ORDER BY id";
    assert_eq!(rows(&db, names).await?, ["Bel Café", "It's"]);

    // A value for the old rows, and leave to change the type.
    let complaint = complained(url, 2, &["apply", "--allow-lossy"])?;
    assert!(complaint.contains("rows without a value"), "{complaint}");
    db.execute_unprepared("UPDATE shop SET owner = 'Ann'")
        .await?;
    said(url, 2, &["apply", "--allow-lossy"])?;
    assert_eq!(check(url, 2)?, Some(0));
    assert_eq!(
        rows(&db, "SELECT code FROM shop ORDER BY id").await?,
        ["7", "8"]
    );
    let reviewed = "SELECT name FROM shop JOIN review ON shop_id = shop.id";
    assert_eq!(rows(&db, reviewed).await?, ["Bel Café"]);
    let orphan = "INSERT INTO review (rating, shop_id) VALUES (1, 99)";
    assert!(db.execute_unprepared(orphan).await.is_err());
    let twin = "INSERT INTO shop (name, code, owner) VALUES ('It''s', '1', 'Bo')";
    assert!(db.execute_unprepared(twin).await.is_err());
    Ok(())
}

async fn what_is_printed_is_what_is_run(url: &str) -> TestResult {
    // What is printed, run by hand, leaves nothing to do.
    let db = Database::connect(url).await?;
    db.execute_unprepared(&said(url, 1, &["plan"])?).await?;
    assert_eq!(check(url, 1)?, Some(0));
    db.execute_unprepared(&said(url, 2, &["plan", "--allow-lossy"])?)
        .await?;
    assert_eq!(check(url, 2)?, Some(0));
    Ok(())
}

async fn what_fails_in_the_middle_is_undone_or_gone_on_with(url: &str) -> TestResult {
    let db = populated(url).await?;
    let twin = "INSERT INTO shop (name, code) VALUES ('It''s', 9)";
    db.execute_unprepared(twin).await?;
    let before = said(url, 2, &["status"])?;
    let complaint = complained(url, 2, &["apply"])?;
    assert!(complaint.contains("remove the duplicates"), "{complaint}");
    if url.starts_with("mysql") {
        assert!(
            complaint.contains("are done; plan again to go on"),
            "{complaint}"
        );
    } else {
        assert!(complaint.contains("nothing was changed"), "{complaint}");
        assert_eq!(said(url, 2, &["status"])?, before);
    }
    assert_eq!(rows(&db, "SELECT name FROM shop").await?.len(), 3);
    db.execute_unprepared("DELETE FROM shop WHERE code = 9")
        .await?;
    said(url, 2, &["apply"])?;
    let status = said(url, 2, &["status"])?;
    assert!(status.contains("db Review: up to date"), "{status}");
    Ok(())
}

async fn two_processes_may_apply_at_once(url: &str) -> TestResult {
    let apply = || program(url, 2, &["migrate", "apply"]).output();
    let outputs = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..3).map(|_| scope.spawn(apply)).collect();
        let join = |thread: std::thread::ScopedJoinHandle<'_, _>| thread.join();
        threads.into_iter().map(join).collect::<Vec<_>>()
    });
    for output in outputs {
        let output = output.map_err(|_| "a thread panicked")??;
        let complaint = String::from_utf8(output.stderr)?;
        assert!(output.status.success(), "{complaint}");
    }
    assert_eq!(check(url, 2)?, Some(0));
    Ok(())
}

async fn tables_are_left_alone_unless_told(url: &str) -> TestResult {
    said(url, 2, &["apply"])?;
    let db = Database::connect(url).await?;
    let shop = "INSERT INTO shop (name, code, open, owner, city) VALUES ('Bel Café', '7', true, 'Ann', 'Bern')";
    db.execute_unprepared(shop).await?;
    let plan = said(url, 3, &["apply"])?;
    for words in [
        "-- left alone: drop the table \"review\"",
        "-- left alone: drop the column \"city\" of \"shop\"",
    ] {
        assert!(plan.contains(words), "{plan}");
    }
    // What is beyond the models is no drift.
    assert_eq!(check(url, 3)?, Some(0));
    assert_eq!(rows(&db, "SELECT city FROM shop").await?, ["Bern"]);

    said(url, 3, &["apply", "--drop", "--drop-table", "review"])?;
    assert!(rows(&db, "SELECT city FROM shop").await.is_err());
    assert!(rows(&db, "SELECT id FROM review").await.is_err());
    assert_eq!(rows(&db, "SELECT name FROM shop").await?, ["Bel Café"]);
    assert_eq!(check(url, 3)?, Some(0));
    Ok(())
}

#[derive(Model)]
#[acl(open)]
struct Owner {
    #[model(id, generated)]
    id: i64,
    name: String,

    #[relation(has_many)]
    dogs: HasMany<Dog>,
}

#[derive(Model)]
#[acl(open)]
struct Dog {
    #[model(id, generated)]
    id: i64,
    owner_id: i64,
    mother_id: Option<i64>,

    #[relation(belongs_to, constraint)]
    owner: BelongsTo<Owner>,
    #[relation(belongs_to, constraint, on_delete = "set null")]
    mother: BelongsTo<Dog>,
}

async fn a_foreign_key_is_kept(url: &str) -> TestResult {
    let app = App::new().config(loopwright::Config::default());
    // The key's table comes before the one that it leads to.
    let app = app.data_source("db", url).models::<(Dog, Owner)>();
    let served = serve(app).await?;
    let send = async |verb: &str, path: &str, body: Json| {
        let url = format!("{}/api/{path}", served.url);
        let request = served.client.request(verb.parse()?, url).json(&body);
        let response = request.send().await?;
        let status = response.status().as_u16();
        let answer: Json = serde_json::from_str(&response.text().await?).unwrap_or_default();
        Ok::<_, Box<dyn Error>>((status, answer))
    };
    send("POST", "Owners", json!({ "name": "Ann" })).await?;
    send("POST", "Dogs", json!({ "ownerId": 1 })).await?;
    let (status, _) = send("POST", "Dogs", json!({ "ownerId": 1, "motherId": 1 })).await?;
    assert_eq!(status, 200);
    for (verb, path, body, expected) in [
        ("POST", "Dogs", json!({ "ownerId": 9 }), 422),
        ("PUT", "Dogs/1", json!({ "ownerId": 9 }), 422),
        ("DELETE", "Owners/1", json!({}), 409),
    ] {
        let (status, answer) = send(verb, path, body).await?;
        assert_eq!(status, expected, "{answer}");
        assert_eq!(answer["error"]["code"], "FOREIGN_KEY_VIOLATION", "{answer}");
    }
    send("DELETE", "Dogs/1", json!({})).await?;
    let (_, child) = send("GET", "Dogs/2", json!({})).await?;
    assert_eq!(child["motherId"], Json::Null);
    // The tables can be emptied all the same, and are what the models say.
    let sql = served
        .application
        .connector::<loopwright::connectors::sql::SqlConnector>("db")?;
    assert!(sql.is_actual(&[Dog::DEF, Owner::DEF]).await?);
    sql.automigrate(&[Owner::DEF, Dog::DEF]).await?;
    assert!(sql.is_actual(&[Dog::DEF, Owner::DEF]).await?);
    let (_, dogs) = send("GET", "Dogs", json!({})).await?;
    assert_eq!(dogs, json!([]));
    Ok(())
}

async fn numbers_are_not_given_again_after_a_change(url: &str) -> TestResult {
    let db = populated(url).await?;
    db.execute_unprepared("DELETE FROM shop WHERE id = 2")
        .await?;
    db.execute_unprepared("DELETE FROM review").await?;
    said(url, 2, &["apply", "--drop"])?;
    db.execute_unprepared("UPDATE shop SET owner = 'Ann'")
        .await?;
    said(url, 2, &["apply", "--allow-lossy"])?;
    let shop = "INSERT INTO shop (name, code, owner) VALUES ('New', '1', 'Bo')";
    db.execute_unprepared(shop).await?;
    let newest = "SELECT name FROM shop WHERE id = 3";
    assert_eq!(rows(&db, newest).await?, ["New"]);
    Ok(())
}

#[derive(Model, Clone)]
#[model(unique(hall, number), index(hall, desc(price), name = "seat_dear"))]
#[acl(open)]
struct Seat {
    #[model(id, generated)]
    id: i64,
    hall: String,
    number: Option<i64>,
    price: i64,
}

async fn indexes_over_several_properties_follow_the_model(url: &str) -> TestResult {
    let app = App::new().config(loopwright::Config::default());
    let served = serve(app.data_source("db", url).models::<(Seat,)>()).await?;
    let post = async |body: Json| {
        let seats = format!("{}/api/Seats", served.url);
        let response = served.client.post(seats).json(&body).send().await?;
        let status = response.status().as_u16();
        Ok::<_, Box<dyn Error>>((status, response.json::<Json>().await?))
    };
    let seat = json!({ "hall": "a", "number": 1, "price": 7 });
    assert_eq!(post(seat.clone()).await?.0, 200);
    let (status, answer) = post(seat).await?;
    assert_eq!(status, 409, "{answer}");
    let error = &answer["error"];
    assert_eq!(
        error["message"],
        "Duplicate entry for Seat.hall, Seat.number"
    );
    assert_eq!(error["code"], "DUPLICATE_ENTRY");
    assert_eq!(error["properties"], json!(["hall", "number"]));

    // One of the name that is over other columns, or in another direction, is replaced.
    let sql = served
        .application
        .connector::<loopwright::connectors::sql::SqlConnector>("db")?;
    let options = PlanOptions::default();
    let db = Database::connect(url).await?;
    for other in ["hall", "hall, price"] {
        assert!(sql.is_actual(&[Seat::DEF]).await?);
        let of = if url.starts_with("mysql") {
            " ON seat"
        } else {
            ""
        };
        db.execute_unprepared(&format!("DROP INDEX seat_dear{of}"))
            .await?;
        let beginning = if url.starts_with("mysql") {
            other.replace("hall", "hall(9)")
        } else {
            other.to_owned()
        };
        db.execute_unprepared(&format!("CREATE INDEX seat_dear ON seat ({beginning})"))
            .await?;
        let plan = sql.plan(&[Seat::DEF], &options).await?;
        let actions: Vec<_> = plan.differences().map(|one| one.action.as_str()).collect();
        let expected = [
            "drop the index \"seat_dear\" of \"seat\"",
            "add the index \"seat_dear\" to \"seat\"",
        ];
        assert_eq!(actions, expected);
        sql.apply(&plan).await?;
    }
    assert!(sql.is_actual(&[Seat::DEF]).await?);
    Ok(())
}

#[derive(Model)]
#[acl(open)]
struct Tool {
    #[model(id)]
    id: i64,
    #[validate(length(max = 40))]
    name: String,
}

async fn a_wrong_primary_key_is_no_match(url: &str) -> TestResult {
    let db = Database::connect(url).await?;
    db.execute_unprepared(
        "CREATE TABLE tool (id bigint NOT NULL, name varchar(40) NOT NULL, PRIMARY KEY (name))",
    )
    .await?;
    let app = App::new().config(loopwright::Config::default());
    let app = app.data_source("db", url).models::<(Tool,)>();
    // It starts all the same, and changes no key.
    let application = app.build().await?;
    let sql = application.connector::<loopwright::connectors::sql::SqlConnector>("db")?;
    assert!(!sql.is_actual(&[Tool::DEF]).await?);
    let mut options = PlanOptions::default();
    options.allow_lossy = true;
    let plan = sql.plan(&[Tool::DEF], &options).await?.to_string();
    let words = "-- held back: change the primary key of \"tool\" from (name) to (id)";
    assert!(plan.contains(words), "{plan}");
    assert!(plan.contains("by hand"), "{plan}");
    db.execute_unprepared("CREATE UNIQUE INDEX tool_id ON tool (id)")
        .await?;
    let plan = sql.plan(&[Tool::DEF], &options).await?.to_string();
    assert!(!plan.contains("primary key"), "{plan}");
    Ok(())
}

/// A user who may only read plans and checks, and is told why nothing is applied.
async fn only_reads(owner: &str, reader: &str) -> TestResult {
    said(owner, 1, &["apply"])?;
    assert_eq!(check(reader, 1)?, Some(0));
    assert_eq!(check(reader, 2)?, Some(1));
    said(reader, 2, &["plan"])?;
    let complaint = complained(reader, 2, &["apply"])?;
    assert!(complaint.contains("data source \"db\""), "{complaint}");
    assert!(
        complaint.contains("the user may change tables") || complaint.contains("only be read"),
        "{complaint}"
    );
    assert!(!complaint.contains("tiger"), "{complaint}");
    assert_eq!(check(owner, 1)?, Some(0));
    Ok(())
}

#[tokio::test]
async fn a_read_only_file() -> TestResult {
    let url = loopwright_tests::sqlite_url();
    only_reads(&url, &url.replace("mode=rwc", "mode=ro")).await
}

#[tokio::test]
async fn a_user_of_postgres_who_only_reads() -> TestResult {
    let Some(url) = loopwright_tests::postgres_url() else {
        return Ok(());
    };
    let db = Database::connect(&url).await?;
    let role = format!("reader_{}", std::process::id());
    for sql in [
        format!("CREATE ROLE {role} LOGIN PASSWORD 'tiger'"),
        format!("ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO {role}"),
    ] {
        db.execute_unprepared(&sql).await?;
    }
    only_reads(&url, &url.replace("postgres@", &format!("{role}:tiger@"))).await
}

#[tokio::test]
async fn a_user_of_mysql_who_only_reads() -> TestResult {
    let Some(url) = loopwright_tests::mysql_url() else {
        return Ok(());
    };
    let db = Database::connect(&url).await?;
    let user = format!("reader_{}", std::process::id());
    let database = url.rsplit('/').next().unwrap_or_default();
    for sql in [
        format!("CREATE USER {user}@localhost IDENTIFIED BY 'tiger'"),
        format!("GRANT SELECT ON {database}.* TO {user}@localhost"),
    ] {
        db.execute_unprepared(&sql).await?;
    }
    only_reads(&url, &url.replace("root@", &format!("{user}:tiger@"))).await
}

#[test]
fn check_can_fail() -> TestResult {
    let output = migrate("sqlite:///no/such/folder/shop.db", 1, &["check"])?;
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr)?.contains("folder"));
    let complaint = complained("sqlite::memory:", 1, &["status", "--data-source", "log"])?;
    assert!(complaint.contains("there is no data source"), "{complaint}");
    Ok(())
}

#[tokio::test]
async fn a_start_changes_nothing_when_told_so() -> TestResult {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("loopwright.toml");
    let text = "[data_sources.db]\nurl = \"sqlite::memory:\"\nautoupdate = false";
    std::fs::write(&file, text)?;
    let config = loopwright::Config::load(&file)?;
    let app = App::new().config(config).models::<(Dog, Owner)>();
    let application = app.build().await?;
    let sql = application.connector::<loopwright::connectors::sql::SqlConnector>("db")?;
    assert!(sql.tables(None).await?.is_empty());
    let plan = sql
        .plan(&[Dog::DEF, Owner::DEF], &PlanOptions::default())
        .await?;
    assert_eq!(plan.steps.len(), 2, "{plan}");
    Ok(())
}

#[test]
fn the_help_explains_how_a_command_ends() -> TestResult {
    let help = said("memory:", 1, &["--help"])?;
    for words in ["ends with 0 when it has done", "`check` ends with 1"] {
        assert!(help.replace('\n', " ").contains(words), "{help}");
    }
    for wrong in [
        ["plan", "--all"],
        ["apply", "now"],
        ["status", "--drop"],
        ["check", "x"],
    ] {
        let output = migrate("memory:", 1, &wrong)?;
        assert_eq!(output.status.code(), Some(2), "{wrong:?}");
    }
    // There is something to do, which is no failure of these.
    for command in ["plan", "status"] {
        said("sqlite::memory:", 1, &[command])?;
    }
    Ok(())
}

#[tokio::test]
async fn a_foreign_key_that_no_database_keeps_is_told() -> TestResult {
    let plan = said("memory:", 2, &["plan"])?;
    let words = "-- note: `Review.shop` asks for a foreign key, which no database keeps: the data source has no foreign keys";
    assert!(plan.contains(words), "{plan}");
    // It is no drift.
    assert_eq!(check("memory:", 2)?, Some(0));
    let plan = said("sqlite::memory:", 2, &["plan"])?;
    assert!(!plan.contains("no database keeps"), "{plan}");
    Ok(())
}

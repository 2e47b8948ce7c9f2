//! Versioned migrations: what `migrate create` writes is compiled into a program and runs up and down.

use std::error::Error;
use std::path::Path;
use std::process::{Command, Output};

use loopwright::boot::DataSourceConfig;
use loopwright::connectors::sql::sea_orm_migration::prelude::*;
use loopwright::{App, Config};
use loopwright_tests::scratch::Scratch;
use loopwright_tests::{mysql_url, postgres_url, sqlite_url};
use sea_orm::Database;

type TestResult<T = ()> = Result<T, Box<dyn Error>>;

/// The program's models, without migrations.
const APP: &str = env!("CARGO_BIN_EXE_migrating-app");

/// A program in one of its versions, on a database.
struct Program<'a> {
    path: &'a Path,
    folder: &'a Path,
    database: &'a str,
    /// Which migrations it has.
    which: &'a str,
}

impl Program<'_> {
    fn run(&self, version: u8, arguments: &[&str]) -> TestResult<Output> {
        let mut command = Command::new(self.path);
        command
            .args(arguments)
            .current_dir(self.folder)
            .env("DATABASE_URL", self.database)
            .env("LW_TEST_VERSION", version.to_string())
            .env("WHICH", self.which);
        Ok(command.output()?)
    }

    fn migrate(&self, version: u8, arguments: &[&str]) -> TestResult<Output> {
        self.run(version, &[&["migrate"], arguments].concat())
    }

    /// What the program prints, if it succeeds.
    fn said(&self, version: u8, arguments: &[&str]) -> TestResult<String> {
        let output = self.migrate(version, arguments)?;
        let complaint = String::from_utf8(output.stderr)?;
        assert!(output.status.success(), "{arguments:?}: {complaint}");
        Ok(String::from_utf8(output.stdout)?)
    }

    /// What the program complains about.
    fn complained(&self, version: u8, arguments: &[&str]) -> TestResult<String> {
        let output = self.migrate(version, arguments)?;
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        Ok(String::from_utf8(output.stderr)?)
    }

    fn check(&self, version: u8) -> TestResult<Option<i32>> {
        Ok(self.migrate(version, &["check"])?.status.code())
    }

    /// The migrations' lines of the status, without their times: `first: applied`.
    fn status(&self, version: u8) -> TestResult<Vec<String>> {
        let status = self.said(version, &["status"])?;
        Ok(states(&status))
    }
}

/// `db m20260131_235959_first: applied` without what comes before the name.
fn states(text: &str) -> Vec<String> {
    let lines = text.lines().filter(|line| line.starts_with("db m2"));
    let state = |line: &str| line.splitn(3, '_').nth(2).map(str::to_owned);
    lines.filter_map(state).collect()
}

/// A database with the version 4 of the models; what led there and on from there is written to `src/<kind>` and
/// `src/<kind>_lossy`.
fn create(folder: &Path, kind: &str, database: &str) -> TestResult {
    let app = Program {
        path: Path::new(APP),
        folder,
        database,
        which: "",
    };
    let (dir, lossy) = (format!("src/{kind}"), format!("src/{kind}_lossy"));
    let refusal = app.complained(1, &["create", "Add city", "--dir", &dir])?;
    assert!(refusal.contains("such as `add_city`"), "{refusal}");

    let said = app.said(1, &["create", "first", "--dir", &dir])?;
    assert!(said.contains("-- written to src/"), "{said}");
    app.said(1, &["apply"])?;
    app.said(4, &["create", "second", "--dir", &dir])?;
    app.said(4, &["apply"])?;
    let said = app.said(4, &["create", "nothing", "--dir", &dir])?;
    assert!(said.contains("-- nothing was written"), "{said}");
    app.said(2, &["create", "third", "--dir", &lossy, "--allow-lossy"])?;
    Ok(())
}

async fn up_and_down(path: &Path, folder: &Path, kind: &str, database: &str) -> TestResult {
    let program = Program {
        path,
        folder,
        database,
        which: kind,
    };
    assert_eq!(program.status(4)?, ["first: pending", "second: pending"]);
    assert_eq!(program.check(4)?, Some(1));
    let output = program.run(4, &["serve"])?;
    let refusal = String::from_utf8(output.stderr)?;
    assert!(
        refusal.contains("run the command `migrate apply`"),
        "{refusal}"
    );
    let refusal = program.complained(4, &["create", "again"])?;
    assert!(refusal.contains("pending"), "{refusal}");
    let refusal = program.complained(4, &["apply", "--drop"])?;
    assert!(refusal.contains("`migrate create`"), "{refusal}");

    let both = program.said(4, &["apply"])?;
    assert_eq!(states(&both), ["first: applied", "second: applied"]);
    assert_eq!(program.said(4, &["apply"])?, "-- no migration is pending\n");
    assert_eq!(program.check(4)?, Some(0));
    assert_eq!(program.check(2)?, Some(1), "drift");

    // The row outlives the migration that is undone, not the table.
    let db = Database::connect(database).await?;
    let insert = "INSERT INTO shop (name, code, state) VALUES ('Bel', 7, 'new')";
    db.execute_unprepared(insert).await?;
    assert_eq!(states(&program.said(4, &["revert"])?), ["second: undone"]);
    assert_eq!(program.status(4)?, ["first: applied", "second: pending"]);
    let insert = "INSERT INTO shop (name, code) VALUES ('Bel', 7)";
    db.execute_unprepared(insert).await?;
    assert_eq!(
        db.execute_unprepared("UPDATE shop SET code = 8")
            .await?
            .rows_affected(),
        2
    );
    assert_eq!(states(&program.said(4, &["revert"])?), ["first: undone"]);
    assert!(db.execute_unprepared("DELETE FROM shop").await.is_err());
    assert_eq!(
        program.said(4, &["revert"])?,
        "-- no migration has been applied\n"
    );
    db.close().await?;

    program.said(4, &["apply"])?;
    assert_eq!(program.check(4)?, Some(0));
    Ok(())
}

/// A database that had its tables before there were migrations.
async fn baseline(path: &Path, folder: &Path, kind: &str, database: &str) -> TestResult {
    let program = Program {
        path,
        folder,
        database,
        which: kind,
    };
    assert_eq!(program.status(4)?, ["first: pending", "second: pending"]);
    let refusal = program.complained(4, &["baseline", "--to", "m_second"])?;
    assert!(refusal.contains("did you mean `m2"), "{refusal}");
    assert_eq!(program.status(4)?, ["first: pending", "second: pending"]);

    let status = program.said(4, &["status"])?;
    let first = status
        .lines()
        .next()
        .and_then(|line| line.split([' ', ':']).nth(1));
    let first = first.ok_or("no migration")?;
    let said = program.said(4, &["baseline", "--to", first])?;
    assert_eq!(states(&said), ["first: recorded as applied"]);
    assert_eq!(program.status(4)?, ["first: applied", "second: pending"]);
    assert_eq!(program.check(4)?, Some(1));
    let said = program.said(4, &["baseline"])?;
    assert_eq!(states(&said), ["second: recorded as applied"]);
    assert_eq!(program.check(4)?, Some(0));
    assert_eq!(
        program.said(4, &["baseline"])?,
        "-- no migration is pending\n"
    );
    // A smaller database than they make is told so.
    let said = program.said(2, &["baseline"])?;
    assert!(said.contains("what is still to be done"), "{said}");

    let db = Database::connect(database).await?;
    db.execute_unprepared("DELETE FROM seaql_migrations")
        .await?;
    Ok(())
}

/// What changes a type does not go back, and says so; the database keeps it.
fn one_way(path: &Path, folder: &Path, kind: &str, database: &str) -> TestResult {
    let program = Program {
        path,
        folder,
        database,
        which: &format!("{kind}_lossy"),
    };
    assert_eq!(states(&program.said(2, &["apply"])?), ["third: applied"]);
    assert_eq!(program.check(2)?, Some(0));
    let refusal = program.complained(2, &["revert"])?;
    assert!(refusal.contains("there is no way back from"), "{refusal}");
    assert_eq!(program.status(2)?, ["third: applied"]);
    assert_eq!(program.check(2)?, Some(0));
    Ok(())
}

/// One program for all databases, since compiling it is what takes time.
#[tokio::test]
async fn migrations_compile_and_run_up_and_down() -> TestResult {
    let scratch = Scratch::new()?;
    let (files, more) = (sqlite_url(), sqlite_url());
    let mut databases = vec![("sqlite", files.to_string(), more.to_string())];
    if let (Some(one), Some(two)) = (postgres_url(), postgres_url()) {
        databases.push(("postgres", one, two));
    }
    if let (Some(one), Some(two)) = (mysql_url(), mysql_url()) {
        databases.push(("mysql", one, two));
    }

    let (mut modules, mut arms) = (String::new(), String::new());
    for (kind, database, _) in &databases {
        create(scratch.folder(), kind, database)?;
        for module in [(*kind).to_owned(), format!("{kind}_lossy")] {
            modules += &format!("mod {module};\n");
            arms +=
                &format!("Ok(\"{module}\") => App::new().migrations::<{module}::Migrator>(),\n");
        }
    }
    let app = include_str!("../src/bin/migrating-app.rs");
    let choice =
        format!("match std::env::var(\"WHICH\").as_deref() {{\n{arms}_ => App::new(),\n}};");
    let app = app.replace("App::new();", &choice);
    let main = app.replace(
        "use loopwright::prelude::*;\n\nmod first",
        &format!("use loopwright::prelude::*;\n\n{modules}\nmod first"),
    );
    scratch.module("main", &main)?;
    let path = scratch.build().await?;

    for (kind, database, fresh) in &databases {
        up_and_down(&path, scratch.folder(), kind, fresh).await?;
        baseline(&path, scratch.folder(), kind, database).await?;
        one_way(&path, scratch.folder(), kind, database)?;
    }
    Ok(())
}

struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(CreateCup)]
    }
}

struct CreateCup;

impl MigrationName for CreateCup {
    fn name(&self) -> &str {
        "m20260131_235959_create_cup"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for CreateCup {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let cup = Table::create()
            .table("cup")
            .col(ColumnDef::new("label").text())
            .to_owned();
        manager.create_table(cup).await
    }
}

/// Migrations by hand, and a start that is told to run them.
#[tokio::test]
async fn a_start_runs_migrations_if_told() -> TestResult {
    let url = sqlite_url();
    let start = async |autoupdate| {
        let mut db = DataSourceConfig::new(url.to_string());
        db.autoupdate = autoupdate;
        let mut config = Config::default();
        config.data_sources.insert("db".to_owned(), db);
        App::new()
            .config(config)
            .migrations::<Migrator>()
            .build()
            .await
    };
    for waiting in [None, Some(false)] {
        let refusal = start(waiting).await.err().ok_or("it starts")?.to_string();
        assert!(refusal.contains("m20260131_235959_create_cup"), "{refusal}");
    }
    start(Some(true)).await?;
    start(None).await?;
    let db = Database::connect(&*url).await?;
    db.execute_unprepared("INSERT INTO cup VALUES ('mine')")
        .await?;
    Ok(())
}

/// Only SQL databases have migrations.
#[tokio::test]
async fn other_data_sources_are_refused() -> TestResult {
    let app = App::new()
        .data_source("db", "memory:")
        .migrations::<Migrator>();
    let refusal = app.build().await.err().ok_or("it starts")?.to_string();
    assert!(refusal.contains("no SQL database"), "{refusal}");
    Ok(())
}

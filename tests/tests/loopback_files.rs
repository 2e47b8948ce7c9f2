//! A folder of a LoopBack application starts as it is: its settings, data sources, components and middleware (contract *boot.md*
//! §1–§7, §10, *middleware.md* §4).

use std::path::Path;
use std::process::Stdio;

use loopwright::boot::{ModelConfig, RuleConfig};
use loopwright::definitions::Definitions;
use loopwright::prelude::*;
use loopwright::{App, Config};
use loopwright_tests::example::Example;
use loopwright_tests::serve::{Served, serve};
use serde_json::{Value as Json, json};
use tempfile::TempDir;

type TestResult<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

/// As LoopBack's generator has written it, and nobody has changed it.
const SCAFFOLD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/loopback/scaffold");

/// A copy of the scaffolded application, with these files over it.
fn scaffold(files: &[(&str, &str)]) -> TestResult<TempDir> {
    fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
        std::fs::create_dir_all(to)?;
        for entry in std::fs::read_dir(from)? {
            let (entry, to) = (entry?, to);
            let to = to.join(entry.file_name());
            match entry.file_type()?.is_dir() {
                true => copy(&entry.path(), &to)?,
                false => drop(std::fs::copy(entry.path(), to)?),
            }
        }
        Ok(())
    }
    let folder = tempfile::tempdir()?;
    copy(Path::new(SCAFFOLD), folder.path())?;
    for (name, text) in files {
        let file = folder.path().join(name);
        std::fs::create_dir_all(file.parent().ok_or("no folder")?)?;
        std::fs::write(file, text)?;
    }
    Ok(folder)
}

async fn served(folder: &Path) -> TestResult<Served> {
    let app = App::new().config(Config::default());
    serve(app.definitions(folder)).await
}

async fn refusal(app: App) -> TestResult<String> {
    match app.build().await {
        Ok(_) => Err("it starts".into()),
        Err(error) => Ok(error.to_string()),
    }
}

const NOTE: (&str, &str) = (
    "server/models/note.json",
    r#"{"name": "Note", "properties": {"title": {"type": "string", "required": true}},
        "acls": [{"principalType": "ROLE", "principalId": "$everyone", "permission": "ALLOW"}]}"#,
);

const NOTES: (&str, &str) = (
    "server/model-config.local.json",
    r#"{"Note": {"dataSource": "db"}}"#,
);

/// The program starts it, knowing nothing but the folder.
#[tokio::test]
async fn a_scaffolded_application_starts_as_it_is() -> TestResult {
    let program = Path::new(env!("CARGO_BIN_EXE_loopback-app"));
    let folder = tempfile::tempdir()?;
    let started = [
        ("LOOPWRIGHT_DEFINITIONS__FOLDER", SCAFFOLD),
        ("HOST", "127.0.0.1"),
    ];
    let app = Example::start_program(program, folder, &started).await?;
    let client = reqwest::Client::new();
    let users = format!("{}/api/Users", app.url);

    let user = json!({"email": "ann@bar.com", "password": "secret"});
    let created = client.post(&users).json(&user).send().await?;
    assert_eq!(created.status(), 200);
    let created: Json = created.json().await?;
    assert_eq!(created["id"], 1);
    let login = client.post(format!("{users}/login")).json(&user);
    let token: Json = login.send().await?.error_for_status()?.json().await?;
    let own = client.get(format!("{users}/1"));
    let own = own.header("authorization", token["id"].as_str().ok_or("no token")?);
    let own: Json = own.send().await?.error_for_status()?.json().await?;
    assert_eq!(own["email"], "ann@bar.com");
    // Tokens and roles are not public, and who is not logged in sees nobody.
    assert_eq!(client.get(&users).send().await?.status(), 401);
    let roles = client.get(format!("{}/api/Roles", app.url)).send().await?;
    assert_eq!(roles.status(), 404);

    let explorer = client.get(format!("{}/explorer/", app.url)).send().await?;
    assert_eq!(explorer.status(), 200);
    assert!(explorer.text().await?.contains("swagger-ui"));

    // `cors` and `compression` of `middleware.json`.
    let asked = client
        .request(reqwest::Method::OPTIONS, &users)
        .header("origin", "https://page.example")
        .header("access-control-request-method", "POST");
    let answer = asked.send().await?;
    let header = |name: &str| {
        let value = answer.headers().get(name);
        value
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned)
    };
    assert_eq!(answer.status(), 204);
    let origin = header("access-control-allow-origin");
    assert_eq!(origin.as_deref(), Some("https://page.example"));
    assert_eq!(
        header("access-control-allow-credentials").as_deref(),
        Some("true")
    );
    let document = client.get(format!("{}/openapi.json", app.url));
    let document = document.header("accept-encoding", "gzip").send().await?;
    let encoding = document.headers().get("content-encoding");
    assert_eq!(encoding.and_then(|value| value.to_str().ok()), Some("gzip"));

    // The icon stands before all, `helmet` before what comes then.
    let icon = client
        .get(format!("{}/favicon.ico", app.url))
        .send()
        .await?;
    assert_eq!(icon.status(), 200);
    assert!(icon.headers().get("x-frame-options").is_none());
    assert_eq!(answer.headers()["x-frame-options"], "DENY");
    // As the scaffold has it, strong-error-handler answers.
    let missing = client.get(format!("{}/nothing", app.url)).send().await?;
    let missing: Json = missing.json().await?;
    assert_eq!(missing["error"]["statusCode"], 404);
    assert!(missing["error"].get("status").is_none(), "{missing}");

    // What is not there is said, and nothing is written beside the program.
    assert!(std::fs::read_dir(app.folder.path())?.next().is_none());
    let ended = app.terminate().await?;
    assert!(
        ended
            .log
            .contains("boot/root.js:1:1: JavaScript is not run"),
        "{}",
        ended.log
    );
    Ok(())
}

/// Where nothing is said in the environment or in `loopwright.toml`, the files say it.
#[tokio::test]
async fn the_environment_goes_over_our_file_and_that_over_loopbacks() -> TestResult {
    let loopback = scaffold(&[
        NOTE,
        NOTES,
        (
            "server/config.local.json",
            r#"{"host": "127.0.0.1", "restApiRoot": "/v2", "remoting": {"json": {"limit": "10b"}}, "currency": "CHF"}"#,
        ),
        (
            "server/config.staging.json",
            r#"{"port": "0", "remoting": {"urlencoded": {"limit": "20b"}}}"#,
        ),
        (
            "server/component-config.staging.json",
            r#"{"loopback-component-explorer": {"mountPath": "/docs"}}"#,
        ),
    ])?;
    let program = Path::new(env!("CARGO_BIN_EXE_loopback-app"));
    let configured = |text: &str| -> TestResult<TempDir> {
        let folder = tempfile::tempdir()?;
        let path = loopback.path().display();
        let text = format!("{text}\n[definitions]\nfolder = \"{path}\"\n");
        std::fs::write(folder.path().join("loopwright.toml"), text)?;
        Ok(folder)
    };
    let status = async |url: String| TestResult::Ok(reqwest::get(url).await?.status().as_u16());

    // `PORT` is 0 in the environment of an example, over the 3000 of `config.json`.
    let staging = [("NODE_ENV", "staging")];
    let app = Example::start_program(program, configured("")?, &staging).await?;
    assert!(app.url.starts_with("http://127.0.0.1:"), "{}", app.url);
    assert_eq!(status(format!("{}/v2/Notes", app.url)).await?, 200);
    assert_eq!(status(format!("{}/api/Notes", app.url)).await?, 404);
    assert_eq!(status(format!("{}/docs/", app.url)).await?, 200);
    assert_eq!(status(format!("{}/explorer/", app.url)).await?, 404);
    let long = json!({"title": "a title of more than twenty bytes"});
    let client = reqwest::Client::new();
    let post = client.post(format!("{}/v2/Notes", app.url)).json(&long);
    assert_eq!(post.send().await?.status(), 413);
    drop(app);

    // What our file says counts, also where it is the default.
    let ours = "rest_api_root = \"/api\"\nbody_limit = 1000\nexplorer = false\n\n[models.Note]\npublic = true\n";
    let app = Example::start_program(program, configured(ours)?, &staging).await?;
    assert_eq!(status(format!("{}/api/Notes", app.url)).await?, 200);
    assert_eq!(status(format!("{}/docs/", app.url)).await?, 404);
    let post = client.post(format!("{}/api/Notes", app.url)).json(&long);
    assert_eq!(post.send().await?.status(), 200);
    drop(app);

    let over = [
        ("NODE_ENV", "production"),
        ("LOOPWRIGHT_ENV", "staging"),
        ("LOOPWRIGHT_REST_API_ROOT", "/v3"),
        ("npm_config_host", "localhost"),
    ];
    let app = Example::start_program(program, configured(ours)?, &over).await?;
    assert_eq!(status(format!("{}/v3/Notes", app.url)).await?, 200);
    Ok(())
}

#[tokio::test]
async fn settings_of_the_applications_own_are_kept() -> TestResult {
    let folder = scaffold(&[
        (
            "server/config.json",
            r#"{"stripe": {"key": "not-to-be-shown"}, "size": 5, "price": "${HOME}"}"#,
        ),
        ("server/config.local.json", r#"{"stripe": {"live": true}}"#),
    ])?;
    let mut config = Config::default();
    config.settings.set("size", 7);
    let app = App::new().config(config).definitions(folder.path());
    let application = app.build().await?;
    assert_eq!(
        application.setting("stripe"),
        Some(&json!({"key": "not-to-be-shown", "live": true}))
    );
    // The program's own word counts, and nothing is put into this file.
    assert_eq!(application.setting("size"), Some(&json!(7)));
    assert_eq!(application.setting("price"), Some(&json!("${HOME}")));
    let debug = format!("{:?}", application.config());
    assert!(
        debug.contains("stripe") && !debug.contains("not-to-be-shown"),
        "{debug}"
    );
    Ok(())
}

#[tokio::test]
async fn data_is_where_the_files_say() -> TestResult {
    let folder = scaffold(&[
        NOTE,
        (
            "server/datasources.json",
            r#"{"store": {"connector": "memory", "file": "data/store.json"}, "lite": {"connector": "sqlite3", "file": "a b.db"},
                "other": {"connector": "oracle", "password": "not-to-be-shown"}}"#,
        ),
        (
            "server/model-config.json",
            r#"{"Note": {"dataSource": "store"}, "Log": {"dataSource": "lite", "public": false}}"#,
        ),
        (
            "server/models/log.json",
            r#"{"name": "Log", "properties": {"text": "string"}}"#,
        ),
    ])?;
    std::fs::create_dir(folder.path().join("data"))?;
    let served = served(folder.path()).await?;
    let note = json!({"title": "one"});
    let (status, _) = served.anonymous().call("POST /Notes", note).await?;
    assert_eq!(status, 200);
    let stored = std::fs::read_to_string(folder.path().join("data/store.json"))?;
    let stored: Json = serde_json::from_str(&stored)?;
    assert_eq!(stored["models"]["Note"]["1"], r#"{"title":"one","id":1}"#);
    let log = served.application.records("Log")?;
    log.create(json!({"text": "started"})).await?;
    assert!(folder.path().join("a b.db").is_file());
    // Nothing is in a data source called `db`, so there is none.
    let message = served.application.transaction_in("db").map(drop);
    assert!(message.is_err());
    drop(served);

    // The program goes over the files; a section without a place goes with the file's place.
    let mut config = Config::default();
    let mut moved = loopwright::boot::DataSourceConfig::new("");
    moved.autoupdate = Some(false);
    config.data_sources.insert("lite".into(), moved);
    let app = App::new().config(config).data_source("store", "memory:");
    let again = serve(app.definitions(folder.path())).await?;
    let (_, notes) = again.anonymous().call("GET /Notes", Json::Null).await?;
    assert_eq!(notes, json!([]));
    let log = again.application.records("Log")?;
    assert_eq!(log.count(json!({})).await?, 1);

    // Without the file it has no place.
    let mut config = Config::default();
    let nowhere = loopwright::boot::DataSourceConfig::new("");
    config.data_sources.insert("nowhere".into(), nowhere);
    let message = refusal(App::new().config(config)).await?;
    assert!(
        message.contains("data_sources.nowhere: nothing says where"),
        "{message}"
    );
    Ok(())
}

/// A data source whose connector is not there can be said elsewhere.
#[tokio::test]
async fn a_connector_that_is_not_there_is_told_with_its_place() -> TestResult {
    let folder = scaffold(&[
        NOTE,
        NOTES,
        (
            "server/datasources.json",
            r#"{"db": {"connector": "oracle", "host": "db", "password": "not-to-be-shown"}}"#,
        ),
    ])?;
    let app = || App::new().config(Config::default());
    let message = refusal(app().definitions(folder.path())).await?;
    assert!(
        message.contains(
            "server/datasources.json:1:22: the connector of the data source `db` is not there yet"
        ),
        "{message}"
    );
    assert!(!message.contains("not-to-be-shown"), "{message}");
    let app = app().data_source("db", "memory:");
    let served = serve(app.definitions(folder.path())).await?;
    assert_eq!(served.anonymous().status("GET /Notes").await?, 200);
    Ok(())
}

#[tokio::test]
async fn environments_have_files_of_their_own() -> TestResult {
    let folder = scaffold(&[
        NOTE,
        NOTES,
        (
            "server/component-config.production.json",
            r#"{"loopback-component-explorer": null}"#,
        ),
        (
            "server/model-config.production.json",
            r#"{"Note": {"public": false}}"#,
        ),
        (
            "server/model-config.qa.json",
            r#"{"Note": {"publik": false}}"#,
        ),
    ])?;
    let in_environment = |name: &str| {
        let definitions = Definitions::folder(folder.path()).environment(name);
        App::new()
            .config(Config::default())
            .definitions(definitions)
    };
    let explorer = async |served: &Served| -> TestResult<u16> {
        let url = format!("{}/explorer/", served.url);
        Ok(served.client.get(url).send().await?.status().as_u16())
    };
    let served = serve(in_environment("development")).await?;
    assert_eq!(served.anonymous().status("GET /Notes").await?, 200);
    assert_eq!(explorer(&served).await?, 200);
    let served = serve(in_environment("production")).await?;
    assert_eq!(served.anonymous().status("GET /Notes").await?, 404);
    assert_eq!(explorer(&served).await?, 404);
    let message = refusal(in_environment("qa")).await?;
    assert!(
        message.contains(
            "model-config.qa.json:1:11: there is no key of a model in `model-config.json` `publik`"
        ),
        "{message}"
    );
    Ok(())
}

/// Somebody who reads.
#[derive(Model)]
#[acl(allow(read), to = everyone)]
struct Reader {
    #[model(id, generated)]
    id: i64,
    name: String,
    #[relation(has_many, through = Loan)]
    books: HasMany<Book>,
    #[relation(has_many)]
    loans: HasMany<Loan>,
}

#[derive(Model)]
#[acl(allow(read), to = everyone)]
struct Book {
    #[model(id, generated)]
    id: i64,
    title: String,
}

#[derive(Model)]
#[acl(allow(read), to = everyone)]
struct Loan {
    #[model(id, generated)]
    id: i64,
    reader_id: i64,
    book_id: i64,
    #[relation(belongs_to)]
    book: BelongsTo<Book>,
}

fn rule(principal: &str, access: &str, permission: &str) -> RuleConfig {
    let mut rule = RuleConfig::new(principal, permission);
    rule.access_type = access.to_owned();
    rule
}

fn library(name: &str, model: ModelConfig) -> App {
    let mut config = Config::default();
    config.models.insert(name.to_owned(), model);
    let app = App::new().config(config).data_source("db", "memory:");
    app.models::<(Reader, Book, Loan)>()
}

/// Neither a relation nor an include leads around what the configuration says.
#[tokio::test]
async fn models_have_the_rules_that_the_configuration_says() -> TestResult {
    let asks = [
        "GET /Books",
        "GET /Readers/1/books",
        "GET /Loans/1/book",
        "GET /Readers/1/loans",
        "GET /Loans",
    ];
    let statuses = async |model: Option<(&str, ModelConfig)>| -> TestResult<Vec<u16>> {
        let app = match model {
            Some((name, model)) => library(name, model),
            None => library("Book", ModelConfig::default()),
        };
        let served = serve(app).await?;
        let application = &served.application;
        let reader = Reader {
            id: 0,
            name: "Ann".into(),
            books: HasMany::default(),
            loans: HasMany::default(),
        };
        application.repository::<Reader>()?.create(reader).await?;
        let book = Book {
            id: 0,
            title: "Emma".into(),
        };
        application.repository::<Book>()?.create(book).await?;
        let loan = Loan {
            id: 0,
            reader_id: 1,
            book_id: 1,
            book: BelongsTo::default(),
        };
        application.repository::<Loan>()?.create(loan).await?;
        let mut statuses = Vec::new();
        for ask in asks {
            statuses.push(served.anonymous().status(ask).await?);
        }
        let included = "GET /Loans?filter[include]=book";
        let (status, loans) = served.anonymous().call(included, Json::Null).await?;
        statuses.push(match loans[0].get("book") {
            None if status == 200 => 204,
            _ => status,
        });
        Ok(statuses)
    };
    assert_eq!(statuses(None).await?, [200, 200, 200, 200, 200, 200]);
    let mut closed = ModelConfig::default();
    closed.acls = vec![rule("$everyone", "READ", "DENY")];
    let books = statuses(Some(("Book", closed.clone()))).await?;
    assert_eq!(books[..3], [401, 401, 401]);
    assert_eq!(books[3..5], [200, 200]);
    // An include leaves out what nobody may read, or is refused.
    assert!([204, 401].contains(&books[5]), "{books:?}");
    // The model in between has a say, too.
    let loans = statuses(Some(("Loan", closed))).await?;
    assert_eq!(loans[1..5], [401, 401, 401, 401]);
    assert_eq!(loans[0], 200);

    let mut hidden = ModelConfig::default();
    hidden.public = Some(false);
    let served = serve(library("Book", hidden)).await?;
    assert_eq!(served.anonymous().status("GET /Books").await?, 404);
    let document: Json = serde_json::from_str(&served.application.openapi().to_json()?)?;
    assert!(document["paths"].get("/api/Books").is_none());
    assert!(document["paths"].get("/api/Loans").is_some());
    Ok(())
}

/// A rule that is added opens what nothing else opens; of several about the same, the last word counts.
#[tokio::test]
async fn rules_of_the_configuration_are_merged_with_the_models_own() -> TestResult {
    let mut model = ModelConfig::default();
    let mut create = RuleConfig::new("$everyone", "ALLOW");
    create.property = "create".to_owned();
    model.acls = vec![create];
    let served = serve(library("Book", model.clone())).await?;
    let book = json!({"title": "Emma"});
    let (status, _) = served.anonymous().call("POST /Books", book).await?;
    assert_eq!(status, 200);
    assert_eq!(served.anonymous().status("GET /Books").await?, 200);
    assert_eq!(served.anonymous().status("DELETE /Books/1").await?, 401);

    let matrix = library("Book", model).access_matrix()?;
    let open = matrix.rows.iter().filter(|row| row.model == "Book");
    let open = open.filter(|row| row.access == "WRITE" && row.allows("anonymous"));
    let open: Vec<_> = open.map(|row| row.method.as_str()).collect();
    assert!(
        !open.is_empty() && open.iter().all(|method| *method == "create"),
        "{open:?}"
    );
    Ok(())
}

/// A model that its definition leaves without rules, and in a data source that is not there, has both by configuration alone.
#[tokio::test]
async fn definitions_are_moved_and_guarded_by_configuration() -> TestResult {
    let folder = scaffold(&[
        (
            "server/models/note.json",
            r#"{"name": "Note", "properties": {"title": "string"}}"#,
        ),
        (
            "server/model-config.local.json",
            r#"{"Note": {"dataSource": "old"}}"#,
        ),
        (
            "server/datasources.local.json",
            r#"{"old": {"connector": "oracle"}}"#,
        ),
    ])?;
    let app = |model: ModelConfig| {
        let mut config = Config::default();
        config.models.insert("Note".into(), model);
        App::new().config(config).definitions(folder.path())
    };
    let mut moved = ModelConfig::default();
    moved.data_source = Some("db".into());
    let message = refusal(app(moved.clone())).await?;
    assert!(
        message.contains("`Note` says nothing about access"),
        "{message}"
    );
    assert!(!message.contains("connector"), "{message}");
    let mut guarded = moved.clone();
    guarded.acls = vec![rule("$everyone", "READ", "ALLOW")];
    let served = serve(app(guarded)).await?;
    assert_eq!(served.anonymous().status("GET /Notes").await?, 200);
    assert_eq!(served.anonymous().status("POST /Notes").await?, 401);
    let mut hidden = moved;
    hidden.public = Some(false);
    let served = serve(app(hidden)).await?;
    assert_eq!(served.anonymous().status("GET /Notes").await?, 404);
    assert_eq!(
        served.application.records("Note")?.count(json!({})).await?,
        0
    );
    // What the files hide, the configuration does not serve.
    let mut opened = ModelConfig::default();
    opened.public = Some(true);
    let mut config = Config::default();
    config.models.insert("Role".into(), opened);
    let app = App::new().config(config).definitions(SCAFFOLD);
    let message = refusal(app).await?;
    assert!(
        message.contains("models.Role: the program does not serve this model"),
        "{message}"
    );
    Ok(())
}

#[tokio::test]
async fn mistaken_words_about_models_name_the_nearest() -> TestResult {
    let with = |change: fn(&mut ModelConfig)| {
        let mut model = ModelConfig::default();
        change(&mut model);
        model
    };
    for (name, model, expected) in [
        (
            "Bok",
            with(|model| model.public = Some(false)),
            "the model `Bok`, which the application does not list; did you mean `Book`?",
        ),
        (
            "Bok",
            ModelConfig::default(),
            "the model `Bok`, which the application does not list; did you mean `Book`?",
        ),
        (
            "Book",
            with(|model| model.acls = vec![rule("$everyone", "RED", "DENY")]),
            "a rule of `models.Book`: there is no kind of access `RED`; did you mean `READ`?",
        ),
        (
            "Book",
            with(|model| model.acls = vec![RuleConfig::new("$everybody", "DENY")]),
            "there is no role `$everybody`; did you mean `$everyone`?",
        ),
        (
            "Book",
            with(|model| model.acls = vec![RuleConfig::new("$everyone", "ALOW")]),
            "there is no permission `ALOW`; did you mean `ALLOW`?",
        ),
        (
            "Book",
            with(|model| {
                let mut rule = RuleConfig::new("$everyone", "DENY");
                rule.property = "findd".to_owned();
                model.acls = vec![rule];
            }),
            "there is no method `findd`; did you mean `find`?",
        ),
        (
            "Book",
            with(|model| {
                let mut rule = rule("$everyone", "READ", "DENY");
                rule.property = "updateOrCreate".to_owned();
                model.acls = vec![rule];
            }),
            "the method `upsert` is no `READ` but `WRITE`",
        ),
    ] {
        let message = refusal(library(name, model)).await?;
        assert!(message.contains(expected), "{message}");
    }
    Ok(())
}

/// Whatever the files hold, the start ends with their places and none of their secrets.
#[tokio::test]
async fn hostile_files_end_the_start() -> TestResult {
    let deep = format!("{}\"not-to-be-shown\"", "{\"a\":".repeat(5_000));
    let cyclic = r#"{"Note": {"dataSource": "db"}}"#;
    for files in [
        vec![("server/config.json", deep.as_str())],
        vec![(
            "server/datasources.json",
            r#"{"db": {"connector": "mysql", "port": "not-to-be-shown"}}"#,
        )],
        vec![(
            "server/datasources.json",
            r#"{"db": "mysql://me:not-to-be-shown@db/shop"}"#,
        )],
        vec![(
            "server/datasources.json",
            r#"{"db": {"password": "not-to-be-shown"}, "db": {}}"#,
        )],
        vec![(
            "server/datasources.local.json",
            r#"{"db": "not-to-be-shown"}"#,
        )],
        vec![(
            "server/middleware.json",
            r#"{"initial": "not-to-be-shown"}"#,
        )],
        vec![
            ("server/model-config.json", cyclic),
            (
                "server/models/note.json",
                r#"{"name": "Note", "base": "Not"}"#,
            ),
            (
                "server/models/not.json",
                r#"{"name": "Not", "base": "Note"}"#,
            ),
        ],
    ] {
        let folder = scaffold(&files)?;
        let app = App::new().config(Config::default());
        let message = refusal(app.definitions(folder.path())).await?;
        let name = files.last().map(|(name, _)| *name).unwrap_or_default();
        assert!(message.contains(&format!("{name}:1:")), "{message}");
        assert!(!message.contains("not-to-be-shown"), "{message}");
    }
    Ok(())
}

/// What a program prints of a mistake, it prints without secrets, too.
#[tokio::test]
async fn a_start_that_fails_says_why() -> TestResult {
    let folder = scaffold(&[(
        "server/datasources.json",
        r#"{"db": {"connector": "mysql", "url": "${SHOP_URL}", "host": "a/b", "password": "not-to-be-shown"}}"#,
    )])?;
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_loopback-app"));
    let output = command
        .current_dir(folder.path())
        .env("LOOPWRIGHT_DEFINITIONS__FOLDER", folder.path())
        .env_remove("DATABASE_URL")
        .env_remove("SHOP_URL")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .output()
        .await?;
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(error.contains("this is no host"), "{error}");
    assert!(!error.contains("not-to-be-shown"), "{error}");
    Ok(())
}

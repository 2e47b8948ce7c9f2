//! Each template as a user gets it: generated, added to, built, linted, tested and called over HTTP.
//!
//! The projects have fixed folders below the target folder, so that what they consist of is compiled once.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value as Json, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};

use crate::support::{TestResult, done, runtime, said};

/// An empty folder for the project `name`, in one that tells cargo how the workspace is compiled.
fn place(name: &str) -> TestResult<PathBuf> {
    let parent = Path::new(env!("CARGO_TARGET_TMPDIR")).join("projects");
    fs::create_dir_all(parent.join(".cargo"))?;
    // The workspace's profile, so that dependencies are not compiled twice.
    fs::write(
        parent.join(".cargo/config.toml"),
        "[net]\noffline = true\n\n[profile.dev]\ndebug = \"line-tables-only\"\n\n[profile.dev.package]\n\
         \"*\".debug = false\nbcrypt.opt-level = 3\nblowfish.opt-level = 3\n",
    )?;
    let project = parent.join(name);
    if project.exists() {
        fs::remove_dir_all(&project)?;
    }
    Ok(parent)
}

fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => folder.into(),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../target"),
    }
}

/// What cargo says in `folder` when it succeeds.
fn cargo(folder: &Path, arguments: &[&str]) -> TestResult<String> {
    let mut command = Command::new(env!("CARGO"));
    command
        .current_dir(folder)
        .args(arguments)
        .env("CARGO_TARGET_DIR", target());
    // What cargo says of this package would make build scripts that look at it run anew.
    for (name, _) in std::env::vars_os() {
        let own = name.to_str().unwrap_or_default();
        if own.starts_with("CARGO_PKG_") || own.starts_with("CARGO_MANIFEST_") {
            command.env_remove(name);
        }
    }
    let output = command.output()?;
    assert!(
        output.status.success(),
        "cargo {arguments:?}: {}",
        said(&output)
    );
    Ok(String::from_utf8(output.stdout)?)
}

/// The lines of the README's shell blocks that begin with `word`.
fn told(readme: &str, word: &str) -> Vec<String> {
    let blocks = readme.split("```sh\n").skip(1);
    let blocks = blocks.filter_map(|block| block.split("```").next());
    let lines = blocks.flat_map(|block| {
        let lines = block.replace("\\\n", " ");
        lines.lines().map(ToOwned::to_owned).collect::<Vec<_>>()
    });
    lines.filter(|line| line.starts_with(word)).collect()
}

/// A project that runs until this is dropped.
struct Running {
    url: String,
    _process: tokio::process::Child,
}

impl Running {
    async fn start(program: &str, folder: &Path) -> TestResult<Self> {
        let mut process = tokio::process::Command::new(program)
            .current_dir(folder)
            .env("PORT", "0")
            .env_remove("DATABASE_URL")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let output = process.stdout.take().ok_or("no output")?;
        let mut line = String::new();
        let mut output = BufReader::new(output);
        let listens = output.read_line(&mut line);
        tokio::time::timeout(Duration::from_secs(30), listens).await??;
        let url = line.split_once("listening at ");
        let url = url.ok_or_else(|| format!("it does not listen: {line}"))?.1;
        Ok(Running {
            url: url.trim_end().to_owned(),
            _process: process,
        })
    }

    async fn get(&self, path: &str) -> TestResult<Json> {
        let answer = reqwest::get(format!("{}{path}", self.url)).await?;
        Ok(answer.error_for_status()?.json().await?)
    }

    async fn post(&self, path: &str, body: &Json) -> TestResult<Json> {
        let client = reqwest::Client::new();
        let answer = client
            .post(format!("{}{path}", self.url))
            .json(body)
            .send()
            .await?;
        Ok(answer.error_for_status()?.json().await?)
    }
}

/// A project of the template, with two models, a relation in both directions, a rule and a method.
async fn project(template: &str, database: &str) -> TestResult<Running> {
    let name = format!("{template}-{database}");
    let parent = place(&name)?;
    done(
        &parent,
        &[
            "new",
            &name,
            "--template",
            template,
            "--database",
            database,
            "--title",
            "Books \"and\" more",
            "--loopwright-path",
            &runtime(),
        ],
    )?;
    let folder = parent.join(&name);
    fs::copy(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.lock"),
        folder.join("Cargo.lock"),
    )?;

    cargo(&folder, &["fmt", "--check"])?;
    let readme = fs::read_to_string(folder.join("README.md"))?;
    for line in told(&readme, "loopwright ") {
        let arguments: Vec<_> = line.split_whitespace().skip(1).collect();
        done(&folder, &arguments)?;
    }
    for arguments in [
        "add model Author --property name:string! --property about:any --access open",
        "add model Book --property title:string! --access open",
        "add property Book pages u16 --default 1 --validate presence --index",
        "add property Book publishedAt date",
        "add relation Book belongs-to Author",
        "add relation Author has-many Book --description What_they_wrote.",
        "add model Genre --property name:string! --access open",
        "add relation Book has-and-belongs-to-many Genre",
        "add model Loan --property reader:string! --access read",
        "add relation Genre has-many Author --through Loan --name readers",
        "add relation Loan belongs-to Book --optional",
        "add acl Loan --allow create --to authenticated",
        "add acl Author --deny deleteById --to everyone",
        "add method Book reserve --instance --arg reader:string! --arg copies:integer",
        "add method Book find_like --arg type:string! --arg at:date",
        "add method Genre rename --instance --arg to:string! --returns none",
        "add method Book count_all --verb get --path /tally --returns integer --arg since:date --arg loud:boolean",
    ] {
        let arguments: Vec<_> = arguments.split(' ').collect();
        done(&folder, &arguments)?;
    }
    // But for lists that have become longer than a line, everything is as rustfmt has it.
    let formatted = Command::new("rustfmt")
        .args(["--check", "--edition", "2024", "src/models/mod.rs"])
        .current_dir(&folder)
        .output()?;
    assert!(formatted.status.success(), "{}", said(&formatted));
    cargo(
        &folder,
        &["clippy", "--quiet", "--all-targets", "--", "-D", "warnings"],
    )?;
    let tested = cargo(&folder, &["test", "--quiet"])?;
    assert!(tested.contains("test result: ok. 2 passed"), "{tested}");
    let built = cargo(&folder, &["build", "--quiet", "--message-format", "json"])?;
    let mut messages = built
        .lines()
        .filter_map(|line| serde_json::from_str::<Json>(line).ok());
    let program = messages
        .find_map(|message| message["executable"].as_str().map(ToOwned::to_owned))
        .ok_or("cargo names no executable")?;
    let running = Running::start(&program, &folder).await?;

    let document = running.get("/openapi.json").await?;
    assert_eq!(document["info"]["title"], "Books \"and\" more");
    let ann = running
        .post("/api/Authors", &json!({ "name": "Ann" }))
        .await?;
    let book = json!({ "title": "Tea", "authorId": ann["id"] });
    let book = running.post("/api/Books", &book).await?;
    assert_eq!(book["pages"], 1);
    let books = running
        .get("/api/Books?filter=%7B%22include%22:%22author%22%7D")
        .await?;
    assert_eq!(books[0]["author"]["name"], "Ann");
    let written = running
        .get(&format!("/api/Authors/{}/books", ann["id"]))
        .await?;
    assert_eq!(written[0]["title"], "Tea");
    let path = format!("/api/Books/{}/reserve", book["id"]);
    let answer = running.post(&path, &json!({ "reader": "Bob" })).await?;
    assert_eq!(
        answer,
        json!("reserve was called with reader = \"Bob\", copies = None")
    );
    assert_eq!(running.get("/api/Books/tally").await?, json!(0));
    let delete =
        reqwest::Client::new().delete(format!("{}/api/Authors/{}", running.url, ann["id"]));
    assert_eq!(delete.send().await?.status(), 401);

    // What the README tells to paste; who has no curl has nothing to paste it with.
    let curl = Command::new("curl").arg("--version").output();
    if curl.is_ok() {
        for line in told(&readme, "curl ") {
            let line = line.replace("http://localhost:3000", &running.url);
            let output = Command::new("sh")
                .args(["-c", &format!("{line} --silent --show-error")])
                .output()?;
            let answer: Json = serde_json::from_slice(&output.stdout)
                .map_err(|error| format!("{line}: {error}: {}", said(&output)))?;
            assert!(answer.get("error").is_none(), "{line}: {answer}");
        }
    }
    Ok(running)
}

#[tokio::test]
async fn api_server() -> TestResult {
    let running = project("api-server", "sqlite").await?;
    let bob = json!({ "email": "bob@example.com", "password": "correct horse" });
    running.post("/api/Users", &bob).await?;
    let token = running.post("/api/Users/login", &bob).await?;
    let loan = reqwest::Client::new()
        .post(format!("{}/api/Loans", running.url))
        .header("authorization", token["id"].as_str().ok_or("no token")?)
        .json(&json!({ "reader": "Bob", "genreId": 1, "authorId": 1 }));
    assert_eq!(loan.send().await?.status(), 200);
    Ok(())
}

#[tokio::test]
async fn empty_server() -> TestResult {
    project("empty-server", "sqlite").await?;
    Ok(())
}

#[tokio::test]
async fn hello_world() -> TestResult {
    let running = project("hello-world", "sqlite").await?;
    let answer = running.get("/api/Messages/greet?msg=hi").await?;
    assert_eq!(answer, json!({ "greeting": "Sender says hi to receiver" }));
    Ok(())
}

#[tokio::test]
async fn notes() -> TestResult {
    let running = project("notes", "sqlite").await?;
    let document = running.get("/openapi.json").await?;
    assert!(document["paths"]["/api/Notes"].is_object());
    Ok(())
}

/// Without SQLite.
#[tokio::test]
async fn notes_in_memory() -> TestResult {
    project("notes", "memory").await?;
    Ok(())
}

/// The features of every database are features that the runtime has.
#[test]
fn every_database() -> TestResult {
    for database in ["postgres", "mysql", "mongodb"] {
        let name = format!("shop-{database}");
        let parent = place(&name)?;
        done(
            &parent,
            &[
                "new",
                &name,
                "--database",
                database,
                "--yes",
                "--loopwright-path",
                &runtime(),
            ],
        )?;
        let folder = parent.join(&name);
        fs::copy(
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.lock"),
            folder.join("Cargo.lock"),
        )?;
        let tree = cargo(
            &folder,
            &[
                "tree",
                "--edges",
                "features,no-dev",
                "--depth",
                "1",
                "--prefix",
                "none",
            ],
        )?;
        assert!(
            tree.contains(&format!("loopwright feature \"{database}\"")),
            "{tree}"
        );
        assert!(!tree.contains("sqlite"), "{tree}");
        let config = fs::read_to_string(folder.join("loopwright.toml"))?;
        assert!(
            config.contains("DATABASE_URL")
                && config.contains(&format!("url = \"{database}://localhost/shop_{database}\"")),
            "{config}"
        );
    }
    Ok(())
}

//! Each template as a user gets it: generated, added to, built, linted, tested and called over HTTP.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value as Json, json};

use crate::project::{Running, build, cargo, generate};
use crate::support::{TestResult, done, said};

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

/// Writes what the generated boot script and middleware are to do.
fn fill_in(folder: &Path) -> TestResult {
    for (file, generated, written) in [
        (
            "src/boot/sample_data.rs",
            "let _ = app;",
            "let genres = app.repository::<crate::models::Genre>()?;\n    let tea = crate::models::Genre { name: \"Tea\".into(), \
             ..Default::default() };\n    genres.create(tea).await?;",
        ),
        (
            "src/middleware/tenant.rs",
            "next.run(request).await",
            "let mut answer = next.run(request).await;\n    answer.headers_mut().insert(\"x-tenant\", \
             axum::http::HeaderValue::from_static(\"one\"));\n    answer",
        ),
    ] {
        let text = fs::read_to_string(folder.join(file))?;
        assert!(text.contains(generated), "{text}");
        fs::write(folder.join(file), text.replace(generated, written))?;
    }
    Ok(())
}

/// A project of the template, with two models, a relation in both directions, a rule and a method.
async fn project(template: &str, database: &str) -> TestResult<Running> {
    let name = format!("{template}-{database}");
    let title = "Books \"and\" more";
    let folder = generate(
        &name,
        &[
            "--template",
            template,
            "--database",
            database,
            "--title",
            title,
        ],
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
        "add model Address --property street:string! --access private",
        "add relation Author embeds-one Address",
        "add relation Author embeds-many Address --name homes",
        "add relation Book references-many Genre --name shelves",
        "add model Photo --property url:string! --access open",
        "add relation Photo belongs-to AnyModel --name subject",
        "add relation Author has-many Photo --polymorphic",
        "add relation Book has-one Photo --polymorphic=subject --name cover",
        "add boot-script sample-data",
        "add boot-script greeting --sync",
        "add middleware tenant --phase tenants --before routes --path /api",
        "add middleware audit --phase auth:after",
    ] {
        let arguments: Vec<_> = arguments.split(' ').collect();
        done(&folder, &arguments)?;
    }
    // But for lists that have become longer than a line, everything is as rustfmt has it.
    for module in ["boot", "middleware", "models"] {
        let formatted = Command::new("rustfmt")
            .args(["--check", "--edition", "2024"])
            .arg(format!("src/{module}/mod.rs"))
            .current_dir(&folder)
            .output()?;
        assert!(formatted.status.success(), "{}", said(&formatted));
    }
    fill_in(&folder)?;
    cargo(
        &folder,
        &["clippy", "--quiet", "--all-targets", "--", "-D", "warnings"],
    )?;
    let tested = cargo(&folder, &["test", "--quiet"])?;
    assert!(tested.contains("test result: ok. 2 passed"), "{tested}");
    let program = build(&folder, &[])?;
    let running = Running::start(&program, &folder, &[]).await?;

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

    let photo = json!({ "url": "https://books.example/tea.png" });
    let path = format!("/api/Books/{}/cover", book["id"]);
    let cover = running.post(&path, &photo).await?;
    assert_eq!(
        (&cover["subjectType"], &cover["subjectId"]),
        (&json!("Book"), &book["id"])
    );
    let path = format!("/api/Authors/{}/photos", ann["id"]);
    assert_eq!(running.get(&path).await?, json!([]));
    let path = format!("/api/Authors/{}/homes", ann["id"]);
    let home = running
        .post(&path, &json!({ "street": "Mill Lane 1" }))
        .await?;
    assert_eq!(running.get(&path).await?, json!([home]));

    // What the boot script has stored, by way of the middleware.
    let answer = reqwest::get(format!("{}/api/Genres", running.url)).await?;
    assert_eq!(answer.headers()["x-tenant"], "one");
    let genres: Json = answer.json().await?;
    assert_eq!(genres[0]["name"], "Tea");
    let path = format!("/api/Books/{}/shelves/rel/{}", book["id"], genres[0]["id"]);
    let linked = reqwest::Client::new().put(format!("{}{path}", running.url));
    assert_eq!(linked.send().await?.status(), 200);
    let path = format!("/api/Books/{}", book["id"]);
    assert_eq!(
        running.get(&path).await?["genreIds"],
        json!([genres[0]["id"]])
    );
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
        let folder = generate(
            &format!("shop-{database}"),
            &["--database", database, "--yes"],
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

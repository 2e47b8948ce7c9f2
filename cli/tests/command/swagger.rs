//! Swagger and OpenAPI documents, imported into a project that is built, linted and called.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use reqwest::{Client, Method, StatusCode};
use serde_json::{Value as Json, json};

use crate::project::{Running, build, cargo, generate};
use crate::support::{TestResult, done, refused, said};

fn fixture(name: &str) -> String {
    format!("{}/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// The URL of a server that answers one request with `body`.
fn once(body: String) -> TestResult<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("http://{}/swagger.yaml", listener.local_addr()?);
    std::thread::spawn(move || -> std::io::Result<()> {
        let (mut caller, _) = listener.accept()?;
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            caller.read_exact(&mut byte)?;
            request.extend(byte);
        }
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
            body.len()
        );
        caller.write_all((head + &body).as_bytes())
    });
    Ok(url)
}

#[tokio::test]
async fn what_documents_describe_is_served() -> TestResult {
    let folder = generate("swagger", &["swagger", "--template", "empty-server"])?;
    let told = done(
        &folder,
        &[
            "add",
            "swagger",
            &fixture("library.json"),
            "--access",
            "open",
        ],
    )?;
    assert!(told.contains("`file` is a file"), "{told}");
    let url = once(fs::read_to_string(fixture("tasks.yaml"))?)?;
    done(
        &folder,
        &[
            "add", "swagger", &url, "--access", "open", "--name", "TaskApi",
        ],
    )?;
    let (code, message) = refused(
        &folder,
        &[
            "add",
            "swagger",
            &fixture("tasks.yaml"),
            "--name",
            "TaskApi",
        ],
    )?;
    assert_eq!(code, Some(1));
    assert!(message.contains("`TaskApi` already exists"), "{message}");
    let formatted = Command::new("rustfmt")
        .args(["--check", "--edition", "2024", "src/models/mod.rs"])
        .current_dir(&folder)
        .output()?;
    assert!(formatted.status.success(), "{}", said(&formatted));
    cargo(
        &folder,
        &["clippy", "--quiet", "--all-targets", "--", "-D", "warnings"],
    )?;
    write_one(&folder)?;
    let program = build(&folder, &[])?;
    let running = Running::start(&program, &folder, &[]).await?;
    let client = Client::new();
    let book = json!({ "title": "Tea", "author": { "name": "Ann" }, "tags": [{ "label": "new" }] });

    // What is not written says so, whatever else is right.
    let todo = [
        (Method::GET, "/v2/books/titles?status=in", json!(null)),
        (Method::POST, "/v2/books/titles", book.clone()),
        (Method::DELETE, "/v2/books/titles/7", json!(null)),
        (Method::GET, "/v2/books/tally", json!(null)),
        (
            Method::PATCH,
            "/swagger/tasks/67e55044-10b1-426f-9247-bb680e5fe0c8",
            json!({ "title": "Wash", "owner": {} }),
        ),
        (Method::POST, "/swagger/tasks", json!(null)),
    ];
    for (verb, path, body) in todo {
        let url = format!("{}/api{path}", running.url);
        let answer = client.request(verb, &url).json(&body).send().await?;
        assert_eq!(answer.status(), StatusCode::NOT_IMPLEMENTED, "{path}");
        let answer: Json = answer.json().await?;
        let message = answer["error"]["message"].as_str().unwrap_or_default();
        assert!(
            message.contains("is not written yet; write what it answers"),
            "{message}"
        );
    }
    // What is wrong is told before.
    for path in ["/v2/books/titles?limit=many", "/v2/books/titles/seven"] {
        let answer = client
            .get(format!("{}/api{path}", running.url))
            .send()
            .await?;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{path}");
    }
    let answer = running.get("/api/v2/books/titles/7").await?;
    assert_eq!(
        (&answer["title"], &answer["author"]["name"]),
        (&json!("Book 7"), &json!("Ann"))
    );

    // The definitions are models.
    let made = running.post("/api/Books", &book).await?;
    assert_eq!(
        (&made["status"], &made["tags"][0]["label"]),
        (&json!("in"), &json!("new"))
    );
    let books = running.get("/api/Books").await?;
    assert_eq!(
        (&books[0]["id"], &books[0]["tags"]),
        (&made["id"], &made["tags"])
    );
    let mut wrong = book.clone();
    wrong["status"] = json!("lost");
    let answer = client
        .post(format!("{}/api/Books", running.url))
        .json(&wrong)
        .send()
        .await?;
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);

    // The document that comes out tells of the same operations as the one that went in, and of nothing else there.
    let document = running.get("/openapi.json").await?;
    let paths = document["paths"].as_object().ok_or("no paths")?;
    let mut served: Vec<_> = paths
        .keys()
        .filter(|path| path.starts_with("/api/v2/"))
        .collect();
    served.sort();
    assert_eq!(
        served,
        [
            "/api/v2/books/tally",
            "/api/v2/books/titles",
            "/api/v2/books/titles/{bookId}",
            "/api/v2/books/titles/{bookId}/cover"
        ]
    );
    Ok(())
}

/// Writes what one of the methods answers.
fn write_one(folder: &Path) -> TestResult {
    let file = folder.join("src/models/swagger_v2_books.rs");
    let text = fs::read_to_string(&file)?;
    let (before, after) = text
        .split_once("        let _ = book_id;\n")
        .ok_or("no method")?;
    let (_, after) = after.split_once("    }\n").ok_or("no end")?;
    let written = "        let author = super::Author { name: \"Ann\".into(), ..Default::default() };\n        \
                   Ok(Book { id: book_id, title: format!(\"Book {book_id}\"), author, ..Default::default() })\n    }\n";
    fs::write(file, format!("{before}{written}{after}"))?;
    Ok(())
}

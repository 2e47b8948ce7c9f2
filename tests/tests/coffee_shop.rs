//! The example as a user starts it: a process, a port, a browser, and programs that read its OpenAPI document.

use std::error::Error;
use std::process::Command;

use loopwright_tests::{Example, check_document, check_explorer, run, tool};
use serde_json::{Value as Json, json};

type TestResult = Result<(), Box<dyn Error>>;

async fn start(environment: &[(&str, &str)]) -> Result<Example, Box<dyn Error>> {
    Example::start("coffee-shop", environment).await
}

#[tokio::test]
async fn it_serves_its_sample_data_and_says_who_may_do_what() -> TestResult {
    let program = start(&[]).await?;
    let shops = program
        .get("/api/CoffeeShops?filter[order]=id&filter[include]=reviews")
        .await?;
    assert_eq!(shops[0]["name"], "Bel Cafe");
    assert_eq!(
        shops[0]["location"],
        json!({"lat": 49.2827, "lng": -123.1207})
    );
    assert_eq!(shops[0]["reviews"].as_array().map(Vec::len), Some(2));
    let reviewers = program.get("/api/Reviewers").await?;
    assert!(
        reviewers.to_string().contains("John")
            && !reviewers.to_string().contains("john@example.com"),
        "{reviewers}"
    );
    // A stream that is open must not keep the program from ending.
    let stream = reqwest::get(format!("{}/api/Reviews/change-stream", program.url)).await?;
    assert_eq!(stream.status(), 200);
    let ended = program.terminate().await?;
    let (printed, log) = (ended.printed, ended.log);
    assert!(ended.status.success() && log.contains("stopped"), "{log}");
    assert!(printed.contains("sqlite://coffee-shop.db"), "{printed}");
    assert!(
        printed.contains("everyone may find, findOne, findById, exists, count"),
        "{printed}"
    );
    Ok(())
}

#[tokio::test]
async fn the_requests_of_the_documents_can_be_pasted() -> TestResult {
    let program = start(&[]).await?;
    let documents = [
        include_str!("../../README.md"),
        include_str!("../../examples/coffee-shop/README.md"),
    ];
    for document in documents {
        let answers = program.answers(document).await?;
        assert!(answers.len() >= 6 || tool("curl").is_none(), "{answers:?}");
        for (request, answer) in answers {
            let refused =
                request.contains("DELETE") || request.contains("6,") || request.contains("ctiy");
            assert_eq!(
                answer.get("error").is_some(),
                refused,
                "{request}: {answer}"
            );
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_second_start_keeps_the_data() -> TestResult {
    let folder = tempfile::tempdir()?;
    let url = format!("sqlite://{}", folder.path().join("shops.db").display());
    for number in 1..=2 {
        let program = start(&[("DATABASE_URL", &url)]).await?;
        assert_eq!(
            program.get("/api/CoffeeShops/count").await?,
            json!({"count": 3}),
            "start {number}"
        );
        program.terminate().await?;
    }
    Ok(())
}

#[tokio::test]
async fn the_environment_goes_over_the_configuration_file() -> TestResult {
    let folder = tempfile::tempdir()?;
    let configuration = "port = 1\nrest_api_root = \"/v1\"\nbody_limit = 1000\n\
        [data_sources.db]\nurl = \"sqlite://configured.db\"\n";
    std::fs::write(folder.path().join("loopwright.toml"), configuration)?;
    let program =
        Example::start_in("coffee-shop", folder, &[("LOOPWRIGHT_BODY_LIMIT", "20")]).await?;
    assert_eq!(
        program.get("/v1/CoffeeShops/count").await?,
        json!({"count": 3})
    );
    assert!(program.folder.path().join("configured.db").exists());
    let too_large = reqwest::Client::new()
        .post(format!("{}/v1/Reviews", program.url))
        .json(&json!({"rating": 5, "coffeeShopId": 1}))
        .send()
        .await?;
    assert_eq!(too_large.status(), 413);
    Ok(())
}

#[tokio::test]
async fn a_misspelt_key_is_said_and_ends_the_program() -> TestResult {
    let folder = tempfile::tempdir()?;
    let mut command = tokio::process::Command::new(Example::build("coffee-shop").await?);
    let output = command
        .current_dir(folder.path())
        .env("LOOPWRIGHT_BODY_LIMT", "20")
        .output()
        .await?;
    assert!(!output.status.success());
    let log = String::from_utf8_lossy(&output.stderr);
    assert!(log.contains("body_limt"), "{log}");
    Ok(())
}

#[tokio::test]
async fn a_port_in_use_is_said_and_ends_the_program() -> TestResult {
    let program = start(&[]).await?;
    let port = program.url.rsplit(':').next().ok_or("no port")?;
    let second = tempfile::tempdir()?;
    let mut command = tokio::process::Command::new(Example::build("coffee-shop").await?);
    let output = command
        .current_dir(second.path())
        .env("PORT", port)
        .output()
        .await?;
    assert!(!output.status.success());
    let log = String::from_utf8_lossy(&output.stderr);
    assert!(log.contains("choose another port"), "{log}");
    Ok(())
}

#[tokio::test]
async fn the_explorer_works_in_a_browser() -> TestResult {
    let program = start(&[]).await?;
    let picture = program.folder.path().join("explorer.png");
    // Without the slash at the end, as people type it.
    check_explorer(&format!("{}/explorer", program.url), &picture).await?;
    Ok(())
}

#[tokio::test]
async fn the_document_passes_redocly_and_the_openapi_validator() -> TestResult {
    let program = start(&[]).await?;
    let document = program.get("/openapi.json").await?;
    check_document(&document.to_string()).await?;
    Ok(())
}

/// Every operation of a document.
fn operations(document: &mut Json) -> impl Iterator<Item = &mut Json> {
    let paths = document["paths"].as_object_mut().into_iter();
    let items = paths.flat_map(|paths| paths.values_mut());
    let operations = items.filter_map(Json::as_object_mut);
    operations.flat_map(|operations| operations.values_mut())
}

/// Runs Schemathesis over a part of the document and returns what it holds against it.
async fn schemathesis(
    mut command: Command,
    url: &str,
    document: &std::path::Path,
    report: &std::path::Path,
    part: &[&str],
) -> Result<Vec<Json>, Box<dyn Error>> {
    command.arg("run").arg(document).args(["--url", url]);
    command.args([
        "--checks",
        "all",
        "--continue-on-failure",
        "--seed",
        "1",
        "--no-color",
    ]);
    command.args(["--max-examples", "25"]).args(part);
    // A stream that does not end is nothing to wait for.
    command.args(["--exclude-operation-id-regex", "createChangeStream"]);
    command
        .args(["--report", "json", "--report-json-path"])
        .arg(report);
    // It leaves a cache where it runs.
    command.current_dir(report.parent().ok_or("no folder")?);
    let output = run(command).await?;
    let said = String::from_utf8_lossy(&output.stdout);
    let report: Json = serde_json::from_slice(&std::fs::read(report).map_err(|_| said.clone())?)?;
    assert_eq!(report["complete"], true, "{said}");
    assert_ne!(report["test_cases"]["generated"], 0, "{said}");
    assert_eq!(report["errors"], json!([]), "{said}");
    let failures = report["failures"].as_array().cloned().unwrap_or_default();
    // Schemathesis wants 405 where a path has no such method. LoopBack answers 404, and so does loopwright: see the next
    // test. Whatever else it finds is a failure.
    let failures: Vec<_> = failures
        .into_iter()
        .filter(|failure| failure["type"] != "UnsupportedMethodResponse")
        .collect();
    if !failures.is_empty() {
        eprintln!("{said}");
    }
    Ok(failures)
}

#[tokio::test]
async fn schemathesis_finds_no_failure() -> TestResult {
    let program = start(&[]).await?;
    let mut document = program.get("/openapi.json").await?;
    // Only an answer knows a cursor; `pages.rs` follows them.
    for operation in operations(&mut document) {
        if let Some(Json::Array(parameters)) = operation.get_mut("parameters") {
            parameters
                .retain(|parameter| parameter["name"] != "after" && parameter["name"] != "before");
        }
    }
    let file = program.folder.path().join("openapi.json");
    std::fs::write(&file, document.to_string())?;
    let tags = document["tags"].as_array().into_iter().flatten();
    let tags: Vec<_> = tags.filter_map(|tag| tag["name"].as_str()).collect();
    assert_eq!(tags, ["CoffeeShop", "Reviewer", "Review"]);
    // Side by side, for it spends its time in Python; what follows from what is looked at across all models.
    let mut parts: Vec<_> = tags
        .iter()
        .map(|tag| {
            vec![
                "--phases",
                "examples,coverage,fuzzing",
                "--include-tag",
                tag,
            ]
        })
        .collect();
    parts.push(vec!["--phases", "stateful"]);
    let runs = parts.iter().enumerate().filter_map(|(number, part)| {
        let report = program
            .folder
            .path()
            .join(format!("schemathesis-{number}.json"));
        let command = tool("schemathesis")?;
        let url = &program.url;
        let file = &file;
        Some(async move { schemathesis(command, url, file, &report, part).await })
    });
    for failures in futures_util::future::join_all(runs).await {
        assert_eq!(failures?, Vec::<Json>::new());
    }
    Ok(())
}

#[tokio::test]
async fn a_verb_that_a_path_lacks_is_404_as_in_loopback() -> TestResult {
    let program = start(&[]).await?;
    let client = reqwest::Client::new();
    for (verb, path) in [("DELETE", ""), ("TRACE", "/count"), ("POST", "/findOne")] {
        let url = format!("{}/api/CoffeeShops{path}", program.url);
        let response = client.request(verb.parse()?, url).send().await?;
        assert_eq!(response.status(), 404, "{verb} {path}");
    }
    Ok(())
}

//! Log lines: what they look like, and what is not in them.

use reqwest::Client;
use serde_json::{Value as Json, json};

use crate::TestResult;
use crate::program::Program;

const PASSWORD: &str = "tiger-password";

/// Logs in, and sends secrets to wherever they can be sent; answers the token.
async fn calls(program: &Program) -> TestResult<String> {
    let client = Client::new();
    let credentials = json!({ "email": "ann@notes.example", "password": PASSWORD });
    let login = client.post(program.url("/api/Members/login"));
    let login: Json = login.json(&credentials).send().await?.json().await?;
    let token = login["id"].as_str().ok_or("no token")?.to_owned();
    let requests = [
        client.get(program.url(&format!("/api/Notes?access_token={token}&x=1"))),
        client
            .get(program.url("/api/Notes"))
            .header("authorization", &token),
        client
            .get(program.url("/longer/3"))
            .header("x-access-token", &token),
        client.get(program.url(&format!("/api/Members/1/accessTokens/{token}"))),
        client.get(program.url(&format!("/nowhere?filter[where][password]={PASSWORD}"))),
        client.get(program.url(&format!(
            "/api/Members/confirm?uid=1&redirect=/&token={token}"
        ))),
        client
            .post(program.url("/api/Notes"))
            .body(format!("{{\"password\":\"{PASSWORD}\"")),
        client.get(program.url("/health/ready")),
    ];
    for request in requests {
        request
            .header("x-request-id", "mine-7")
            .send()
            .await?
            .bytes()
            .await?;
    }
    Ok(token)
}

#[tokio::test]
async fn requests_are_logged_for_programs_without_secrets() -> TestResult {
    let config = "access_log = true\nlog_format = \"json\"\n[metrics]\n";
    // Whatever is said by whatever is linked in.
    let mut program = Program::start(config, &[("RUST_LOG", "trace")]).await?;
    let token = calls(&program).await?;
    program.terminate().await?;
    let (status, log) = program.ended().await?;
    assert!(status.success());
    for secret in [PASSWORD, &token] {
        let line = log.lines().find(|line| line.contains(secret));
        assert_eq!(line, None);
    }
    let lines = log.lines().map(serde_json::from_str::<Json>);
    let lines = lines.collect::<Result<Vec<_>, _>>()?;
    let requests = lines
        .iter()
        .filter(|line| line["target"] == "loopwright::access_log");
    let requests: Vec<_> = requests.collect();
    let paths: Vec<_> = requests
        .iter()
        .filter_map(|line| line["path"].as_str())
        .collect();
    assert_eq!(
        paths,
        [
            "/api/Members/login",
            "/api/Notes?access_token=***&x=1",
            "/api/Notes",
            "/longer/3",
            "/api/Members/1/accessTokens/***",
            "/nowhere?filter[where][password]=***",
            "/api/Members/confirm?uid=1&redirect=/&token=***",
            "/api/Notes",
        ]
    );
    let find = requests[1];
    for (field, wanted) in [
        ("level", json!("INFO")),
        ("method", json!("GET")),
        ("status", json!(200)),
        ("request_id", json!("mine-7")),
        ("user_id", json!("1")),
        ("model", json!("Note")),
        ("called", json!("find")),
    ] {
        assert_eq!(find[field], wanted, "{find}");
    }
    let took = find["duration_ms"].as_f64().ok_or("no duration")?;
    let asked = find["data_source_ms"]
        .as_f64()
        .ok_or("no time in the data source")?;
    assert!(0.0 < asked && asked < took, "{find}");
    let own = requests[3];
    assert_eq!(own["called"], "GET /longer/{length}", "{own}");
    assert_eq!(own["user_id"], "1", "{own}");
    assert_eq!(own["model"], Json::Null, "{own}");
    let nowhere = requests[5];
    assert_eq!(
        (&nowhere["status"], &nowhere["called"]),
        (&json!(404), &Json::Null)
    );
    assert_eq!(nowhere["user_id"], Json::Null);
    Ok(())
}

#[tokio::test]
async fn requests_are_logged_for_people() -> TestResult {
    let mut program = Program::start("access_log = true", &[]).await?;
    let token = calls(&program).await?;
    program.terminate().await?;
    let (_, log) = program.ended().await?;
    assert!(!log.contains(&token) && !log.contains(PASSWORD), "{log}");
    let line = log.lines().find(|line| line.contains("access_token=***"));
    let line = line.ok_or("not logged")?;
    for words in [
        "status=200",
        "user_id=\"1\"",
        "called=\"find\"",
        "loopwright::access_log",
    ] {
        // Colours may stand between the words.
        assert!(plain(line).contains(words), "{line}");
    }
    Ok(())
}

/// A line without its colours.
fn plain(line: &str) -> String {
    let mut parts = line.split('\u{1b}');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        text + part.split_once('m').map_or("", |(_, rest)| rest)
    })
}

#[tokio::test]
async fn unless_it_is_wanted_no_request_is_logged() -> TestResult {
    let mut program = Program::start("", &[]).await?;
    calls(&program).await?;
    program.terminate().await?;
    let (_, log) = program.ended().await?;
    assert!(!log.contains("loopwright::access_log"), "{log}");
    Ok(())
}

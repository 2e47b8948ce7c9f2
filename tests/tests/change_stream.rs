//! Change streams over server-sent events (contract *rest.md* §8).

use std::error::Error;
use std::time::Duration;

use loopwright::{App, Config};
use loopwright_tests::models::All;
use loopwright_tests::serve::serve;
use serde_json::{Value as Json, json};

/// Reads the stream until `text` has come.
async fn read_until(
    response: &mut reqwest::Response,
    read: &mut String,
    text: &str,
) -> Result<(), Box<dyn Error>> {
    while !read.contains(text) {
        let chunk = tokio::time::timeout(Duration::from_secs(10), response.chunk()).await??;
        read.push_str(std::str::from_utf8(&chunk.ok_or("the stream has ended")?)?);
    }
    Ok(())
}

#[tokio::test]
async fn changes_arrive_in_order() -> Result<(), Box<dyn Error>> {
    let served = serve(
        App::new()
            .config(Config::default())
            .data_source("db", "sqlite::memory:")
            .models::<All>(),
    )
    .await?;
    let cars = format!("{}/api/Cars", served.url);
    let mut stream = served
        .client
        .get(format!("{cars}/change-stream"))
        .send()
        .await?;
    assert_eq!(stream.status(), 200);
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    let mut read = String::new();
    read_until(&mut stream, &mut read, ":ok\n\n").await?;

    served
        .client
        .post(&cars)
        .json(&json!({"name": "Audi", "secret": "x"}))
        .send()
        .await?;
    served
        .client
        .patch(format!("{cars}/1"))
        .json(&json!({"year": 1}))
        .send()
        .await?;
    served
        .client
        .post(format!("{cars}/update?where[year]=1"))
        .json(&json!({"year": 2}))
        .send()
        .await?;
    served.client.delete(format!("{cars}/1")).send().await?;
    read_until(&mut stream, &mut read, "\"remove\"").await?;

    let events = read
        .split("\n\n")
        .filter_map(|event| event.strip_prefix("event: data\ndata: "));
    let changes: Vec<Json> = events.map(serde_json::from_str).collect::<Result<_, _>>()?;
    assert_eq!(
        changes[0],
        json!({"target": 1, "data": {"id": 1, "name": "Audi", "colour": "red"}, "type": "create"})
    );
    assert_eq!(
        (
            &changes[1]["target"],
            &changes[1]["data"]["year"],
            &changes[1]["type"]
        ),
        (&json!(1), &json!(1), &json!("update"))
    );
    assert_eq!(
        changes[2],
        json!({"where": {"year": 1}, "data": {"year": 2}, "type": "update"})
    );
    assert_eq!(
        changes[3],
        json!({"target": 1, "where": {"id": 1}, "type": "remove"})
    );
    Ok(())
}

/// As Node's `mux-demux` reads them, and with it `loopback-connector-remote`.
#[tokio::test]
async fn changes_are_lines_to_who_takes_json_alone() -> Result<(), Box<dyn Error>> {
    let served = serve(
        App::new()
            .config(Config::default())
            .data_source("db", "sqlite::memory:")
            .models::<All>(),
    )
    .await?;
    let cars = format!("{}/api/Cars", served.url);
    let stream = served.client.get(format!("{cars}/change-stream"));
    let mut stream = stream.header("accept", "application/json").send().await?;
    assert_eq!(stream.status(), 200);
    assert_eq!(
        stream.headers()["content-type"],
        "application/json; boundary=NL"
    );
    let mut read = String::new();
    read_until(&mut stream, &mut read, "\n").await?;
    let car = served.client.post(&cars).json(&json!({"name": "Audi"}));
    car.send().await?;
    read_until(&mut stream, &mut read, "\"create\"}]\n").await?;
    let lines = read.lines().map(serde_json::from_str);
    let lines: Vec<Json> = lines.collect::<Result<_, _>>()?;
    let opened = json!({"opts": {"writable": false, "readable": true}});
    assert_eq!(lines[0], json!([lines[0][0], "new", opened]));
    let data = json!({"id": 1, "name": "Audi", "colour": "red"});
    let change = json!({"target": 1, "data": data, "type": "create"});
    assert_eq!(lines[1], json!([lines[0][0], "data", change]));
    Ok(())
}

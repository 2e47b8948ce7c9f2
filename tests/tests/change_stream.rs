//! Change streams over server-sent events (contract *rest.md* §8).

use std::error::Error;
use std::time::Duration;

use loopwright::connectors::sql::SqlConnector;
use loopwright::connectors::sql::sea_orm::ConnectionTrait as _;
use loopwright::repository::Patch;
use loopwright::{App, Config};
use loopwright_tests::models::{All, Car};
use loopwright_tests::serve::{Served, serve};
use loopwright_tests::{mongodb_url, postgres_url, redis_url, sqlite_url};
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

/// An application on `database`, told by the configuration where the others are.
async fn instance(
    database: &str,
    exchange: Option<(&str, &str)>,
) -> Result<Served, Box<dyn Error>> {
    let mut config = Config::default();
    let mut app = App::new().data_source("db", database);
    if let Some((name, url)) = exchange {
        config.change_streams.exchange = Some(name.to_owned());
        // Redis carries the messages of all tests; an application hears those that have its title.
        config.title = database.to_owned();
        if name != "db" {
            app = app.data_source(name, url);
        }
    }
    serve(app.config(config).models::<All>()).await
}

/// Opens a stream, and reads it until it hears.
async fn listen(
    served: &Served,
    query: &str,
    last: Option<&str>,
) -> Result<reqwest::Response, Box<dyn Error>> {
    let url = format!("{}/api/Cars/change-stream{query}", served.url);
    let mut request = served.client.get(url);
    if let Some(last) = last {
        request = request.header("last-event-id", last);
    }
    let mut stream = request.send().await?;
    assert_eq!(stream.status(), 200);
    read_until(&mut stream, &mut String::new(), ":ok\n\n").await?;
    Ok(stream)
}

async fn create(served: &Served, car: Json) -> Result<(), Box<dyn Error>> {
    let created = served
        .client
        .post(format!("{}/api/Cars", served.url))
        .json(&car);
    assert_eq!(created.send().await?.status(), 200);
    Ok(())
}

/// The data of the events of this name.
fn events(read: &str, name: &str) -> Result<Vec<Json>, Box<dyn Error>> {
    let prefix = format!("event: {name}\ndata: ");
    let events = read
        .split("\n\n")
        .filter_map(|event| event.strip_prefix(&prefix));
    Ok(events.map(serde_json::from_str).collect::<Result<_, _>>()?)
}

#[tokio::test]
async fn a_stream_is_about_what_its_where_finds() -> Result<(), Box<dyn Error>> {
    let served = instance("memory:", None).await?;
    let mut stream = listen(
        &served,
        "?options={\"where\":{\"year\":{\"gt\":2000}}}",
        None,
    )
    .await?;
    for year in [1999, 2001, 1998, 2002] {
        create(&served, json!({"name": "Audi", "year": year})).await?;
    }
    let mut read = String::new();
    read_until(&mut stream, &mut read, "2002").await?;
    let years: Vec<_> = events(&read, "data")?
        .iter()
        .map(|change| change["data"]["year"].clone())
        .collect();
    assert_eq!(years, [2001, 2002]);
    for options in ["{\"where\":{\"yaer\":1}}", "{\"where\":5}", "nonsense"] {
        let url = format!("{}/api/Cars/change-stream?options={options}", served.url);
        assert_eq!(
            served.client.get(url).send().await?.status(),
            400,
            "{options}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn who_was_away_goes_on_where_it_left() -> Result<(), Box<dyn Error>> {
    let served = instance("memory:", None).await?;
    let mut stream = listen(&served, "", None).await?;
    create(&served, json!({"name": "seen"})).await?;
    let mut read = String::new();
    read_until(&mut stream, &mut read, "\nid: ").await?;
    read_until(&mut stream, &mut read, "-1\n\n").await?;
    let id = read
        .split("id: ")
        .nth(1)
        .and_then(|rest| rest.split_once('\n'))
        .map(|(id, _)| id.to_owned());
    let id = id.ok_or("no id")?;
    drop(stream);
    for name in ["missed", "missed too"] {
        create(&served, json!({"name": name})).await?;
    }
    let mut stream = listen(&served, "", Some(&id)).await?;
    create(&served, json!({"name": "new"})).await?;
    let mut read = String::new();
    read_until(&mut stream, &mut read, "\"new\"").await?;
    let names: Vec<_> = events(&read, "data")?
        .iter()
        .map(|change| change["data"]["name"].clone())
        .collect();
    assert_eq!(names, ["missed", "missed too", "new"]);

    // What nobody knows any more is said.
    for unknown in ["other-1", "nonsense", ""] {
        let mut stream = listen(&served, "", Some(unknown)).await?;
        let mut read = String::new();
        read_until(&mut stream, &mut read, "CHANGES_MISSED").await?;
    }
    Ok(())
}

/// The server keeps no more for a client than it can.
#[tokio::test]
async fn a_client_that_does_not_read_is_told_what_it_has_missed() -> Result<(), Box<dyn Error>> {
    let served = instance("memory:", None).await?;
    let mut stream = listen(&served, "", None).await?;
    create(&served, json!({"name": "Audi"})).await?;
    let cars = served.application.repository::<Car>()?;
    let long = "x".repeat(60_000);
    for _ in 0..1000 {
        cars.update(1, Patch::new().set(Car::COLOUR, Some(long.clone())))
            .await?;
    }
    let mut read = String::new();
    read_until(&mut stream, &mut read, "CHANGES_MISSED").await?;
    Ok(())
}

/// Both hear what either does; `other` is another program's change, where the data source tells of it.
async fn instances_tell_each_other(
    database: &str,
    exchange: Option<(&str, &str)>,
) -> Result<(), Box<dyn Error>> {
    let one = instance(database, exchange).await?;
    let two = instance(database, exchange).await?;
    let mut streams = [listen(&one, "", None).await?, listen(&two, "", None).await?];
    create(
        &one,
        json!({"name": "of one", "tags": ["a"], "soldAt": "2020-01-02T03:04:05.678Z"}),
    )
    .await?;
    create(&two, json!({"name": "of two", "secret": "hidden"})).await?;
    let long = "x".repeat(20_000);
    create(&one, json!({"name": "long", "colour": long})).await?;
    one.client
        .delete(format!("{}/api/Cars/1", one.url))
        .send()
        .await?;
    for stream in &mut streams {
        let mut read = String::new();
        for last in ["of one", "of two", "\"long\"", "\"remove\"}\n\n"] {
            read_until(stream, &mut read, last).await?;
        }
        let changes = events(&read, "data")?;
        let first = json!({"id": 1, "name": "of one", "tags": ["a"], "colour": "red", "soldAt": "2020-01-02T03:04:05.678Z"});
        let part = |change: &Json| {
            let mut change = change.clone();
            if let Some(Json::Object(data)) = change.get_mut("data") {
                data.retain(|_, value| !value.is_null());
            }
            change
        };
        // Of two instances, each has its own order.
        let mut named: Vec<_> = changes.iter().map(part).collect();
        named.sort_by_key(|change| {
            change["target"]
                .as_i64()
                .filter(|_| change["type"] == "create")
                .unwrap_or(i64::MAX)
        });
        assert_eq!(
            named[0],
            json!({"target": 1, "data": first, "type": "create"})
        );
        assert_eq!(
            named[1],
            json!({"target": 2, "data": {"id": 2, "name": "of two", "colour": "red"}, "type": "create"})
        );
        assert_eq!(named[2]["data"]["colour"], long);
        assert_eq!(
            named[3],
            json!({"target": 1, "where": {"id": 1}, "type": "remove"})
        );
        assert_eq!(named.len(), 4, "each change is told once");
    }
    Ok(())
}

#[tokio::test]
async fn instances_tell_each_other_through_postgres() -> Result<(), Box<dyn Error>> {
    match postgres_url() {
        Some(url) => instances_tell_each_other(&url, Some(("db", ""))).await,
        None => Ok(()),
    }
}

#[tokio::test]
async fn instances_tell_each_other_through_redis() -> Result<(), Box<dyn Error>> {
    match redis_url() {
        Some(redis) => instances_tell_each_other(&sqlite_url(), Some(("messages", &redis))).await,
        None => Ok(()),
    }
}

#[tokio::test]
async fn mongodb_tells_every_instance() -> Result<(), Box<dyn Error>> {
    let Some(url) = mongodb_url() else {
        return Ok(());
    };
    instances_tell_each_other(&url, None).await
}

/// Who hears of a change from the data source does not hear of it from the other instances, too.
#[tokio::test]
async fn what_the_data_source_tells_is_told_once() -> Result<(), Box<dyn Error>> {
    let (Some(url), Some(redis)) = (mongodb_url(), redis_url()) else {
        return Ok(());
    };
    let one = instance(&url, Some(("messages", &redis))).await?;
    let two = instance(&url, Some(("messages", &redis))).await?;
    // Nobody listens to the one that changes something.
    let mut stream = listen(&two, "", None).await?;
    for name in ["first", "second", "third"] {
        create(&one, json!({"name": name})).await?;
    }
    let mut read = String::new();
    read_until(&mut stream, &mut read, "third").await?;
    let changes = events(&read, "data")?;
    let names: Vec<_> = changes
        .iter()
        .map(|change| &change["data"]["name"])
        .collect();
    assert_eq!(names, ["first", "second", "third"]);
    Ok(())
}

/// A lost connection to the others is made again, and what was missed meanwhile is told.
#[tokio::test]
async fn a_broken_exchange_is_told_and_mended() -> Result<(), Box<dyn Error>> {
    let Some(url) = postgres_url() else {
        return Ok(());
    };
    let one = instance(&url, Some(("db", ""))).await?;
    let two = instance(&url, Some(("db", ""))).await?;
    let mut stream = listen(&two, "", None).await?;
    let sql = one.application.connector::<SqlConnector>("db")?;
    let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN %' AND datname = current_database()";
    sql.sea_orm().execute_unprepared(kill).await?;
    let mut read = String::new();
    read_until(&mut stream, &mut read, "CHANGES_MISSED").await?;
    create(&one, json!({"name": "after"})).await?;
    read_until(&mut stream, &mut read, "\"after\"").await?;
    Ok(())
}

#[tokio::test]
async fn an_exchange_that_carries_nothing_is_refused() {
    for exchange in [("db", ""), ("messages", "kv-memory:")] {
        let refused = instance("sqlite::memory:", Some(exchange)).await;
        let message = refused.err().map(|error| error.to_string());
        assert!(message.is_some_and(|message| message.contains("name one on PostgreSQL or Redis")));
    }
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

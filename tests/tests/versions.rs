//! `#[model(version)]`: no change undoes another that its author has not seen, on every database.

use loopwright::prelude::*;
use loopwright::{App, Config};
use loopwright_tests::on_every_database;
use loopwright_tests::serve::{Served, serve};
use reqwest::Method;
use serde_json::{Value as Json, json};

type TestResult = std::result::Result<(), Box<dyn std::error::Error>>;

/// Some pages that belong together.
#[derive(Model, Clone, Debug)]
#[acl(open)]
struct Binder {
    #[model(id, generated)]
    id: i64,
    #[relation(has_many)]
    pages: HasMany<Page>,
}

/// What many write on.
#[derive(Model, Clone, Debug)]
#[acl(open)]
struct Page {
    #[model(id, generated)]
    id: i64,
    text: String,
    note: Option<String>,
    binder_id: Option<i64>,
    #[model(version)]
    version: i64,
}

/// What nobody changes unseen.
#[derive(Model, Clone, Debug)]
#[acl(open)]
struct Ledger {
    #[model(id, generated)]
    id: i64,
    balance: i64,
    #[model(version(required))]
    edition: u32,
}

/// A page whose calls are watched.
#[derive(Model, Clone, Debug)]
#[acl(open)]
struct Watched {
    #[model(id, generated)]
    id: i64,
    text: String,
    #[model(version)]
    version: i64,
}

#[loopwright::methods]
impl Watched {
    /// Something is done with every answer.
    #[remote_hook(after(all))]
    async fn watch(cx: &mut loopwright::remoting::RemoteCall<'_, Self>) -> Result<()> {
        let result = cx.take_result();
        cx.set_result(result);
        Ok(())
    }
}

struct Answer {
    status: u16,
    tag: Option<String>,
    body: Json,
}

async fn send(
    served: &Served,
    verb: Method,
    path: &str,
    version: Option<&str>,
    body: Option<Json>,
) -> std::result::Result<Answer, Box<dyn std::error::Error>> {
    let mut request = served
        .client
        .request(verb, format!("{}/api/{path}", served.url));
    if let Some(version) = version {
        request = request.header("if-match", version);
    }
    if let Some(body) = body {
        request = request.json(&body);
    }
    let response = request.send().await?;
    let tag = response.headers().get("etag");
    let tag = tag.and_then(|tag| Some(tag.to_str().ok()?.to_owned()));
    let status = response.status().as_u16();
    let body = response.text().await?;
    let body = match body.is_empty() {
        true => Json::Null,
        false => serde_json::from_str(&body)?,
    };
    Ok(Answer { status, tag, body })
}

async fn served(database: &str) -> std::result::Result<Served, Box<dyn std::error::Error>> {
    let app = App::new()
        .config(Config::default())
        .data_source("db", database);
    serve(app.models::<(Binder, Page, Ledger, Watched)>()).await
}

async fn every_change_is_counted(database: &str) -> TestResult {
    let served = served(database).await?;
    // Callers don't count.
    let new = json!({"text": "a", "version": 17});
    let created = send(&served, Method::POST, "Pages", None, Some(new)).await?;
    assert_eq!(created.body["version"], 1);
    assert!(created.tag.is_some_and(|tag| tag.starts_with("\"1-")));
    let text = |text: &str| Some(json!({"text": text, "version": 99}));
    let full = Some(json!({"id": 1, "text": "d"}));
    let changes = [
        (Method::PATCH, "Pages/1", text("b")),
        (Method::PUT, "Pages/1", text("c")),
        (Method::POST, "Pages/1/replace", text("d")),
        (Method::PUT, "Pages", full.clone()),
        (Method::POST, "Pages/replaceOrCreate", full),
        (Method::POST, "Pages/upsertWithWhere?where[id]=1", text("e")),
    ];
    for (verb, path, body) in changes {
        let before = send(&served, Method::GET, "Pages/1", None, None)
            .await?
            .body;
        let changed = send(&served, verb.clone(), path, None, body).await?;
        assert_eq!(changed.status, 200, "{verb} {path} {}", changed.body);
        let after = send(&served, Method::GET, "Pages/1", None, None).await?;
        assert_eq!(
            after.body["version"],
            json!(before["version"].as_i64().map(|number| number + 1)),
            "{verb} {path}"
        );
        assert_eq!(
            changed.body["version"], after.body["version"],
            "{verb} {path}"
        );
        let version = |tag: Option<String>| Some(tag?.split('-').next()?.to_owned());
        assert_eq!(version(changed.tag), version(after.tag), "{verb} {path}");
    }
    let all = send(
        &served,
        Method::POST,
        "Pages/update?where={}",
        None,
        text("f"),
    )
    .await?;
    assert_eq!(all.body, json!({"count": 1}));
    assert_eq!(
        send(&served, Method::GET, "Pages/1", None, None)
            .await?
            .body["version"],
        8
    );
    // What changes nothing is no change.
    let none = send(&served, Method::PATCH, "Pages/1", None, Some(json!({}))).await?;
    assert_eq!(none.body["version"], 8);
    assert_eq!(
        send(&served, Method::GET, "Pages/1", None, None)
            .await?
            .body["version"],
        8
    );
    Ok(())
}

async fn a_change_of_another_version_is_refused(database: &str) -> TestResult {
    let served = served(database).await?;
    send(&served, Method::POST, "Binders", None, Some(json!({}))).await?;
    let new = json!({"text": "a", "binderId": 1});
    send(&served, Method::POST, "Pages", None, Some(new)).await?;
    let seen = send(&served, Method::GET, "Pages/1", None, None).await?;
    let seen = seen.tag.ok_or("no tag")?;
    let other = Some(json!({"text": "somebody else's"}));
    send(&served, Method::PATCH, "Pages/1", Some(&seen), other).await?;
    let stale = || Some(json!({"text": "stale", "binderId": 1}));
    let upsert = || Some(json!({"id": 1, "text": "stale", "binderId": 1}));
    let changes = [
        (Method::PATCH, "Pages/1", stale()),
        (Method::PUT, "Pages/1", stale()),
        (Method::POST, "Pages/1/replace", stale()),
        (Method::DELETE, "Pages/1", None),
        (Method::PATCH, "Pages", upsert()),
        (Method::POST, "Pages/replaceOrCreate", upsert()),
        (Method::PUT, "Binders/1/pages/1", stale()),
        (Method::DELETE, "Binders/1/pages/1", None),
    ];
    for (verb, path, body) in &changes {
        for tag in [&*seen, "\"1\"", "\"17\", \"x\"", "nonsense"] {
            let refused = send(&served, verb.clone(), path, Some(tag), body.clone()).await?;
            assert_eq!(refused.status, 412, "{verb} {path} {tag} {}", refused.body);
            assert_eq!(refused.body["error"]["code"], "VERSION_MISMATCH");
        }
    }
    let now = send(&served, Method::GET, "Pages/1", None, None).await?;
    assert_eq!(
        (&now.body["text"], &now.body["version"]),
        (&json!("somebody else's"), &json!(2))
    );
    // The version that is stored, by its own tag, by its number, or whichever it is.
    let mut tag = now.tag.ok_or("no tag")?;
    for (verb, path, body) in changes
        .into_iter()
        .filter(|(verb, ..)| *verb != Method::DELETE)
    {
        let changed = send(&served, verb.clone(), path, Some(&tag), body).await?;
        assert_eq!(changed.status, 200, "{verb} {path} {}", changed.body);
        tag = changed.tag.ok_or("no tag")?;
    }
    let weak = format!("W/{tag}, \"0\"");
    let changed = send(&served, Method::PATCH, "Pages/1", Some(&weak), stale()).await?;
    assert_eq!(changed.status, 200, "{}", changed.body);
    assert_eq!(
        send(&served, Method::PATCH, "Pages/1", Some("*"), stale())
            .await?
            .status,
        200
    );
    // What is not there is not there, whichever version is meant.
    assert_eq!(
        send(&served, Method::PATCH, "Pages/9", Some("\"1\""), stale())
            .await?
            .status,
        404
    );
    let gone = Some(json!({"id": 9, "text": "gone"}));
    assert_eq!(
        send(&served, Method::PUT, "Pages", Some("\"1\""), gone)
            .await?
            .status,
        412
    );
    let number = format!(
        "\"{}\"",
        changed.body["version"].as_i64().unwrap_or_default() + 1
    );
    let deleted = send(&served, Method::DELETE, "Pages/1", Some(&number), None).await?;
    assert_eq!((deleted.status, deleted.body), (200, json!({"count": 1})));
    Ok(())
}

async fn of_many_changes_at_once_one_wins(database: &str) -> TestResult {
    let served = served(database).await?;
    send(
        &served,
        Method::POST,
        "Pages",
        None,
        Some(json!({"text": "a"})),
    )
    .await?;
    let changes = (0..8).map(|number| {
        let body = Some(json!({"note": number.to_string()}));
        send(&served, Method::PATCH, "Pages/1", Some("\"1\""), body)
    });
    let answers = futures_util::future::join_all(changes).await;
    let mut statuses = Vec::new();
    for answer in answers {
        statuses.push(answer?.status);
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412, 412, 412, 412, 412, 412, 412]);
    assert_eq!(
        send(&served, Method::GET, "Pages/1", None, None)
            .await?
            .body["version"],
        2
    );
    Ok(())
}

async fn a_required_version_is_asked_for(database: &str) -> TestResult {
    let served = served(database).await?;
    let created = send(
        &served,
        Method::POST,
        "Ledgers",
        None,
        Some(json!({"balance": 1})),
    )
    .await?;
    assert_eq!(created.body["edition"], 1);
    let balance = || Some(json!({"id": 1, "balance": 5}));
    for (verb, path, body) in [
        (Method::PATCH, "Ledgers/1", balance()),
        (Method::POST, "Ledgers/1/replace", balance()),
        (Method::PUT, "Ledgers", balance()),
        (Method::DELETE, "Ledgers/1", None),
    ] {
        let refused = send(&served, verb.clone(), path, None, body).await?;
        assert_eq!(refused.status, 428, "{verb} {path} {}", refused.body);
        assert_eq!(refused.body["error"]["code"], "VERSION_REQUIRED");
    }
    let tag = created.tag.as_deref();
    let changed = send(&served, Method::PATCH, "Ledgers/1", tag, balance()).await?;
    assert_eq!(changed.body, json!({"id": 1, "balance": 5, "edition": 2}));
    // What is new has none.
    let new = send(
        &served,
        Method::PUT,
        "Ledgers",
        None,
        Some(json!({"balance": 7})),
    )
    .await?;
    assert_eq!(new.body["edition"], 1);
    Ok(())
}

async fn hooks_keep_the_tag(database: &str) -> TestResult {
    let served = served(database).await?;
    let created = send(
        &served,
        Method::POST,
        "Watcheds",
        None,
        Some(json!({"text": "a"})),
    )
    .await?;
    assert!(created.tag.is_some_and(|tag| tag.starts_with("\"1-")));
    let refused = send(
        &served,
        Method::PATCH,
        "Watcheds/1",
        Some("\"2\""),
        Some(json!({"text": "b"})),
    )
    .await?;
    assert_eq!(refused.status, 412, "{}", refused.body);
    Ok(())
}

async fn rust_changes_what_it_has_read(database: &str) -> TestResult {
    let app = App::new()
        .config(Config::default())
        .data_source("db", database);
    let app = app.models::<(Binder, Page)>().build().await?;
    let pages = app.repository::<Page>()?;
    let new = Page {
        id: 0,
        text: "a".into(),
        note: None,
        binder_id: None,
        version: 0,
    };
    let read = pages.create(new).await?;
    assert_eq!(read.version, 1);
    let stale = read.clone();
    let changed = pages
        .replace(Page {
            text: "b".into(),
            ..read
        })
        .await?;
    assert_eq!((changed.text.as_str(), changed.version), ("b", 2));
    let refused = pages
        .replace(Page {
            text: "c".into(),
            ..stale.clone()
        })
        .await;
    assert_eq!(refused.err().map(|error| error.status()), Some(412));
    let refused = pages.upsert(stale.clone()).await;
    assert_eq!(refused.err().map(|error| error.status()), Some(412));
    let patch = Patch::new().set(Page::NOTE, Some("n".to_owned()));
    let refused = pages
        .update(stale.id, patch.clone().set(Page::VERSION, 1))
        .await;
    assert_eq!(refused.err().map(|error| error.status()), Some(412));
    // Who names no version changes whichever is there.
    assert_eq!(pages.update(stale.id, patch).await?.version, 3);
    Ok(())
}

on_every_database!(
    every_change_is_counted a_change_of_another_version_is_refused of_many_changes_at_once_one_wins
    a_required_version_is_asked_for hooks_keep_the_tag rust_changes_what_it_has_read
);

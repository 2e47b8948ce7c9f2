//! Operation hooks: which operation calls which, with what, and what they can change (contract *models.md* §10).

use loopwright::hook::{Access, Delete, Loaded, Save};
use loopwright::prelude::*;
use loopwright_tests::on_every_database;
use loopwright_tests::serve::{Served, serve};
use serde_json::{Value as Json, json};

type TestResult = std::result::Result<(), Box<dyn std::error::Error>>;

/// A model that tells all.
#[derive(Model, Debug)]
#[acl(open)]
struct Item {
    #[model(id, generated)]
    id: i64,
    name: String,
    note: Option<String>,
}

/// What the hooks of `Item` have told.
#[derive(Model, Debug)]
#[acl(open)]
struct Event {
    #[model(id, generated)]
    id: i64,
    text: String,
}

async fn tell(events: Result<Repository<Event, AsCaller>>, text: String) -> Result<()> {
    events?.create(Event { id: 0, text }).await.map(drop)
}

fn told(cx: &Save<'_, Item>) -> String {
    let what = if cx.is_whole() { "instance" } else { "data" };
    let new = match cx.is_new_instance() {
        Some(true) => " new",
        Some(false) => " old",
        None => "",
    };
    let condition = cx.condition().map_or("", |_| " where");
    let current = cx
        .current(Item::NAME)
        .map_or(String::new(), |name| format!(" was {name}"));
    let name = cx.get(Item::NAME).unwrap_or_default();
    format!("{what}{condition}{new} {name}{current}")
}

#[loopwright::methods]
impl Item {
    #[hook(access)]
    async fn access(cx: &mut Access<'_, Self>) -> Result<()> {
        let events = cx.repository();
        tell(events, "access".into()).await
    }

    #[hook(before_save)]
    async fn before_save(cx: &mut Save<'_, Self>) -> Result<()> {
        tell(cx.repository(), format!("before save {}", told(cx))).await?;
        match cx.get(Item::NAME).as_deref() {
            Some("refused") => Err(Error::new(403, "not this one").with_code("REFUSED")),
            Some("broken") => Err(Error::internal("the hook is broken")),
            Some("panic") => panic!("the hook panics"),
            Some("changed") => {
                cx.set(Item::NOTE, "by before save");
                Ok(())
            }
            _ => Ok(()),
        }
    }

    #[hook(persist)]
    async fn persist(cx: &mut Save<'_, Self>) -> Result<()> {
        tell(cx.repository(), format!("persist {}", told(cx))).await?;
        if cx.get(Item::NAME).as_deref() == Some("persisted") {
            cx.set(Item::NOTE, "by persist");
        }
        Ok(())
    }

    #[hook(loaded)]
    async fn loaded(cx: &mut Loaded<'_, Self>) -> Result<()> {
        let new = if cx.is_new_instance() { "new" } else { "old" };
        let name = cx.get(Item::NAME).unwrap_or_default();
        tell(cx.repository(), format!("loaded {new} {name}")).await?;
        if name == "loaded" {
            cx.set(Item::NOTE, "by loaded");
        }
        Ok(())
    }

    #[hook(after_save)]
    async fn after_save(cx: &mut Save<'_, Self>) -> Result<()> {
        tell(cx.repository(), format!("after save {}", told(cx))).await?;
        match cx.get(Item::NAME).as_deref() {
            Some("late") => Err(Error::new(418, "too late")),
            Some("told") => {
                cx.set(Item::NOTE, "by after save");
                Ok(())
            }
            _ => Ok(()),
        }
    }

    #[hook(before_delete)]
    async fn before_delete(cx: &mut Delete<'_, Self>) -> Result<()> {
        let all = *cx.condition() == Condition::ALL;
        tell(
            cx.repository(),
            format!("before delete{}", if all { " all" } else { "" }),
        )
        .await
    }

    #[hook(after_delete)]
    async fn after_delete(cx: &mut Delete<'_, Self>) -> Result<()> {
        tell(cx.repository(), "after delete".into()).await
    }
}

struct Api(Served);

impl Api {
    async fn new(database: &str) -> std::result::Result<Self, Box<dyn std::error::Error>> {
        let app = App::new().config(loopwright::Config::default());
        let app = app
            .data_source("db", database)
            .models::<(Item, Event, Secret, Doubled)>();
        Ok(Api(serve(app).await?))
    }

    /// The status and body of a request below the API's root.
    async fn call(
        &self,
        verb: &str,
        path: &str,
        body: Json,
    ) -> std::result::Result<(u16, Json), Box<dyn std::error::Error>> {
        let url = format!("{}/api/{path}", self.0.url);
        let request = self.0.client.request(verb.parse()?, url);
        let request = if body.is_null() {
            request
        } else {
            request.json(&body)
        };
        let response = request.send().await?;
        let status = response.status().as_u16();
        Ok((status, response.json().await.unwrap_or_default()))
    }

    /// What the hooks have told since the last time.
    async fn told(&self) -> std::result::Result<Vec<String>, Box<dyn std::error::Error>> {
        let events = self.0.application.repository::<Event>()?;
        let all = events.find().order(Event::ID.asc()).all().await?;
        events.delete_all(Condition::ALL).await?;
        Ok(all.into_iter().map(|event| event.text).collect())
    }
}

async fn each_operation_calls_the_hooks_of_the_contract(database: &str) -> TestResult {
    let api = Api::new(database).await?;
    let cases: &[(&str, &str, Json, u16, &[&str])] = &[
        (
            "POST",
            "Items",
            json!({ "name": "a" }),
            200,
            &[
                "before save instance new a",
                "persist instance new a",
                "loaded new a",
                "after save instance new a",
            ],
        ),
        ("GET", "Items", Json::Null, 200, &["access", "loaded old a"]),
        (
            "GET",
            "Items/1",
            Json::Null,
            200,
            &["access", "loaded old a"],
        ),
        ("GET", "Items/count", Json::Null, 200, &["access"]),
        ("GET", "Items/1/exists", Json::Null, 200, &["access"]),
        (
            "PATCH",
            "Items",
            json!({ "id": 1, "name": "b" }),
            200,
            &[
                "access",
                "before save data where b",
                "persist data where b",
                "loaded old b",
                "after save instance old b",
            ],
        ),
        (
            "PATCH",
            "Items",
            json!({ "id": 7, "name": "g" }),
            200,
            &[
                "access",
                "before save data where g",
                "persist data where g",
                "loaded new g",
                "after save instance new g",
            ],
        ),
        (
            "POST",
            "Items/replaceOrCreate",
            json!({ "id": 1, "name": "c" }),
            200,
            &[
                "access",
                "before save instance c",
                "persist instance c",
                "loaded old c",
                "after save instance old c",
            ],
        ),
        (
            "POST",
            "Items/1/replace",
            json!({ "name": "d" }),
            200,
            &[
                "before save instance old d",
                "persist instance old d",
                "loaded old d",
                "after save instance old d",
            ],
        ),
        (
            "POST",
            "Items/upsertWithWhere?where={\"name\":\"d\"}",
            json!({ "name": "e" }),
            200,
            &[
                "access",
                "before save data where e was d",
                "persist data where old e was d",
                "loaded old e",
                "after save instance old e",
            ],
        ),
        (
            "PATCH",
            "Items/1",
            json!({ "name": "f" }),
            200,
            // The first two are the instance that the method is called on.
            &[
                "access",
                "loaded old e",
                "before save data where f was e",
                "persist data where old f was e",
                "loaded old f",
                "after save instance old f",
            ],
        ),
        (
            "POST",
            "Items/update?where={\"id\":1}",
            json!({ "name": "h" }),
            200,
            &[
                "access",
                "before save data where h",
                "persist data where h",
                "after save data where h",
            ],
        ),
        (
            "DELETE",
            "Items/1",
            Json::Null,
            200,
            &["access", "before delete", "after delete"],
        ),
        (
            "DELETE",
            "Items/99",
            Json::Null,
            200,
            &["access", "before delete", "after delete"],
        ),
    ];
    for (verb, path, body, status, expected) in cases {
        let (answered, body) = api.call(verb, path, body.clone()).await?;
        assert_eq!(answered, *status, "{verb} {path}: {body}");
        assert_eq!(api.told().await?, *expected, "{verb} {path}");
    }
    let items = api.0.application.repository::<Item>()?;
    items.delete_all(Condition::ALL).await?;
    assert_eq!(
        api.told().await?,
        ["access", "before delete all", "after delete"]
    );
    Ok(())
}

async fn hooks_change_what_is_stored_and_what_is_answered(database: &str) -> TestResult {
    let api = Api::new(database).await?;
    // (name, answered by create, answered by upsert, found afterwards)
    let cases = [
        (
            "changed",
            "by before save",
            "by before save",
            "by before save",
        ),
        ("persisted", "", "by persist", "by persist"),
        ("loaded", "", "by loaded", "by loaded"),
        ("told", "by after save", "by after save", ""),
    ];
    for (id, (name, created, upserted, found)) in (1..).zip(cases) {
        let note = |answer: Json| answer["note"].as_str().unwrap_or_default().to_owned();
        let (_, answer) = api.call("POST", "Items", json!({ "name": name })).await?;
        assert_eq!(note(answer), created, "create {name}");
        let path = format!("Items/{id}");
        let (_, answer) = api.call("GET", &path, Json::Null).await?;
        assert_eq!(note(answer), found, "find {name}");
        let (_, answer) = api
            .call("PATCH", "Items", json!({ "id": id, "name": name }))
            .await?;
        assert_eq!(note(answer), upserted, "upsert {name}");
    }
    Ok(())
}

async fn a_failing_hook_ends_the_operation(database: &str) -> TestResult {
    let api = Api::new(database).await?;
    let cases = [
        ("refused", 403, "not this one", 0),
        ("broken", 500, "", 0),
        ("panic", 500, "", 0),
        // LoopBack does not undo what has been stored before an after-hook fails.
        ("late", 418, "too late", 1),
    ];
    let items = api.0.application.repository::<Item>()?;
    for (name, status, message, stored) in cases {
        let (answered, body) = api.call("POST", "Items", json!({ "name": name })).await?;
        assert_eq!(answered, status, "{name}: {body}");
        if !message.is_empty() {
            assert_eq!(body["error"]["message"], message);
        }
        assert_eq!(items.count(Item::NAME.eq(name)).await?, stored, "{name}");
    }
    // Nobody else has noticed.
    assert_eq!(
        api.call("POST", "Items", json!({ "name": "fine" }))
            .await?
            .0,
        200
    );

    let undone = api.0.application.transaction().run(|tx| async move {
        let items = tx.repository::<Item>()?;
        items
            .create(Item {
                id: 0,
                name: "first".into(),
                note: None,
            })
            .await?;
        items
            .create(Item {
                id: 0,
                name: "late".into(),
                note: None,
            })
            .await
    });
    assert_eq!(
        undone.await.map_err(|error| error.status()).err(),
        Some(418)
    );
    assert_eq!(items.count(Item::NAME.eq("first")).await?, 0);
    // What the hooks did themselves went the same way.
    let told = api.told().await?;
    assert!(
        !told.iter().any(|event| event.contains("first")),
        "{told:?}"
    );
    Ok(())
}

/// Of which only what is not secret is there.
#[derive(Model, Debug)]
#[acl(open)]
struct Secret {
    #[model(id, generated)]
    id: i64,
    #[model(default = false)]
    secret: bool,
    text: String,
}

#[loopwright::methods]
impl Secret {
    #[hook(access)]
    async fn hide(cx: &mut Access<'_, Self>) -> Result<()> {
        cx.narrow(Secret::SECRET.eq(false));
        Ok(())
    }
}

async fn what_the_access_hook_hides_is_not_there(database: &str) -> TestResult {
    let api = Api::new(database).await?;
    for (secret, text) in [(true, "mine"), (false, "yours")] {
        let body = json!({ "secret": secret, "text": text });
        assert_eq!(api.call("POST", "Secrets", body).await?.0, 200);
    }
    let body = json!({ "text": "seen" });
    let count = |count: u64| json!({ "count": count });
    let yours = json!([{ "id": 2, "secret": false, "text": "yours" }]);
    assert_eq!(api.call("GET", "Secrets", Json::Null).await?, (200, yours));
    assert_eq!(api.call("GET", "Secrets/1", Json::Null).await?.0, 404);
    assert_eq!(
        api.call("GET", "Secrets/1/exists", Json::Null).await?.1,
        json!({ "exists": false })
    );
    assert_eq!(api.call("PATCH", "Secrets/1", body.clone()).await?.0, 404);
    assert_eq!(
        api.call("DELETE", "Secrets/1", Json::Null).await?.1,
        count(0)
    );
    assert_eq!(
        api.call("GET", "Secrets/count", Json::Null).await?.1,
        count(1)
    );
    let everything = "Secrets/update?where={}";
    assert_eq!(
        api.call("POST", everything, body.clone()).await?.1,
        count(1)
    );
    // An upsert of what it can't see makes a twin (contract models.md §10).
    let (status, twin) = api
        .call("PATCH", "Secrets", json!({ "id": 1, "text": "twin" }))
        .await?;
    assert_eq!((status, &twin["id"]), (200, &json!(3)));
    let (_, found) = api.call("GET", "Secrets", Json::Null).await?;
    assert_eq!(found.as_array().map(Vec::len), Some(2), "{found}");
    Ok(())
}

/// Whose hooks follow each other.
#[derive(Model, Debug)]
#[acl(open)]
struct Doubled {
    #[model(id, generated)]
    id: i64,
    #[validate(range(max = 100))]
    number: i64,
}

struct Before(i64);

#[loopwright::methods]
impl Doubled {
    #[hook(before_save)]
    async fn remember(cx: &mut Save<'_, Self>) -> Result<()> {
        let number = cx.get(Doubled::NUMBER).unwrap_or_default();
        cx.state().insert(Before(number));
        cx.set(Doubled::NUMBER, number * 2);
        Ok(())
    }

    #[hook(before_save)]
    async fn add(cx: &mut Save<'_, Self>) -> Result<()> {
        let number = cx.get(Doubled::NUMBER).unwrap_or_default();
        cx.set(Doubled::NUMBER, number + 1);
        Ok(())
    }

    #[hook(after_save)]
    async fn compare(cx: &mut Save<'_, Self>) -> Result<()> {
        let before = cx.state().remove::<Before>().map(|before| before.0);
        let instance = cx.instance()?;
        match before {
            Some(before) if instance.number == before * 2 + 1 => Ok(()),
            _ => Err(Error::internal("the hooks have not spoken")),
        }
    }
}

async fn hooks_follow_each_other_and_validation_follows_them(database: &str) -> TestResult {
    let api = Api::new(database).await?;
    let (status, body) = api
        .call("POST", "Doubleds", json!({ "number": 20 }))
        .await?;
    assert_eq!((status, &body["number"]), (200, &json!(41)), "{body}");
    // Lists pass the hooks one by one, each with a state of its own.
    let (status, body) = api
        .call(
            "POST",
            "Doubleds",
            json!([{ "number": 1 }, { "number": 2 }]),
        )
        .await?;
    assert_eq!((status, &body[1]["number"]), (200, &json!(5)), "{body}");
    let (status, body) = api
        .call("POST", "Doubleds", json!({ "number": 60 }))
        .await?;
    assert_eq!(status, 422, "{body}");
    Ok(())
}

on_every_database!(
    each_operation_calls_the_hooks_of_the_contract
    hooks_change_what_is_stored_and_what_is_answered
    a_failing_hook_ends_the_operation
    what_the_access_hook_hides_is_not_there
    hooks_follow_each_other_and_validation_follows_them
);

//! What models do around calls over HTTP (contract *models.md* §14).

use std::sync::Mutex;

use axum::http::{HeaderName, HeaderValue, StatusCode};
use loopwright::Config;
use loopwright::hook::{Access, Save};
use loopwright::prelude::*;
use loopwright::remoting::{Context, RemoteCall};
use loopwright_tests::serve::{Served, serve};
use reqwest::Method;
use serde_json::{Value as Json, json};

type TestResult<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

/// What the hooks of one model have been called with. Each test has a model of its own.
static CALLS: Mutex<Vec<String>> = Mutex::new(Vec::new());

fn note(what: String) {
    if let Ok(mut calls) = CALLS.lock() {
        calls.push(what);
    }
}

fn noted() -> Vec<String> {
    CALLS
        .lock()
        .map(|mut calls| std::mem::take(&mut *calls))
        .unwrap_or_default()
}

/// It tells of every call.
#[derive(Model, Clone, Debug, Default)]
#[acl(allow(all), to = everyone)]
#[acl(deny(count), to = everyone)]
struct Car {
    #[model(id, generated)]
    id: i64,
    name: String,
    #[relation(has_many)]
    wheels: HasMany<Wheel>,
}

#[loopwright::methods]
impl Car {
    #[remote_hook(before(all), after(all), after_error(all))]
    async fn every(cx: &mut RemoteCall<'_, Self>) -> Result<()> {
        let error = cx.error().map(ToString::to_string).unwrap_or_default();
        note(format!("all {} {} {error}", cx.method(), cx.result()));
        Ok(())
    }

    #[remote_hook(before(all_static))]
    async fn of_the_collection(cx: &mut RemoteCall<'_, Self>) -> Result<()> {
        note(format!("static {}", cx.method()));
        Ok(())
    }

    #[remote_hook(before(all_instance))]
    async fn of_one(cx: &mut RemoteCall<'_, Self>) -> Result<()> {
        let name = cx.instance()?.map(|car| car.name);
        note(format!("instance {} {name:?}", cx.method()));
        Ok(())
    }

    #[remote_hook(before(find, update_attributes, __create__wheels))]
    async fn named(cx: &mut RemoteCall<'_, Self>) -> Result<()> {
        note(format!("named {}", cx.method()));
        Ok(())
    }

    #[remote(get = "/honk")]
    fn honk(&self) -> Result<String> {
        Ok(format!("{} honks", self.name))
    }
}

/// Something that a car has.
#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
struct Wheel {
    #[model(id, generated)]
    id: i64,
    car_id: Option<i64>,
}

/// It changes what is sent and what is answered.
#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
struct Boat {
    #[model(id, generated)]
    id: i64,
    name: String,
}

struct Begun(String);

#[loopwright::methods]
impl Boat {
    #[remote_hook(before(create))]
    async fn christen(cx: &mut RemoteCall<'_, Self>) -> Result<()> {
        if cx.headers().contains_key("x-refuse") {
            return Err(Error::new(418, "no boat today").with_code("NO_BOAT"));
        }
        if cx.headers().contains_key("x-early") {
            cx.answer(json!({"early": true}));
            cx.set_status(StatusCode::ACCEPTED);
            return Ok(());
        }
        if let Some(data) = cx.argument_mut("data") {
            data["name"] = json!(format!("MS {}", data["name"].as_str().unwrap_or_default()));
        }
        let named = cx.argument("data").map(|data| data["name"].to_string());
        cx.state().insert(Begun(named.unwrap_or_default()));
        Ok(())
    }

    #[remote_hook(after(create))]
    async fn launched(cx: &mut RemoteCall<'_, Self>) -> Result<()> {
        let begun = cx.state().remove::<Begun>().map(|begun| begun.0);
        let mut result = cx.take_result();
        result["begun"] = begun.into();
        cx.set_result(result);
        cx.set_status(StatusCode::CREATED);
        cx.set_header(
            HeaderName::from_static("x-boat"),
            HeaderValue::from_static("new"),
        );
        let boats = cx.repository::<Boat>()?.count(Condition::ALL).await?;
        if boats > 2 {
            return Err(Error::new(507, "the harbour is full"));
        }
        Ok(())
    }

    #[remote_hook(before(find))]
    async fn ten_at_most(cx: &mut RemoteCall<'_, Self>) -> Result<()> {
        cx.set_argument("filter", json!({"limit": 1, "order": "id DESC"}));
        Ok(())
    }

    #[remote_hook(after(find_by_id))]
    async fn ghost(cx: &mut RemoteCall<'_, Self>) -> Result<()> {
        if cx.result().is_null() && cx.argument("id") == Some(&json!("13")) {
            cx.set_result(json!({"name": "Flying Dutchman"}));
        }
        Ok(())
    }

    #[remote_hook(after_error(create))]
    async fn say_more(cx: &mut RemoteCall<'_, Self>) -> Result<()> {
        match cx.error() {
            Some(error) if error.status() == 418 => {
                Err(Error::new(503, "no boat today; come back tomorrow").with_code("NO_BOAT"))
            }
            _ => Ok(()),
        }
    }
}

/// It belongs to who has written it, by what the call is told.
#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
struct Letter {
    #[model(id, generated)]
    id: i64,
    #[model(read_only, default = 0)]
    tenant: i64,
    #[relation(has_many)]
    pages: HasMany<Page>,
}

/// Within one.
#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
struct Page {
    #[model(id, generated)]
    id: i64,
    letter_id: Option<i64>,
    #[model(read_only, default = 0)]
    tenant: i64,
}

struct Tenant(i64);

#[loopwright::methods]
impl Letter {
    #[remote_hook(before(all))]
    async fn who(cx: &mut RemoteCall<'_, Self>) -> Result<()> {
        let tenant = cx
            .headers()
            .get("x-tenant")
            .and_then(|tenant| tenant.to_str().ok());
        if let Some(tenant) = tenant.and_then(|tenant| tenant.parse().ok()) {
            cx.set_options(cx.options().clone().with(Tenant(tenant)));
        }
        Ok(())
    }

    #[hook(before_save)]
    async fn sign(cx: &mut Save<'_, Self>) -> Result<()> {
        if let Some(tenant) = cx.options().get::<Tenant>().map(|tenant| tenant.0) {
            cx.set(Letter::TENANT, tenant);
        }
        Ok(())
    }

    /// Only one's own.
    #[hook(access)]
    async fn own(cx: &mut Access<'_, Self>) -> Result<()> {
        if let Some(tenant) = cx.options().get::<Tenant>().map(|tenant| tenant.0) {
            cx.narrow(Letter::TENANT.eq(tenant));
        }
        Ok(())
    }

    #[hook(after_save)]
    async fn first_page(cx: &mut Save<'_, Self>) -> Result<()> {
        let page = Page {
            letter_id: cx.get(Letter::ID),
            ..Page::default()
        };
        cx.repository::<Page>()?.create(page).await?;
        Ok(())
    }

    #[remote(get = "/tenant")]
    fn tenant_of_the_call(cx: &Context) -> Result<Option<i64>> {
        Ok(cx.options().get::<Tenant>().map(|tenant| tenant.0))
    }
}

#[loopwright::methods]
impl Page {
    #[hook(before_save)]
    async fn sign(cx: &mut Save<'_, Self>) -> Result<()> {
        if let Some(tenant) = cx.options().get::<Tenant>().map(|tenant| tenant.0) {
            cx.set(Page::TENANT, tenant);
        }
        Ok(())
    }
}

async fn served() -> TestResult<Served> {
    let app = App::new().config(Config::default());
    let app = app.data_source("db", "memory:");
    serve(app.models::<(Car, Wheel, Boat, Letter, Page)>()).await
}

async fn ask(
    served: &Served,
    method: Method,
    path: &str,
    body: Json,
    headers: &[(&str, &str)],
) -> TestResult<(u16, Json)> {
    let url = format!("{}/api{path}", served.url);
    let mut request = served.client.request(method, url);
    if !body.is_null() {
        request = request.json(&body);
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = request.send().await?;
    let (status, text) = (answer.status().as_u16(), answer.text().await?);
    Ok((status, serde_json::from_str(&text).unwrap_or_default()))
}

#[tokio::test]
async fn hooks_are_called_around_every_call_in_their_order() -> TestResult {
    let served = served().await?;
    let call = async |method, path: &str, body| ask(&served, method, path, body, &[]).await;
    noted();
    let (status, created) = call(Method::POST, "/Cars", json!({"name": "Audi"})).await?;
    assert_eq!((status, created), (200, json!({"id": 1, "name": "Audi"})));
    assert_eq!(
        noted(),
        [
            "static create",
            "all create null ",
            "all create {\"id\":1,\"name\":\"Audi\"} "
        ]
    );
    call(Method::GET, "/Cars", Json::Null).await?;
    assert_eq!(
        noted()[..3],
        ["named find", "static find", "all find null "]
    );
    call(Method::PUT, "/Cars/1", json!({"name": "Horch"})).await?;
    assert_eq!(
        noted()[..3],
        [
            "named updateAttributes",
            "instance updateAttributes Some(\"Audi\")",
            "all updateAttributes null "
        ]
    );
    let (status, _) = call(Method::POST, "/Cars/1/wheels", json!({})).await?;
    assert_eq!(status, 200);
    assert_eq!(
        noted()[..2],
        [
            "named __create__wheels",
            "instance __create__wheels Some(\"Horch\")"
        ]
    );
    let (_, honked) = call(Method::GET, "/Cars/1/honk", Json::Null).await?;
    assert_eq!(honked, "Horch honks");
    assert_eq!(noted()[0], "instance honk Some(\"Horch\")");
    // A delete over a relation answers nothing.
    let (status, body) = call(Method::DELETE, "/Cars/1/wheels", Json::Null).await?;
    assert_eq!((status, body), (204, Json::Null));
    assert_eq!(
        noted().last().map(String::as_str),
        Some("all __delete__wheels null ")
    );

    // Refused by a rule: no hook but that of errors.
    let (status, _) = call(Method::GET, "/Cars/count", Json::Null).await?;
    assert_eq!(status, 401);
    assert_eq!(noted(), ["all count null Authorization Required"]);
    // The instance is not there: the same.
    let (status, _) = call(Method::PATCH, "/Cars/9", json!({})).await?;
    assert_eq!(status, 404);
    assert_eq!(
        noted(),
        ["all updateAttributes null could not find a model with id 9"]
    );
    // What is looked for and not found is no error to hooks.
    let (status, body) = call(Method::GET, "/Cars/9", Json::Null).await?;
    assert_eq!(
        (status, &body["error"]["code"]),
        (404, &json!("MODEL_NOT_FOUND"))
    );
    assert_eq!(
        noted(),
        [
            "static findById",
            "all findById null ",
            "all findById null "
        ]
    );
    // Rust has no remote hooks.
    served
        .application
        .repository::<Car>()?
        .count(Condition::ALL)
        .await?;
    assert_eq!(noted(), [] as [String; 0]);
    Ok(())
}

#[tokio::test]
async fn hooks_change_what_is_sent_and_answered() -> TestResult {
    let served = served().await?;
    let url = format!("{}/api/Boats", served.url);
    let answer = served
        .client
        .post(&url)
        .json(&json!({"name": "Ann"}))
        .send()
        .await?;
    assert_eq!(answer.status(), 201);
    assert_eq!(answer.headers()["x-boat"], "new");
    let boat: Json = answer.json().await?;
    assert_eq!(
        boat,
        json!({"id": 1, "name": "MS Ann", "begun": "\"MS Ann\""})
    );

    let call = async |method, path: &str, body, headers: &[(&str, &str)]| {
        ask(&served, method, path, body, headers).await
    };
    let refused = call(
        Method::POST,
        "/Boats",
        json!({"name": "B"}),
        &[("x-refuse", "1")],
    )
    .await?;
    assert_eq!(
        (refused.0, &refused.1["error"]["message"]),
        (503, &json!("no boat today; come back tomorrow"))
    );
    let early = call(
        Method::POST,
        "/Boats",
        json!({"name": "C"}),
        &[("x-early", "1")],
    )
    .await?;
    assert_eq!(early, (202, json!({"early": true})));
    assert_eq!(
        call(Method::POST, "/Boats", json!({"name": "D"}), &[])
            .await?
            .0,
        201
    );
    let full = call(Method::POST, "/Boats", json!({"name": "E"}), &[]).await?;
    assert_eq!(
        (full.0, &full.1["error"]["message"]),
        (507, &json!("the harbour is full"))
    );

    let all = call(Method::GET, "/Boats?filter[limit]=5", Json::Null, &[])
        .await?
        .1;
    assert_eq!(all, json!([{"id": 3, "name": "MS E"}]), "the hook's filter");
    let ghost = call(Method::GET, "/Boats/13", Json::Null, &[]).await?;
    assert_eq!(ghost, (200, json!({"name": "Flying Dutchman"})));
    assert_eq!(
        call(Method::GET, "/Boats/14", Json::Null, &[]).await?.0,
        404
    );
    // As XML, and to who has it already.
    let answer = served
        .client
        .get(format!("{url}/1?_format=xml"))
        .send()
        .await?;
    assert!(answer.text().await?.contains("<name>MS Ann</name>"));
    Ok(())
}

#[tokio::test]
async fn what_a_call_is_told_reaches_every_hook() -> TestResult {
    let served = served().await?;
    let call = async |method, path: &str, body, tenant| {
        ask(&served, method, path, body, &[("x-tenant", tenant)]).await
    };
    let forged = json!({"tenant": 9, "options": {"tenant": 9}});
    let letter = call(Method::POST, "/Letters", forged, "7").await?.1;
    assert_eq!(letter, json!({"id": 1, "tenant": 7}));
    // From hook to hook, and to the relation.
    let pages = call(Method::GET, "/Letters/1/pages", Json::Null, "7")
        .await?
        .1;
    assert_eq!(pages, json!([{"id": 1, "letterId": 1, "tenant": 7}]));
    let page = call(Method::POST, "/Letters/1/pages", json!({}), "7")
        .await?
        .1;
    assert_eq!(page["tenant"], 7);
    assert_eq!(
        call(Method::GET, "/Letters", Json::Null, "8").await?.1,
        json!([])
    );
    assert_eq!(
        call(Method::GET, "/Letters/1", Json::Null, "8").await?.0,
        404
    );
    assert_eq!(
        call(Method::GET, "/Letters/1/pages", Json::Null, "8")
            .await?
            .0,
        404
    );
    assert_eq!(
        call(Method::GET, "/Letters/tenant", Json::Null, "8")
            .await?
            .1,
        8
    );
    Ok(())
}

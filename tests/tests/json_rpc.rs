//! JSON-RPC 2.0, to the letter (contract *remoting.md* §9), and what hostile clients send.

use std::sync::Mutex;

use loopwright::Config;
use loopwright::boot::JsonRpcConfig;
use loopwright::builtin::{Application as Program, User};
use loopwright::prelude::*;
use loopwright::remoting::{JsonRpc, RemoteCall};
use loopwright_tests::serve::{Served, serve};
use serde_json::{Value as Json, json};

type TestResult<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Somebody with an account.
#[derive(Model, Clone, Debug)]
struct Member {
    #[model(base)]
    user: User,
}

/// Something to do.
#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
#[acl(deny(deleteById), to = everyone)]
struct Todo {
    #[model(id, generated)]
    id: i64,
    title: String,
    #[model(version)]
    version: i64,
}

/// Nobody's business.
#[derive(Model, Clone, Debug, Default)]
#[model(public = false)]
struct Secret {
    #[model(id, generated)]
    id: i64,
}

#[loopwright::methods]
impl Todo {
    #[remote]
    async fn add(left: f64, right: f64) -> Result<f64> {
        Ok(left + right)
    }

    #[remote]
    async fn fail() -> Result<()> {
        Err(Error::internal("a secret reason"))
    }

    #[remote]
    async fn panic() -> Result<()> {
        panic!("a secret panic")
    }

    #[remote(get = "/page")]
    async fn page() -> Result<axum::response::Response> {
        note("page");
        Ok(axum::response::Response::new("a page".into()))
    }

    #[remote_hook(after(count))]
    async fn counted(cx: &mut RemoteCall<'_, Self>) -> Result<()> {
        let name = axum::http::HeaderName::from_static("x-counted");
        cx.set_header(name, axum::http::HeaderValue::from_static("yes"));
        Ok(())
    }
}

static RUN: Mutex<Vec<&str>> = Mutex::new(Vec::new());

fn note(what: &'static str) {
    if let Ok(mut run) = RUN.lock() {
        run.push(what);
    }
}

async fn office() -> TestResult<Served> {
    let mut config = Config::default();
    config.debug = false;
    let mut json_rpc = JsonRpcConfig::new("/rpc/");
    json_rpc.max_calls = Some(5);
    config.json_rpc = Some(json_rpc);
    let app = App::new()
        .config(config)
        .data_source("db", "memory:")
        .models::<(Member, Todo, Secret, Program)>();
    serve(app).await
}

/// Status and body of what is sent to `path` as JSON.
async fn post(served: &Served, path: &str, body: impl ToString) -> TestResult<(u16, Json)> {
    let request = served.client.post(format!("{}{path}", served.url));
    let request = request.header("content-type", "application/json");
    let answer = request.body(body.to_string()).send().await?;
    let status = answer.status().as_u16();
    let text = answer.text().await?;
    Ok((
        status,
        serde_json::from_str(&text).unwrap_or(Json::String(text)),
    ))
}

const TODO: &str = "/rpc/Todo/jsonrpc";

fn called(id: impl Into<Json>, method: &str, params: Json) -> Json {
    json!({ "jsonrpc": "2.0", "id": id.into(), "method": method, "params": params })
}

fn ok(id: impl Into<Json>, result: impl Into<Json>) -> Json {
    json!({ "jsonrpc": "2.0", "id": id.into(), "result": result.into() })
}

fn failed(id: impl Into<Json>, code: i32, message: &str) -> Json {
    json!({ "jsonrpc": "2.0", "id": id.into(), "error": { "code": code, "message": message } })
}

fn invalid() -> Json {
    failed(Json::Null, -32600, "Invalid request")
}

#[tokio::test]
async fn every_request_has_its_code() -> TestResult {
    let served = office().await?;
    let add = |id: Json, params: Json| called(id, "add", params);
    for (sent, status, expected) in [
        (add(json!(1), json!([1, 2])), 200, ok(1, 3)),
        (
            add(json!("x"), json!({"right": "2", "left": 1})),
            200,
            ok("x", 3),
        ),
        (add(json!(1.5), json!([1, 2])), 200, ok(1.5, 3)),
        (add(json!(null), json!([1, 2])), 200, ok(Json::Null, 3)),
        (called(1, "count", json!({})), 200, ok(1, 0)),
        (
            json!({"jsonrpc": "2.0", "id": 1, "method": "count"}),
            200,
            ok(1, 0),
        ),
        (
            json!({"jsonrpc": "2.0", "id": 1, "method": "count", "params": null}),
            200,
            ok(1, 0),
        ),
        // Methods that are not there, that nobody may know of, and names that are none.
        (
            called(1, "nothing", json!([])),
            200,
            failed(1, -32601, "Method not found"),
        ),
        (
            called(1, "prototype.find", json!([])),
            200,
            failed(1, -32601, "Method not found"),
        ),
        (
            called(1, "", json!([])),
            200,
            failed(1, -32601, "Method not found"),
        ),
        (
            called(1, "Todo.find", json!([])),
            200,
            failed(1, -32601, "Method not found"),
        ),
        // Every declared argument, or none of them in a list.
        (
            called(1, "count", json!([])),
            200,
            failed(1, -32602, "Invalid method parameter(s)"),
        ),
        (
            add(json!(1), json!([1])),
            200,
            failed(1, -32602, "Invalid method parameter(s)"),
        ),
        (
            add(json!(1), json!([1, 2, 3])),
            200,
            failed(1, -32602, "Invalid method parameter(s)"),
        ),
        // What is no request.
        (
            json!({"jsonrpc": "1.0", "id": 1, "method": "add"}),
            200,
            invalid(),
        ),
        (
            json!({"id": 1, "method": "add", "params": [1, 2]}),
            200,
            invalid(),
        ),
        (json!({"jsonrpc": "2.0", "id": 1}), 200, invalid()),
        (
            json!({"jsonrpc": "2.0", "id": 1, "method": 5}),
            200,
            invalid(),
        ),
        (
            json!({"jsonrpc": "2.0", "id": {}, "method": "add"}),
            200,
            invalid(),
        ),
        (add(json!(1), json!("text")), 200, invalid()),
        (json!("text"), 200, invalid()),
        (json!(null), 200, invalid()),
        (json!([]), 200, invalid()),
        // Notifications.
        (
            json!({"jsonrpc": "2.0", "method": "add", "params": [1, 2]}),
            204,
            json!(""),
        ),
        (
            json!({"jsonrpc": "2.0", "method": "nothing"}),
            204,
            json!(""),
        ),
        (
            json!([{"jsonrpc": "2.0", "method": "add", "params": [1, 2]}]),
            204,
            json!(""),
        ),
    ] {
        let answer = post(&served, TODO, &sent).await?;
        assert_eq!(answer, (status, expected), "{sent}");
    }
    // In order, also where one of them is wrong.
    let create = |id: u8, title: &str| called(id, "create", json!([{ "title": title }]));
    let notification = json!({"jsonrpc": "2.0", "method": "create", "params": [{"title": "b"}]});
    let batch = json!([
        create(1, "a"),
        notification,
        [],
        create(1, "c"),
        called(2, "count", json!([null]))
    ]);
    let (status, answers) = post(&served, TODO, batch).await?;
    assert_eq!(status, 200);
    let answers: Vec<_> = answers.as_array().into_iter().flatten().collect();
    assert_eq!(answers.len(), 4);
    assert_eq!(answers[0]["result"]["id"], 1);
    assert_eq!(answers[1], &invalid());
    assert_eq!(answers[2]["result"]["id"], 3);
    assert_eq!(answers[3], &ok(2, 3));
    // At the root, methods have their model's name.
    let answer = post(&served, "/rpc", called(1, "Todo.count", json!([null]))).await?;
    assert_eq!(answer, (200, ok(1, 3)));
    let (_, answer) = post(&served, "/rpc", called(1, "Secret.find", json!([null]))).await?;
    assert_eq!(answer["error"]["code"], -32601);
    Ok(())
}

#[tokio::test]
async fn refusals_and_failures_have_the_rest_error_as_data() -> TestResult {
    let served = office().await?;
    post(&served, TODO, called(1, "create", json!([{"title": "a"}]))).await?;
    let by_rest = served.client.delete(format!("{}/api/Todos/1", served.url));
    let by_rest: Json = by_rest.send().await?.json().await?;
    let (_, refused) = post(&served, TODO, called(1, "deleteById", json!([1]))).await?;
    assert_eq!(refused["error"]["code"], -32000);
    assert_eq!(refused["error"]["message"], "Authorization Required");
    assert_eq!(refused["error"]["data"], by_rest["error"]);
    // Being denied comes before what does not fit; an id that is missing tells nothing of what exists.
    for (method, params, code, status) in [
        ("deleteById", json!({"id": {"a": 1}}), -32000, 401),
        ("findById", json!({}), -32000, 400),
        ("findById", json!({"id": {"a": 1}}), -32000, 404),
        ("findById", json!({"id": ["a", "b"]}), -32000, 404),
        ("create", json!({"data": 5}), -32000, 400),
        ("create", json!({"data": [1]}), -32000, 422),
        ("find", json!({"filter": "nonsense"}), -32000, 400),
        ("find", json!({"filter": {"limit": "many"}}), -32000, 400),
        ("page", json!([]), -32000, 406),
        ("createChangeStream", json!({}), -32000, 406),
        ("fail", json!([]), -32603, 500),
        ("panic", json!([]), -32603, 500),
    ] {
        let (http, answer) = post(&served, TODO, called(7, method, params)).await?;
        let error = &answer["error"];
        let found = (
            http,
            error["code"].as_i64(),
            error["data"]["status"].as_u64(),
        );
        assert_eq!(found, (200, Some(code), Some(status)), "{method}: {answer}");
        assert_eq!(answer["id"], 7);
        assert!(!answer.to_string().contains("secret"), "{answer}");
    }
    assert_eq!(
        RUN.lock().map(|run| run.len()).ok(),
        Some(0),
        "it has no effect"
    );
    // A panic among others leaves them alone.
    let batch = json!([
        called(1, "panic", json!([])),
        called(2, "add", json!([1, 2]))
    ]);
    let (_, answers) = post(&served, TODO, batch).await?;
    assert_eq!(answers[1], ok(2, 3));
    Ok(())
}

#[tokio::test]
async fn what_can_not_be_read_is_told_by_the_status_too() -> TestResult {
    let served = office().await?;
    let deep = "[".repeat(10_000);
    let nested = format!(
        "{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"find\",\"params\":{{\"filter\":{}1{}}}}}",
        "{\"where\":".repeat(5000),
        "}".repeat(5000)
    );
    let large = format!("{{\"jsonrpc\":\"2.0\",\"x\":\"{}\"}}", "x".repeat(200_000));
    for (body, status) in [
        ("", 400),
        ("{", 400),
        ("{\"jsonrpc\":", 400),
        (deep.as_str(), 400),
        (nested.as_str(), 400),
        ("\u{feff}{}", 400),
        (large.as_str(), 413),
    ] {
        let (found, answer) = post(&served, TODO, body).await?;
        assert_eq!(found, status, "{answer}");
        let error = &answer["error"];
        assert_eq!(
            (&error["code"], &error["message"]),
            (&json!(-32000), &json!("Server error"))
        );
        assert_eq!(
            (&answer["id"], &error["data"]["status"]),
            (&Json::Null, &json!(status))
        );
    }
    // Too many at once: none of them is done.
    let batch = Json::from_iter((0..6).map(|id| called(id, "create", json!([{"title": "a"}]))));
    let (_, answer) = post(&served, TODO, batch).await?;
    assert_eq!(answer["error"]["code"], -32600);
    assert_eq!(answer["error"]["data"]["code"], "TOO_MANY_CALLS");
    let (_, answer) = post(&served, TODO, called(1, "count", json!([null]))).await?;
    assert_eq!(answer, ok(1, 0));
    // What a page of another origin may send without being asked.
    for content_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
    ] {
        let request = served.client.post(format!("{}{TODO}", served.url));
        let request = request.header("content-type", content_type);
        let body = called(1, "create", json!([{"title": "a"}])).to_string();
        assert_eq!(
            request.body(body).send().await?.status(),
            415,
            "{content_type}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn other_requests_fall_through() -> TestResult {
    let served = office().await?;
    for (verb, path, message) in [
        ("GET", TODO, "Cannot GET /rpc/Todo/jsonrpc"),
        ("POST", "/rpc/Zed/jsonrpc", "Cannot POST /rpc/Zed/jsonrpc"),
        (
            "POST",
            "/rpc/Todos/jsonrpc",
            "Cannot POST /rpc/Todos/jsonrpc",
        ),
        (
            "POST",
            "/rpc/Secret/jsonrpc",
            "Cannot POST /rpc/Secret/jsonrpc",
        ),
        ("POST", "/rpc/Todo", "Cannot POST /rpc/Todo"),
        ("PUT", "/rpc", "Cannot PUT /rpc"),
    ] {
        let request = served
            .client
            .request(verb.parse()?, format!("{}{path}", served.url));
        let answer = request
            .json(&called(1, "count", json!([null])))
            .send()
            .await?;
        assert_eq!(answer.status(), 404, "{verb} {path}");
        let answer: Json = answer.json().await?;
        assert_eq!(answer["error"]["message"], message);
    }
    // Not unless it is configured.
    let app = App::new()
        .config(Config::default())
        .data_source("db", "memory:");
    let without = serve(app.models::<(Todo,)>()).await?;
    let (status, _) = post(&without, TODO, called(1, "count", json!([null]))).await?;
    assert_eq!(status, 404);
    Ok(())
}

#[tokio::test]
async fn headers_are_those_of_the_request() -> TestResult {
    let served = office().await?;
    post(&served, TODO, called(1, "create", json!([{"title": "a"}]))).await?;
    let change = |title: &str| called(1, "updateAttributes", json!([1, { "title": title }]));
    let send = async |version: &str, title: &str| {
        let request = served.client.post(format!("{}{TODO}", served.url));
        let request = request.header("if-match", version).json(&change(title));
        request.send().await?.json::<Json>().await
    };
    assert_eq!(send("\"1\"", "b").await?["result"]["version"], 2);
    assert_eq!(send("\"1\"", "c").await?["error"]["data"]["status"], 412);
    let request = served.client.post(format!("{}{TODO}", served.url));
    let counted = request
        .json(&called(1, "count", json!([null])))
        .send()
        .await?;
    assert_eq!(counted.headers()["x-counted"], "yes");
    assert_eq!(
        counted.headers()["content-type"],
        "application/json; charset=utf-8"
    );
    Ok(())
}

#[tokio::test]
async fn a_token_counts_wherever_rest_finds_it() -> TestResult {
    let served = office().await?;
    let member = User::new("ann@office.example", "secret");
    let members = served.application.repository::<Member>()?;
    members.create(Member { user: member }).await?;
    let login = called(
        1,
        "Member.login",
        json!([{"email": "ann@office.example", "password": "secret"}, null]),
    );
    let (_, answer) = post(&served, "/rpc", login).await?;
    let token = answer["result"]["id"]
        .as_str()
        .ok_or_else(|| answer.to_string())?
        .to_owned();
    let own = called(1, "Member.findById", json!([1, null]));
    let by_query = format!("/rpc?access_token={token}");
    let (_, answer) = post(&served, &by_query, &own).await?;
    assert_eq!(answer["result"]["email"], "ann@office.example");
    let (_, answer) = post(&served, "/rpc", &own).await?;
    assert_eq!(answer["error"]["data"]["code"], "AUTHORIZATION_REQUIRED");
    // Each call of a batch asks who calls: after a logout nobody does.
    let batch = json!([own, called(2, "Member.logout", json!({})), own]);
    let (_, answers) = post(&served, &by_query, batch).await?;
    assert_eq!(answers[0]["result"]["id"], 1);
    assert_eq!(answers[1], ok(2, Json::Null), "{answers}");
    assert_eq!(answers[2]["error"]["code"], -32000);
    Ok(())
}

#[tokio::test]
async fn the_calls_of_a_key_are_counted_in_a_batch_too() -> TestResult {
    let served = office().await?;
    let programs = served.application.repository::<Program>()?;
    let program = Program::register(&programs, "1", "Night job").await?;
    let limit = Patch::new().set(Program::RATE_LIMIT, Some(2));
    programs.update(program.id.clone(), limit).await?;
    let key = program.rest_api_key.ok_or("no key")?;
    let batch = Json::from_iter((0..4).map(|_| called(1, "count", json!([null]))));
    let request = served.client.post(format!("{}{TODO}", served.url));
    let request = request.header("x-api-key", format!("{}:{key}", program.id));
    let answers: Vec<Json> = request.json(&batch).send().await?.json().await?;
    let status = |answer: &Json| answer["error"]["data"]["status"].as_u64();
    let statuses: Vec<_> = answers.iter().map(status).collect();
    assert_eq!(statuses, [None, None, Some(429), Some(429)]);
    Ok(())
}

#[tokio::test]
async fn a_path_is_taken_once() -> TestResult {
    for (path, named) in [
        ("rpc", "no path"),
        ("/api", "is taken"),
        ("/explorer", "is taken"),
    ] {
        let app = App::new()
            .config(Config::default())
            .data_source("db", "memory:");
        let app = app.transport(path, JsonRpc::new());
        let error = app.build().await.err().map(|error| error.to_string());
        assert!(
            error.as_ref().is_some_and(|error| error.contains(named)),
            "{error:?}"
        );
    }
    Ok(())
}

/// No arguments, however wrong, bring the server down or make it fail.
#[tokio::test]
async fn nonsense_is_answered() -> TestResult {
    let served = office().await?;
    let methods = [
        "create",
        "upsert",
        "replaceOrCreate",
        "upsertWithWhere",
        "find",
        "findOne",
        "findById",
        "exists",
        "count",
        "updateAll",
        "updateAttributes",
        "replaceById",
        "add",
    ];
    let values = [
        json!(null),
        json!(-1),
        json!(1e300),
        json!("\u{0}"),
        json!([[]]),
        json!({"$inc": {"id": 1}}),
        json!(true),
    ];
    for method in methods {
        for value in &values {
            for params in [
                json!({"id": value, "where": value, "filter": value, "data": value, "left": value, "right": value}),
                json!([value]),
                json!([value, value]),
            ] {
                let sent = called(1, method, params);
                let (status, answer) = post(&served, TODO, &sent).await?;
                assert_eq!(status, 200, "{sent}");
                let code = answer["error"]["code"].as_i64().unwrap_or_default();
                assert!(matches!(code, 0 | -32000 | -32602), "{sent}: {answer}");
            }
        }
    }
    Ok(())
}

//! The same calls over REST, JSON-RPC and a WebSocket come to the same: data, refusals, coercion, hooks. The clients are Python
//! packages that nobody here wrote.

use axum::Router;
use axum::extract::Path;
use axum::http::HeaderMap;
use axum::routing::get;
use loopwright::boot::{JsonRpcConfig, WebSocketConfig};
use loopwright::builtin::{RoleMapping, User};
use loopwright::prelude::*;
use loopwright::remoting::{CallArguments, RemoteCall, Remotes, Transport};
use loopwright::{Config, Context};
use loopwright_tests::serve::{Served, serve};
use loopwright_tests::{postgres_url, run, tool};
use serde_json::{Value as Json, json};

type TestResult<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Somebody with an account.
#[derive(Model, Clone, Debug)]
struct Member {
    #[model(base)]
    user: User,
}

/// Everybody sees it, its owner changes it, and the staff does what it likes.
#[derive(Model, Clone, Debug, Default)]
#[acl(allow(read, echo, required, whole, boom, origin, page), to = everyone)]
#[acl(allow(create), to = authenticated)]
#[acl(allow(write, close), to = owner)]
#[acl(allow(all), to = role("staff"))]
struct Shop {
    #[model(id, generated)]
    id: i64,
    #[validate(length(min = 2, max = 20))]
    name: String,
    /// The staff knows it, and whose it is.
    #[acl(allow(all), to = role("staff"))]
    #[acl(allow(read), to = owner)]
    takings: Option<i64>,
    code: Option<String>,
    user_id: Option<i64>,
    #[relation(has_many)]
    reviews: HasMany<Review>,
    #[relation(has_many, through = Visit)]
    visitors: HasMany<Visitor>,
}

/// What somebody thinks of a shop.
#[derive(Model, Clone, Debug, Default)]
#[acl(allow(read, create), to = everyone)]
struct Review {
    #[model(id, generated)]
    id: i64,
    #[validate(range(min = 1, max = 5))]
    rating: u8,
    shop_id: Option<i64>,
}

/// Who comes to shops.
#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
struct Visitor {
    #[model(id, generated)]
    id: i64,
    name: String,
}

/// Who has been where.
#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
struct Visit {
    #[model(id, generated)]
    id: i64,
    shop_id: i64,
    visitor_id: i64,
    #[relation(belongs_to)]
    visitor: BelongsTo<Visitor>,
}

/// What its owner sees.
#[derive(Model, Clone, Debug, Default)]
#[acl(allow(all), to = authenticated)]
#[policy(all, to = owner)]
struct Diary {
    #[model(id, generated)]
    id: i64,
    text: String,
    user_id: Option<i64>,
}

/// A word about something.
#[derive(Model, Clone, Debug)]
#[acl(open)]
struct Tagging {
    #[model(id)]
    post_id: i64,
    #[model(id)]
    tag: String,
    weight: Option<i64>,
}

#[loopwright::methods]
impl Shop {
    #[remote(post = "/echo")]
    async fn echo(
        text: Option<String>,
        number: Option<f64>,
        flag: bool,
        list: Vec<i64>,
        any: Option<Json>,
        date: Option<DateTime<Utc>>,
    ) -> Result<Json> {
        Ok(
            json!({ "text": text, "number": number, "flag": flag, "list": list, "any": any, "date": date }),
        )
    }

    #[remote(get = "/required/{value}", returns = "value")]
    async fn required(value: i64) -> Result<i64> {
        Ok(value)
    }

    #[remote(post = "/whole")]
    async fn whole(#[arg(body)] sent: Json) -> Result<Json> {
        Ok(sent)
    }

    #[remote(post = "/close")]
    async fn close(&mut self, reason: String) -> Result<String> {
        self.name = format!("{} ({reason})", self.name);
        Ok(reason)
    }

    #[remote(get = "/boom")]
    async fn boom() -> Result<()> {
        panic!("boom")
    }

    #[remote(get = "/origin")]
    async fn origin(#[arg(header)] host: Option<String>, cx: &Context) -> Result<bool> {
        let sent = cx.headers().get("host").and_then(|host| host.to_str().ok());
        Ok(host.as_deref() == sent)
    }

    #[remote(get = "/page")]
    async fn page() -> Result<axum::response::Response> {
        Ok(axum::response::Response::new("a page".into()))
    }

    /// Names are written so, and hooks see arguments that nobody declares.
    #[remote_hook(before(create))]
    async fn tidy(cx: &mut RemoteCall<'_, Self>) -> Result<()> {
        let suffix = cx.argument("suffix").and_then(Json::as_str);
        let suffix = suffix.unwrap_or_default().to_owned();
        if let Some(name) = cx
            .argument_mut("data")
            .and_then(|data| data.get_mut("name"))
            && let Some(text) = name.as_str()
        {
            *name = json!(format!("{}{suffix}", text.trim()));
        }
        Ok(())
    }

    #[remote_hook(after(findOne))]
    async fn wrap(cx: &mut RemoteCall<'_, Self>) -> Result<()> {
        let found = cx.take_result();
        cx.set_result(json!({ "first": found }));
        Ok(())
    }

    #[remote_hook(after_error(deleteById))]
    async fn tell(cx: &mut RemoteCall<'_, Self>) -> Result<()> {
        let told = cx.error().map(|error| error.message().to_owned());
        Err(Error::new(
            418,
            format!("refused: {}", told.unwrap_or_default()),
        ))
    }
}

/// A call, and what REST answers it with: 200 for every success.
struct Call {
    who: &'static str,
    status: u16,
    rest: (&'static str, &'static str, Json),
    method: &'static str,
    /// The instance, and its members in a list.
    instance: Json,
    args: Json,
    listed: Json,
    member: Option<&'static str>,
}

fn call(
    who: &'static str,
    status: u16,
    rest: (&'static str, &'static str, Json),
    method: &'static str,
) -> Call {
    Call {
        who,
        status,
        rest,
        method,
        instance: json!({}),
        args: json!({}),
        listed: json!([]),
        member: None,
    }
}

impl Call {
    fn on(mut self, id: Json) -> Self {
        self.instance = json!({ "id": id });
        self
    }

    fn with(mut self, args: Json, listed: Json) -> Self {
        self.args = args;
        self.listed = listed;
        self
    }

    fn member(mut self, member: &'static str) -> Self {
        self.member = Some(member);
        self
    }
}

#[rustfmt::skip]
fn calls() -> Vec<Call> {
    let none = || Json::Null;
    let bel = json!({"name": " Bel ", "takings": 7, "userId": 1});
    let named = json!({"name": "Ann's"});
    let filter = json!({"where": {"code": "1"}, "order": "id"});
    let echoed = json!({"text": 5, "number": "1.5", "flag": "false", "list": ["1", 2], "any": {"a": "1"}, "date": "2026-01-31"});
    let echo = json!([5, "1.5", "false", ["1", 2], {"a": "1"}, "2026-01-31"]);
    vec![
        // Rules for everyone, for who is logged in, for owners and for members of a role.
        call("nobody", 401, ("POST", "/Shops", bel.clone()), "Shop.create").with(json!({"data": bel}), json!([bel])),
        call("ann", 200, ("POST", "/Shops?suffix=!", bel.clone()), "Shop.create").with(json!({"data": bel, "suffix": "!"}), json!([{"name": "Bel!", "userId": 1}])),
        call("staff", 200, ("POST", "/Shops", json!({"name": "Second", "takings": 9, "code": "1", "userId": 2})), "Shop.create")
            .with(json!({"data": {"name": "Second", "takings": 9, "code": "1", "userId": 2}}), json!([{"name": "Second", "takings": 9, "code": "1", "userId": 2}])),
        call("bob", 401, ("PATCH", "/Shops/1", named.clone()), "Shop.prototype.updateAttributes").on(json!(1)).with(json!({"data": named}), json!([1, named])),
        call("ann", 200, ("PATCH", "/Shops/1", named.clone()), "Shop.prototype.patchAttributes").on(json!(1)).with(json!({"data": named}), json!([1, named])),
        call("ann", 200, ("PUT", "/Shops/1", json!({"takings": 1})), "Shop.updateAttributes").on(json!("1")).with(json!({"data": {"takings": 1}}), json!(["1", {"takings": 1}])),
        call("staff", 200, ("POST", "/Shops/1/close", json!({"reason": "rain"})), "Shop.close").on(json!(1)).with(json!({"reason": "rain"}), json!([1, "rain"])),
        call("ann", 400, ("POST", "/Shops/1/close", json!({"reason": null})), "Shop.prototype.close").on(json!(1)).with(json!({"reason": null}), json!([1, none()])),
        call("bob", 401, ("POST", "/Shops/1/close", json!({"reason": "rain"})), "Shop.prototype.close").on(json!(1)).with(json!({"reason": "rain"}), json!([1, "rain"])),
        call("wrong", 401, ("DELETE", "/Diaries/1", none()), "Diary.deleteById").with(json!({"id": 1}), json!([1])),

        // Properties, rows, values that don't fit.
        call("nobody", 200, ("GET", "/Shops?filter[order]=id", none()), "Shop.find").with(json!({"filter": {"order": "id"}}), json!([{"order": "id"}])),
        call("ann", 200, ("GET", "/Shops?filter[order]=id", none()), "Shop.find").with(json!({"filter": {"order": "id"}}), json!([{"order": "id"}])),
        call("staff", 200, ("GET", r#"/Shops?filter={"where":{"code":"1"},"order":"id"}"#, none()), "Shop.find").with(json!({"filter": filter}), json!([filter])),
        call("nobody", 400, ("GET", "/Shops?filter[where][takings]=9", none()), "Shop.find").with(json!({"filter": {"where": {"takings": 9}}}), json!([{"where": {"takings": 9}}])),
        call("nobody", 400, ("GET", "/Shops?filter[where][nmae]=x", none()), "Shop.find").with(json!({"filter": {"where": {"nmae": "x"}}}), json!([{"where": {"nmae": "x"}}])),
        call("nobody", 200, ("GET", "/Shops/findOne", none()), "Shop.findOne").with(json!({}), json!([none()])),
        call("nobody", 200, ("GET", "/Shops/1", none()), "Shop.findById").with(json!({"id": 1}), json!([1, none()])),
        call("nobody", 404, ("GET", "/Shops/77", none()), "Shop.findById").with(json!({"id": 77}), json!([77, none()])),
        call("nobody", 404, ("GET", "/Shops/1.0", none()), "Shop.findById").with(json!({"id": 1.0}), json!([1.0, none()])),
        call("nobody", 200, ("GET", "/Shops/count?where[code]=1", none()), "Shop.count").with(json!({"where": {"code": "1"}}), json!([{"code": "1"}])).member("count"),
        call("nobody", 200, ("GET", "/Shops/1/exists", none()), "Shop.exists").with(json!({"id": 1}), json!([1])).member("exists"),
        call("nobody", 200, ("GET", "/Shops/77/exists", none()), "Shop.exists").with(json!({"id": 77}), json!([77])).member("exists"),
        call("ann", 422, ("POST", "/Shops", json!({"name": "B"})), "Shop.create").with(json!({"data": {"name": "B"}}), json!([{"name": "B"}])),
        call("ann", 422, ("PATCH", "/Shops/1", json!({"name": null})), "Shop.prototype.updateAttributes").on(json!(1)).with(json!({"data": {"name": null}}), json!([1, {"name": null}])),
        call("ann", 400, ("POST", "/Diaries", json!("text")), "Diary.create").with(json!({"data": "text"}), json!(["text"])),
        call("staff", 400, ("POST", "/Shops/update", json!({"code": "2"})), "Shop.updateAll").with(json!({"data": {"code": "2"}}), json!([none(), {"code": "2"}])),
        call("staff", 200, (r"POST", r#"/Shops/update?where={"id":2}"#, json!({"code": "2"})), "Shop.update").with(json!({"where": {"id": 2}, "data": {"code": "2"}}), json!([{"id": 2}, {"code": "2"}])),
        call("nobody", 401, ("GET", "/Diaries", none()), "Diary.find").with(json!({}), json!([none()])),
        call("ann", 200, ("GET", "/Diaries", none()), "Diary.find").with(json!({}), json!([none()])),
        call("bob", 200, ("GET", "/Diaries", none()), "Diary.find").with(json!({}), json!([none()])),
        call("bob", 404, ("GET", "/Diaries/1", none()), "Diary.findById").with(json!({"id": 1}), json!([1, none()])),
        call("bob", 404, ("PATCH", "/Diaries/1", json!({"text": "mine"})), "Diary.prototype.updateAttributes").on(json!(1)).with(json!({"data": {"text": "mine"}}), json!([1, {"text": "mine"}])),

        // Relations.
        call("nobody", 401, ("POST", "/Shops/1/reviews", json!({"rating": 3})), "Shop.prototype.__create__reviews").on(json!(1)).with(json!({"data": {"rating": 3}}), json!([1, {"rating": 3}])),
        call("ann", 200, ("POST", "/Shops/1/reviews", json!({"rating": 3})), "Shop.prototype.__create__reviews").on(json!(1)).with(json!({"data": {"rating": 3}}), json!([1, {"rating": 3}])),
        call("ann", 422, ("POST", "/Shops/1/reviews", json!({"rating": 9})), "Shop.__create__reviews").on(json!(1)).with(json!({"data": {"rating": 9}}), json!([1, {"rating": 9}])),
        call("nobody", 200, ("GET", "/Shops/1/reviews", none()), "Shop.prototype.__get__reviews").on(json!(1)).with(json!({}), json!([1, none()])),
        call("nobody", 200, ("GET", "/Shops/1/reviews/count", none()), "Shop.prototype.__count__reviews").on(json!(1)).with(json!({}), json!([1, none()])).member("count"),
        call("nobody", 200, ("GET", "/Shops/1/reviews/1", none()), "Shop.prototype.__findById__reviews").on(json!(1)).with(json!({"fk": 1}), json!([1, 1])),
        call("nobody", 404, ("GET", "/Shops/1/reviews/9", none()), "Shop.prototype.__findById__reviews").on(json!(1)).with(json!({"fk": 9}), json!([1, 9])),
        call("nobody", 404, ("GET", "/Shops/9/reviews", none()), "Shop.prototype.__get__reviews").on(json!(9)).with(json!({}), json!([9, none()])),
        call("nobody", 200, ("GET", "/Shops?filter[include]=reviews&filter[order]=id", none()), "Shop.find").with(json!({"filter": {"include": "reviews", "order": "id"}}), json!([{"include": "reviews", "order": "id"}])),
        call("staff", 200, ("POST", "/Visitors", json!({"name": "Zoe"})), "Visitor.create").with(json!({"data": {"name": "Zoe"}}), json!([{"name": "Zoe"}])),
        call("staff", 200, ("PUT", "/Shops/1/visitors/rel/1", json!({})), "Shop.prototype.__link__visitors").on(json!(1)).with(json!({"fk": 1}), json!([1, 1, {}])),
        call("nobody", 200, ("HEAD", "/Shops/1/visitors/rel/1", none()), "Shop.prototype.__exists__visitors").on(json!(1)).with(json!({"fk": 1}), json!([1, 1])),
        call("staff", 200, ("DELETE", "/Shops/1/visitors/rel/1", none()), "Shop.prototype.__unlink__visitors").on(json!(1)).with(json!({"fk": 1}), json!([1, 1])),

        // Methods of the model's own.
        call("nobody", 200, ("POST", "/Shops/echo", echoed.clone()), "Shop.echo").with(echoed.clone(), echo),
        call("nobody", 400, ("POST", "/Shops/echo", json!({"number": "many"})), "Shop.echo").with(json!({"number": "many"}), json!([none(), "many", false, [], none(), none()])),
        call("nobody", 400, ("POST", "/Shops/echo", json!({"list": ["x"]})), "Shop.echo").with(json!({"list": ["x"]}), json!([none(), none(), false, ["x"], none(), none()])),
        call("nobody", 200, ("GET", "/Shops/required/7", none()), "Shop.required").with(json!({"value": 7}), json!([7])).member("value"),
        call("nobody", 400, ("GET", "/Shops/required/1.5", none()), "Shop.required").with(json!({"value": 1.5}), json!([1.5])),
        call("nobody", 200, ("POST", "/Shops/whole", json!({"a": ["1", null]})), "Shop.whole").with(json!({"sent": {"a": ["1", null]}}), json!([{"a": ["1", null]}])),
        call("nobody", 200, ("GET", "/Shops/origin", none()), "Shop.origin").with(json!({"host": "evil.example"}), json!([])),
        call("nobody", 500, ("GET", "/Shops/boom", none()), "Shop.boom"),

        // An id of several properties, and what hooks do to failures.
        call("nobody", 200, ("POST", "/Taggings", json!({"postId": 7, "tag": "a,b", "weight": 1})), "Tagging.create").with(json!({"data": {"postId": 7, "tag": "a,b", "weight": 1}}), json!([{"postId": 7, "tag": "a,b", "weight": 1}])),
        call("nobody", 200, ("GET", "/Taggings/7,a%2Cb", none()), "Tagging.findById").with(json!({"id": [7, "a,b"]}), json!([[7, "a,b"], none()])),
        call("nobody", 418, ("DELETE", "/Shops/1", none()), "Shop.deleteById").with(json!({"id": 1}), json!([1])),
        call("staff", 200, ("DELETE", "/Shops/1", none()), "Shop.destroyById").with(json!({"id": 1}), json!([1])),
        call("staff", 200, ("DELETE", "/Shops/1", none()), "Shop.removeById").with(json!({"id": 1}), json!([1])),
    ]
}

async fn town(url: &str) -> TestResult<Served> {
    let mut config = Config::default();
    config.json_rpc = Some(JsonRpcConfig::new("/rpc"));
    config.web_socket = Some(WebSocketConfig::new("/socket"));
    let app = App::new().config(config).data_source("db", url).models::<(
        Member,
        Shop,
        Review,
        Visitor,
        Visit,
        Diary,
        Tagging,
    )>();
    let served = serve(app).await?;
    let members = served.application.repository::<Member>()?;
    for name in ["ann", "bob", "staff"] {
        let user = User::new(format!("{name}@town.example"), "secret");
        members.create(Member { user }).await?;
    }
    served.grant("staff", RoleMapping::OF_USER, 3).await?;
    let diaries = served.application.repository::<Diary>()?;
    let diary = Diary {
        text: "dear".into(),
        user_id: Some(1),
        ..Diary::default()
    };
    diaries.create(diary).await?;
    Ok(served)
}

/// What each call comes to over this transport, in an application of its own; nothing where there is no Python.
async fn outcomes(served: &Served, transport: &str) -> TestResult<Option<Vec<Json>>> {
    let mut tokens = json!({ "nobody": null, "wrong": "no token" });
    for name in ["ann", "bob", "staff"] {
        let member = served
            .log_in("Members", &format!("{name}@town.example"))
            .await?;
        tokens[name] = member.token().into();
    }
    let calls = calls().into_iter().map(|call| {
        let (verb, path, body) = call.rest;
        json!({
            "token": tokens[call.who],
            "rest": [verb, path, body],
            "method": call.method,
            "instance": call.instance,
            "args": call.args,
            "listed": call.listed,
            "member": call.member,
        })
    });
    let calls = Json::from_iter(calls).to_string();
    let Some(mut python) = tool("python") else {
        return Ok(None);
    };
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tools/transports.py");
    python.args([script, &served.url, transport, &calls]);
    let printed = run(python).await?;
    match printed.status.success() {
        true => Ok(Some(serde_json::from_slice(&printed.stdout)?)),
        false => Err(String::from_utf8(printed.stderr)?.into()),
    }
}

/// A database of each transport's own.
async fn compared(fresh: impl AsyncFn() -> Option<String>) -> TestResult {
    let mut all = Vec::new();
    for transport in ["rest", "named", "listed", "socket"] {
        let Some(url) = fresh().await else {
            return Ok(());
        };
        let served = town(&url).await?;
        let Some(outcomes) = outcomes(&served, transport).await? else {
            return Ok(());
        };
        all.push((transport, outcomes));
    }
    let (_, rest) = all.remove(0);
    for (call, outcome) in calls().iter().zip(&rest) {
        let status = outcome["err"]["status"].as_u64().unwrap_or(200);
        assert_eq!(status, u64::from(call.status), "{:?}: {outcome}", call.rest);
    }
    for (transport, outcomes) in all {
        for ((call, outcome), expected) in calls().iter().zip(&outcomes).zip(&rest) {
            let what = format!("{} by {} over {transport}", call.method, call.who);
            assert_eq!(outcome, expected, "{what}");
        }
    }
    // It is not all the same because nothing works.
    let by = |who: &str, method: &str| {
        let calls = calls();
        let place = calls
            .iter()
            .position(|call| (call.who, call.method) == (who, method));
        place.map_or(Json::Null, |place| rest[place]["data"].clone())
    };
    assert_eq!(by("ann", "Shop.create")["name"], "Bel!");
    assert_eq!(by("nobody", "Shop.find")[1].get("takings"), None);
    assert_eq!(by("staff", "Shop.find")[0]["takings"], 9);
    assert_eq!(by("ann", "Diary.find")[0]["text"], "dear");
    assert_eq!(by("bob", "Diary.find"), json!([]));
    assert_eq!(by("nobody", "Shop.findOne")["first"]["id"], 1);
    Ok(())
}

#[tokio::test]
async fn every_transport_comes_to_the_same() -> TestResult {
    compared(async || Some("memory:".to_owned())).await
}

#[tokio::test]
async fn so_it_does_on_postgres() -> TestResult {
    compared(async || postgres_url()).await
}

/// `GET /calls/Shop.find` tells of a method, and `POST` calls it.
struct Calls;

impl Transport for Calls {
    fn routes(&self, remotes: Remotes) -> Router {
        let other = remotes.clone();
        let tell = async move |Path(name): Path<String>| {
            let method = other.method(&name).ok_or_else(|| unknown(&name))?;
            let told = json!([method.name(), method.arguments(), method.returns()]);
            Ok::<_, Error>(axum::Json(told))
        };
        let call =
            async move |Path(name): Path<String>, headers: HeaderMap, sent: axum::Json<Json>| {
                let method = remotes.method(&name).ok_or_else(|| unknown(&name))?;
                let caller = remotes.caller(&headers, None).await?;
                let arguments = CallArguments::from_json(sent.0)?.with_headers(headers);
                let answer = method.call(caller, arguments).await?;
                Ok::<_, Error>((answer.headers, axum::Json(answer.data)))
            };
        Router::new().route("/{name}", get(tell).post(call))
    }
}

fn unknown(name: &str) -> Error {
    Error::new(404, format!("There is no method {name}"))
}

#[tokio::test]
async fn a_transport_of_ones_own_is_a_few_lines() -> TestResult {
    let app = App::new()
        .config(Config::default())
        .data_source("db", "memory:")
        .models::<(Member, Shop, Review, Visitor, Visit, Diary, Tagging)>();
    let served = serve(app.transport("/calls", Calls)).await?;
    let shop = json!([{ "arg": "data", "type": "Shop", "root": true }]);
    let root = |name: &str, ty: Json| json!([{ "arg": name, "type": ty, "root": true }]);
    for (name, full, arguments, returns) in [
        ("Shop.create", "Shop.create", json!(["data"]), shop.clone()),
        (
            "Shop.updateOrCreate",
            "Shop.upsert",
            json!(["data"]),
            shop.clone(),
        ),
        (
            "Shop.upsertWithWhere",
            "Shop.upsertWithWhere",
            json!(["where", "data"]),
            shop.clone(),
        ),
        (
            "Shop.find",
            "Shop.find",
            json!(["filter"]),
            root("data", json!(["Shop"])),
        ),
        (
            "Shop.findById",
            "Shop.findById",
            json!(["id", "filter"]),
            shop.clone(),
        ),
        (
            "Shop.updateAttributes",
            "Shop.prototype.updateAttributes",
            json!(["id", "data"]),
            shop,
        ),
        (
            "Shop.count",
            "Shop.count",
            json!(["where"]),
            json!([{ "arg": "count", "type": "number" }]),
        ),
        (
            "Shop.deleteById",
            "Shop.deleteById",
            json!(["id"]),
            root("info", json!("object")),
        ),
        (
            "Shop.__link__visitors",
            "Shop.prototype.__link__visitors",
            json!(["id", "fk", "data"]),
            root("data", json!("Visit")),
        ),
        (
            "Shop.__delete__reviews",
            "Shop.prototype.__delete__reviews",
            json!(["id"]),
            json!([]),
        ),
        (
            "Shop.required",
            "Shop.required",
            json!(["value"]),
            json!([{ "arg": "value", "type": "number" }]),
        ),
        (
            "Shop.prototype.close",
            "Shop.prototype.close",
            json!(["id", "reason"]),
            root("result", json!("string")),
        ),
        (
            "Shop.origin",
            "Shop.origin",
            json!([]),
            root("result", json!("boolean")),
        ),
    ] {
        let told = served
            .client
            .get(format!("{}/calls/{name}", served.url))
            .send()
            .await?;
        assert_eq!(
            told.json::<Json>().await?,
            json!([full, arguments, returns]),
            "{name}"
        );
    }
    let post = async |name: &str, sent: Json| {
        let request = served.client.post(format!("{}/calls/{name}", served.url));
        let answer = request.json(&sent).send().await?;
        let status = answer.status().as_u16();
        Ok::<_, reqwest::Error>((status, answer.json::<Json>().await?))
    };
    assert_eq!(post("Shop.find", json!([null])).await?, (200, json!([])));
    // What a handler fails with is answered as everywhere.
    for (name, sent, status, message) in [
        (
            "Shop.nothing",
            json!({}),
            404,
            "There is no method Shop.nothing",
        ),
        (
            "Shop.create",
            json!({"data": {}}),
            401,
            "Authorization Required",
        ),
        ("Shop.findById", json!({}), 400, "id is a required argument"),
        (
            "Shop.find",
            json!([]),
            400,
            "Shop.find takes [filter], and 0 arguments were sent; send null for one that is not given, or an object with their names",
        ),
    ] {
        let (found, answer) = post(name, sent).await?;
        assert_eq!(
            (found, &answer["error"]["message"]),
            (status, &json!(message))
        );
    }
    Ok(())
}

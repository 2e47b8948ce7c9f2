//! Methods of a model's own over HTTP (contract *models.md* §13).

use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use loopwright::Context;
use loopwright::prelude::*;
use loopwright_tests::serve::{Served, serve};
use serde_json::{Value as Json, json};

type TestResult = std::result::Result<(), Box<dyn std::error::Error>>;

/// A shop with methods.
#[derive(Model, Debug, Clone)]
#[acl(open)]
#[acl(deny(secret), to = everyone)]
struct Shop {
    #[model(id, generated)]
    id: i64,
    name: String,
    #[model(default = true)]
    open: bool,
    #[model(hidden, default = "hidden")]
    key: String,
    #[validate(length(max = 5))]
    note: Option<String>,
}

/// When it is open.
#[derive(Property)]
struct Status {
    open: bool,
    hour: u8,
}

#[derive(Property)]
#[property(rename_all = "lowercase")]
enum Size {
    Small,
    Large,
}

#[loopwright::methods]
impl Shop {
    /// Is a shop open at this hour?
    ///
    /// Shops sleep at night.
    #[remote(get = "/status")]
    async fn status(#[arg(query)] hour: u8) -> Result<Status> {
        let open = (8..20).contains(&hour);
        Ok(Status { open, hour })
    }

    #[remote(get = "/echo")]
    async fn echo(
        text: Option<String>,
        number: Option<f64>,
        flag: bool,
        list: Vec<i64>,
        any: Option<Json>,
        date: Option<DateTime<Utc>>,
        size: Option<Size>,
    ) -> Result<Json> {
        let size = size.map(|size| match size {
            Size::Small => 1,
            Size::Large => 2,
        });
        Ok(
            json!({ "text": text, "number": number, "flag": flag, "list": list, "any": any, "date": date, "size": size }),
        )
    }

    #[remote(get = "/required")]
    async fn required(value: i64) -> Result<i64> {
        Ok(value)
    }

    #[remote(get = "/by-name/{name}", returns = "shops")]
    async fn by_name(name: String, cx: &Context) -> Result<Vec<Shop>> {
        let shops = cx.repository::<Shop>()?;
        shops.find().filter(Shop::NAME.eq(name)).all().await
    }

    /// Closes the shop for good.
    #[remote(post = "/close", status = 202)]
    async fn close(&mut self, reason: Option<String>) -> Result<()> {
        self.open = false;
        self.note = reason;
        Ok(())
    }

    #[remote(get = "/greeting", returns = "greeting")]
    async fn greeting(&self) -> Result<String> {
        Ok(format!("Welcome to {}!", self.name))
    }

    #[remote(post)]
    async fn adopt(#[arg(body)] shop: Shop) -> Result<Shop> {
        Ok(Shop { id: 99, ..shop })
    }

    #[remote(post = "/whole")]
    fn whole(#[arg(body)] sent: Json) -> Result<Json> {
        Ok(sent)
    }

    #[remote(post = "/parts")]
    fn parts(sent: Json) -> Result<Json> {
        Ok(sent)
    }

    #[remote]
    fn sum(numbers: Vec<f64>) -> Result<f64> {
        Ok(numbers.iter().sum())
    }

    #[remote(get = "/refuse")]
    async fn refuse(code: u16) -> Result<()> {
        Err(Error::new(code, "no such thing").with_code("NO_SUCH_THING"))
    }

    #[remote(get = "/usual", returns = "answer")]
    fn usual(
        #[arg(query, default = 8)] hour: u8,
        #[arg(default = "all")] text: String,
        #[arg(default = true)] flag: Option<bool>,
    ) -> Result<String> {
        Ok(format!("{hour} {text} {flag:?}"))
    }

    #[remote(get = "/panic")]
    async fn panic() -> Result<()> {
        panic!("the method panics")
    }

    #[remote(get = "/secret")]
    async fn secret() -> Result<String> {
        Ok("secret".into())
    }

    #[remote(get = "/header")]
    async fn header(
        #[arg(header, name = "x-colour")] colour: Option<String>,
        cx: &Context,
    ) -> Result<Json> {
        let seen = cx.headers().contains_key("x-colour");
        Ok(json!({ "colour": colour, "seen": seen }))
    }

    #[remote(get = "/day", returns = "day")]
    async fn day() -> Result<NaiveDate> {
        NaiveDate::from_ymd_opt(2015, 1, 1).ok_or_else(|| Error::internal("no such day"))
    }

    #[remote(get = "/moment")]
    async fn moment() -> Result<DateTime<Utc>> {
        Ok(DateTime::UNIX_EPOCH)
    }

    #[remote(get = "/bytes")]
    async fn bytes() -> Result<Vec<u8>> {
        Ok(b"hi".to_vec())
    }

    #[remote(get = "/nobody")]
    async fn nobody() -> Result<Option<Shop>> {
        Ok(None)
    }

    #[remote(get = "/file")]
    async fn file() -> Result<Response> {
        let headers = [(header::CONTENT_TYPE, "text/csv")];
        Ok((headers, Body::from("a,b\n")).into_response())
    }

    /// At the place of a method that every model has.
    #[remote(get = "/count")]
    async fn how_many() -> Result<String> {
        Ok("many".into())
    }
}

async fn served() -> std::result::Result<Served, Box<dyn std::error::Error>> {
    let app = App::new().config(loopwright::Config::default());
    let served = serve(app.data_source("db", "memory:").models::<(Shop,)>()).await?;
    let shops = served.application.repository::<Shop>()?;
    for name in ["Bel", "Açaí"] {
        let shop = Shop {
            id: 0,
            name: name.into(),
            open: true,
            key: "k".into(),
            note: None,
        };
        shops.create(shop).await?;
    }
    Ok(served)
}

#[tokio::test]
async fn calls_answer_as_the_contract_says() -> TestResult {
    let served = served().await?;
    let shop = json!({ "id": 99, "name": "New", "open": true, "note": null });
    let cases: &[(&str, &str, Json, u16, Json)] = &[
        (
            "GET",
            "status?hour=9",
            Json::Null,
            200,
            json!({ "open": true, "hour": 9 }),
        ),
        (
            "GET",
            "greeting",
            Json::Null,
            404,
            json!("Unknown \"Shop\" id \"greeting\"."),
        ),
        (
            "GET",
            "1/greeting",
            Json::Null,
            200,
            json!({ "greeting": "Welcome to Bel!" }),
        ),
        (
            "GET",
            "7/greeting",
            Json::Null,
            404,
            json!("could not find a model with id 7"),
        ),
        (
            "GET",
            "by-name/A%C3%A7a%C3%AD",
            Json::Null,
            200,
            json!({ "shops": [{ "id": 2, "name": "Açaí", "open": true, "note": null }] }),
        ),
        (
            "POST",
            "adopt",
            json!({ "name": "New", "open": true }),
            200,
            shop,
        ),
        (
            "POST",
            "adopt",
            json!({ "name": 5, "open": "true" }),
            200,
            json!({ "id": 99, "name": "5", "open": true, "note": null }),
        ),
        (
            "POST",
            "adopt",
            json!("text"),
            400,
            json!(
                "invalid value for argument 'shop' of type 'object': text. Received type was string. Error: expected ident at line 1 column 2"
            ),
        ),
        (
            "POST",
            "sum",
            json!({ "numbers": [1, "2", 3.5] }),
            200,
            json!(6.5),
        ),
        ("POST", "sum?numbers=[1,2]", Json::Null, 200, json!(3)),
        (
            "GET",
            "usual",
            Json::Null,
            200,
            json!({"answer": "8 all Some(true)"}),
        ),
        (
            "GET",
            "usual?hour=9&text=&flag=false",
            Json::Null,
            200,
            json!({"answer": "9  Some(false)"}),
        ),
        (
            "GET",
            "refuse?code=418",
            Json::Null,
            418,
            json!("no such thing"),
        ),
        (
            "GET",
            "header",
            Json::Null,
            200,
            json!({ "colour": "red", "seen": true }),
        ),
        (
            "GET",
            "day",
            Json::Null,
            200,
            json!({ "day": "2015-01-01" }),
        ),
        (
            "GET",
            "moment",
            Json::Null,
            200,
            json!({ "$type": "date", "$data": "1970-01-01T00:00:00.000Z" }),
        ),
        (
            "GET",
            "bytes",
            Json::Null,
            200,
            json!({ "$type": "base64", "$data": "aGk=" }),
        ),
        ("GET", "nobody", Json::Null, 200, Json::Null),
        ("GET", "count", Json::Null, 200, json!("many")),
        (
            "GET",
            "secret",
            Json::Null,
            401,
            json!("Authorization Required"),
        ),
    ];
    for (verb, path, body, status, expected) in cases {
        let (answered, answer) = call(&served, verb, path, body).await?;
        let shown = if *status == 200 {
            &answer
        } else {
            &answer["error"]["message"]
        };
        assert_eq!(
            (answered, shown),
            (*status, expected),
            "{verb} {path}: {answer}"
        );
    }
    Ok(())
}

async fn call(
    served: &Served,
    verb: &str,
    path: &str,
    body: &Json,
) -> std::result::Result<(u16, Json), Box<dyn std::error::Error>> {
    let url = format!("{}/api/Shops/{path}", served.url);
    let request = served
        .client
        .request(verb.parse()?, url)
        .header("x-colour", "red");
    let request = if body.is_null() {
        request
    } else {
        request.json(body)
    };
    let response = request.send().await?;
    Ok((
        response.status().as_u16(),
        response.json().await.unwrap_or_default(),
    ))
}

/// Contract *models.md* §13.2.
#[tokio::test]
async fn arguments_are_coerced_by_their_types() -> TestResult {
    let served = served().await?;
    let nothing = json!({ "text": null, "number": null, "flag": false, "list": [], "any": null, "date": null, "size": null });
    let cases = [
        ("", Ok(("text", Json::Null))),
        ("text=12", Ok(("text", json!("12")))),
        ("text=a&text=b", Ok(("text", json!("a,b")))),
        ("number=1e3", Ok(("number", json!(1000.0)))),
        ("number=", Ok(("number", json!(0.0)))),
        ("number=x", Err("number must be a number")),
        ("flag=true", Ok(("flag", json!(true)))),
        ("flag=false", Ok(("flag", json!(false)))),
        ("flag=0", Ok(("flag", json!(false)))),
        ("flag=anything", Ok(("flag", json!(true)))),
        ("list=", Ok(("list", json!([])))),
        ("list=5", Ok(("list", json!([5])))),
        ("list=5&list=6", Ok(("list", json!([5, 6])))),
        ("list=[5,6]", Ok(("list", json!([5, 6])))),
        ("list=5,6", Err("list[0] must be a number")),
        (
            "list=[5,",
            Err(
                "invalid value for argument 'list' of type 'array': [5,. Received type was string. Error: EOF while parsing a value at line 1 column 3",
            ),
        ),
        (
            "list=1.5",
            Err(
                "Invalid value for argument 'list[0]' of type 'integer': 1.5. Received type was converted to number.",
            ),
        ),
        (
            "list=99999999999999999999",
            Err("list[0] must be a safe integer"),
        ),
        ("any=5", Ok(("any", json!(5)))),
        ("any=true", Ok(("any", json!(true)))),
        ("any=007", Ok(("any", json!("007")))),
        (
            "date=2015-01-01",
            Ok(("date", json!("2015-01-01T00:00:00Z"))),
        ),
        ("date=never", Err("Invalid date: never")),
        ("size=large", Ok(("size", json!(2)))),
        ("size=huge", Err("size is not included in the list")),
    ];
    // Texts within an argument become what they look like, those of a whole body do not.
    let sent = json!({"sent": {"n": "5", "t": ["true", "007"]}});
    assert_eq!(
        call(&served, "POST", "whole", &sent).await?,
        (200, sent.clone())
    );
    let typed = json!({"n": 5, "t": [true, "007"]});
    assert_eq!(call(&served, "POST", "parts", &sent).await?, (200, typed));
    for (query, expected) in cases {
        let (status, answer) = call(&served, "GET", &format!("echo?{query}"), &Json::Null).await?;
        match expected {
            Ok((member, value)) => {
                let mut all = nothing.clone();
                all[member] = value;
                assert_eq!((status, answer), (200, all), "{query}");
            }
            Err(message) => {
                assert_eq!(
                    (status, &answer["error"]["message"]),
                    (400, &json!(message)),
                    "{query}"
                );
            }
        }
    }
    for (path, message) in [
        ("required", "value is a required argument"),
        ("required?value=x", "value must be a number"),
        ("status?hour=300", "hour must be between 0 and 255"),
        ("status?hour=-1", "hour must be between 0 and 255"),
    ] {
        let (status, answer) = call(&served, "GET", path, &Json::Null).await?;
        assert_eq!(
            (status, &answer["error"]["message"]),
            (400, &json!(message)),
            "{path}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn what_a_method_changes_in_its_instance_is_stored_or_refused() -> TestResult {
    let served = served().await?;
    let shops = served.application.repository::<Shop>()?;
    let (status, answer) = call(&served, "POST", "1/close", &json!({ "reason": "tired" })).await?;
    assert_eq!((status, answer), (202, Json::Null));
    let shop = shops.find_by_id(1).await?.ok_or("gone")?;
    assert_eq!((shop.open, shop.note.as_deref()), (false, Some("tired")));
    // Validation has its say, and nothing is stored then.
    let (status, _) = call(&served, "POST", "2/close", &json!({ "reason": "too long" })).await?;
    assert_eq!(status, 422);
    assert!(shops.find_by_id(2).await?.ok_or("gone")?.open);
    Ok(())
}

#[tokio::test]
async fn a_panic_is_one_caller_s_failure() -> TestResult {
    let served = served().await?;
    assert_eq!(call(&served, "GET", "panic", &Json::Null).await?.0, 500);
    assert_eq!(
        call(&served, "GET", "status?hour=1", &Json::Null).await?.0,
        200
    );
    Ok(())
}

#[tokio::test]
async fn a_method_can_say_all_of_the_answer() -> TestResult {
    let served = served().await?;
    let response = served
        .client
        .get(format!("{}/api/Shops/file", served.url))
        .send()
        .await?;
    assert_eq!(response.headers()["content-type"], "text/csv");
    assert_eq!(response.text().await?, "a,b\n");
    Ok(())
}

#[tokio::test]
async fn methods_are_documented() -> TestResult {
    let served = served().await?;
    let document = serde_json::to_value(served.application.openapi())?;
    let status = &document["paths"]["/api/Shops/status"]["get"];
    assert_eq!(status["operationId"], "Shop.status");
    assert_eq!(status["summary"], "Is a shop open at this hour?");
    assert_eq!(
        status["description"],
        "Shops sleep at night.\n\nEveryone may call this."
    );
    assert_eq!(status["parameters"][0]["name"], "hour");
    assert_eq!(status["parameters"][0]["required"], true);
    let schema = &status["responses"]["200"]["content"]["application/json"]["schema"];
    assert_eq!(schema["$ref"], "#/components/schemas/Status");

    let close = &document["paths"]["/api/Shops/{id}/close"]["post"];
    assert_eq!(close["operationId"], "Shop.prototype.close");
    let body = &close["requestBody"]["content"]["application/json"]["schema"];
    assert_eq!(body["properties"]["reason"]["type"], "string");
    assert!(
        close["responses"]
            .get("202")
            .is_some_and(|response| response.get("content").is_none())
    );

    let by_name = &document["paths"]["/api/Shops/by-name/{name}"]["get"];
    assert_eq!(by_name["parameters"][0]["in"], "path");
    let answer = &by_name["responses"]["200"]["content"]["application/json"]["schema"];
    assert_eq!(
        answer["properties"]["shops"]["items"]["$ref"],
        "#/components/schemas/Shop"
    );

    let count = &document["paths"]["/api/Shops/count"]["get"];
    assert_eq!(count["operationId"], "Shop.howMany");
    Ok(())
}

//! Methods that are not served, and methods that take the place of others (contract *models.md* §16, *rest.md* §3.2).

use loopwright::Config;
use loopwright::prelude::*;
use loopwright::remoting::Context;
use loopwright_tests::serve::{Served, serve};
use reqwest::Method;
use serde_json::{Value as Json, json};

type TestResult<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

/// A car that is only looked at.
#[derive(Model, Clone, Debug, Default)]
#[model(disable(
    update_all,
    delete_by_id,
    exists,
    create_change_stream,
    __delete__wheels,
    __count__old,
    scrap
))]
#[acl(open)]
struct Car {
    #[model(id, generated)]
    id: i64,
    name: String,
    #[relation(has_many)]
    wheels: HasMany<Wheel>,
}

#[loopwright::methods]
impl Car {
    #[scope]
    fn old() -> Filter {
        Filter::matching(Car::NAME.eq("Horch"))
    }

    #[remote(post = "/scrap")]
    fn scrap() -> Result<()> {
        Ok(())
    }

    /// Finds the names alone.
    #[remote]
    async fn find(cx: &Context) -> Result<Vec<String>> {
        let cars = cx.repository::<Car>()?.find().all().await?;
        Ok(cars.into_iter().map(|car| car.name).collect())
    }

    /// Greets instead.
    #[remote(get = "/hello", name = "count")]
    fn hello() -> Result<String> {
        Ok("hello".into())
    }
}

/// One of its wheels; who may do what, is said by the kind of access.
#[derive(Model, Clone, Debug, Default)]
#[model(replace_on_put)]
#[acl(allow(read, upsert, replace_by_id, replace_or_create, update_attributes), to = everyone)]
struct Wheel {
    #[model(id, generated)]
    id: i64,
    size: Option<i32>,
    rim: Option<String>,
    car_id: Option<i64>,
}

#[loopwright::methods]
impl Wheel {
    /// It writes, as the method does whose place it takes: nobody may.
    #[remote(get = "/make", name = "create")]
    fn make() -> Result<()> {
        Ok(())
    }
}

async fn served() -> TestResult<Served> {
    let app = App::new().config(Config::default());
    let app = app.data_source("db", "memory:");
    serve(app.models::<(Car, Wheel)>()).await
}

/// The answer to a request, which has this status.
async fn ask(
    served: &Served,
    status: u16,
    method: Method,
    path: &str,
    body: Json,
) -> TestResult<Json> {
    let url = format!("{}/api{path}", served.url);
    let request = served.client.request(method, url).json(&body);
    let answer = request.send().await?;
    let (actual, text) = (answer.status(), answer.text().await?);
    assert_eq!(actual, status, "{path}: {text}");
    Ok(serde_json::from_str(&text).unwrap_or_default())
}

#[tokio::test]
async fn what_is_disabled_is_no_method() -> TestResult {
    let served = served().await?;
    ask(&served, 200, Method::POST, "/Cars", json!({"name": "Audi"})).await?;
    let none = ask(&served, 404, Method::DELETE, "/Cars/1", json!(null)).await?;
    let message = "Shared class  \"Car\" has no method handling DELETE /1";
    assert_eq!(none["error"]["message"], message);
    for (method, path) in [
        (Method::POST, "/Cars/update?where=%7B%7D"),
        (Method::GET, "/Cars/1/exists"),
        (Method::DELETE, "/Cars/1/wheels"),
        (Method::GET, "/Cars/old/count"),
        (Method::POST, "/Cars/scrap"),
    ] {
        ask(&served, 404, method, path, json!({})).await?;
    }
    // The route for the id takes what the stream's route does not.
    ask(
        &served,
        404,
        Method::GET,
        "/Cars/change-stream",
        json!(null),
    )
    .await?;
    // HEAD falls to GET.
    ask(&served, 200, Method::HEAD, "/Cars/1", json!(null)).await?;
    ask(&served, 200, Method::GET, "/Cars/1/wheels", json!(null)).await?;
    // Rust is not asked.
    let cars = served.application.repository::<Car>()?;
    assert!(cars.delete_by_id(1).await?);

    let document: Json = served
        .client
        .get(format!("{}/openapi.json", served.url))
        .send()
        .await?
        .json()
        .await?;
    let text = document["paths"].to_string();
    for gone in [
        "Car.updateAll",
        "Car.deleteById",
        "Car.exists",
        "createChangeStream__get_Cars",
        "__delete__wheels",
        "Car.scrap",
    ] {
        assert!(!text.contains(&format!("\"{gone}\"")), "{gone}");
    }
    assert!(
        text.contains("__get__wheels") && text.contains("Car.create\""),
        "{text}"
    );
    Ok(())
}

#[tokio::test]
async fn a_method_takes_the_place_of_another() -> TestResult {
    let served = served().await?;
    ask(&served, 200, Method::POST, "/Cars", json!({"name": "Audi"})).await?;
    let names = ask(&served, 200, Method::GET, "/Cars", json!(null)).await?;
    assert_eq!(names, json!(["Audi"]), "at the place of the other");
    let hello = ask(&served, 200, Method::GET, "/Cars/hello", json!(null)).await?;
    assert_eq!(hello, "hello");
    ask(&served, 404, Method::GET, "/Cars/count", json!(null)).await?;
    let refused = ask(&served, 401, Method::GET, "/Wheels/make", json!(null)).await?;
    assert_eq!(refused["error"]["code"], "AUTHORIZATION_REQUIRED");
    Ok(())
}

#[tokio::test]
async fn put_replaces_where_that_is_said() -> TestResult {
    let served = served().await?;
    let wheel = json!({"size": 17, "rim": "steel"});
    let made = ask(&served, 200, Method::PUT, "/Wheels", wheel).await?;
    assert_eq!(made["rim"], "steel");
    let path = format!("/Wheels/{}", made["id"]);
    let changed = ask(&served, 200, Method::PATCH, &path, json!({"size": 18})).await?;
    assert_eq!(
        (&changed["size"], &changed["rim"]),
        (&json!(18), &json!("steel"))
    );
    let replaced = ask(&served, 200, Method::PUT, &path, json!({"size": 19})).await?;
    assert_eq!(
        (&replaced["size"], &replaced["rim"]),
        (&json!(19), &Json::Null)
    );
    let whole = json!({"id": made["id"], "rim": "alloy"});
    let replaced = ask(&served, 200, Method::PUT, "/Wheels", whole).await?;
    assert_eq!(
        (&replaced["size"], &replaced["rim"]),
        (&Json::Null, &json!("alloy"))
    );
    ask(&served, 404, Method::PUT, "/Wheels/99", json!({"size": 1})).await?;
    Ok(())
}

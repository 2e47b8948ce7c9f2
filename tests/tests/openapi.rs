//! The OpenAPI document of running applications: what it says happens, and others can read it.

use axum::Json as JsonBody;
use axum::Router;
use axum::routing::get;
use loopwright::boot::IdempotencyConfig;
use loopwright::builtin::{RoleMapping, User};
use loopwright::prelude::*;
use loopwright::{Config, Property};
use loopwright_tests::models::All;
use loopwright_tests::relations;
use loopwright_tests::serve::{Served, serve};
use loopwright_tests::{check_document, check_explorer_login};
use serde::Serialize;
use serde_json::{Value as Json, json};
use utoipa::{OpenApi, ToSchema};

type TestResult = std::result::Result<(), Box<dyn std::error::Error>>;

/// How large it is.
#[derive(Clone, Copy, Debug, PartialEq, Property)]
#[property(rename_all = "kebab-case")]
enum Size {
    Small,
    ExtraLarge,
}

/// Where it stands.
#[derive(Clone, Debug, PartialEq, Property)]
struct Place {
    shelf: String,
    row: Option<u8>,
}

/// A thing with a property of every type.
#[derive(Model, Clone, Debug)]
#[acl(open)]
struct Thing {
    #[model(id, generated)]
    id: Uuid,
    name: String,
    sold: bool,
    amount: u32,
    weight: f64,
    price: Decimal,
    built: DateTime<Utc>,
    day: NaiveDate,
    serial: Uuid,
    maker: Option<ObjectId>,
    image: Vec<u8>,
    position: GeoPoint,
    extra: Json,
    tags: Vec<String>,
    size: Size,
    place: Place,
    places: Option<Vec<Place>>,
}

/// What the kitchen has.
#[derive(Serialize, ToSchema)]
struct Dish {
    name: String,
}

/// Another error than the framework's.
#[derive(Serialize, ToSchema)]
struct Error {
    reason: String,
}

/// Today's menu.
#[utoipa::path(
    get,
    path = "/menu",
    tag = "Menu",
    responses(
        (status = 200, description = "The dishes.", body = Vec<Dish>),
        (status = 404, description = "The kitchen is closed.", body = Error),
    )
)]
async fn menu() -> JsonBody<Vec<Dish>> {
    JsonBody(vec![Dish {
        name: "Soup".into(),
    }])
}

#[derive(OpenApi)]
#[openapi(paths(menu), tags((name = "Menu", description = "What there is to eat.")))]
struct Own;

async fn served() -> std::result::Result<Served, Box<dyn std::error::Error>> {
    let app = App::new()
        .config(Config::default())
        .data_source("db", "sqlite::memory:")
        .models::<All>()
        .models::<(Thing,)>()
        .routes(Router::new().route("/menu", get(menu)))
        .openapi(Own::openapi());
    serve(app).await
}

async fn document(served: &Served) -> std::result::Result<Json, Box<dyn std::error::Error>> {
    let response = served.client.get(format!("{}/openapi.json", served.url));
    Ok(response.send().await?.error_for_status()?.json().await?)
}

/// Path, verb and operation of everything that is documented.
fn operations(document: &Json) -> Vec<(&String, &String, &Json)> {
    let paths = document["paths"].as_object().into_iter().flatten();
    paths
        .flat_map(|(path, item)| {
            let operations = item.as_object().into_iter().flatten();
            operations.map(move |(verb, operation)| (path, verb, operation))
        })
        .collect()
}

#[tokio::test]
async fn routes_of_ones_own_are_served_and_documented() -> TestResult {
    let served = served().await?;
    let menu = served
        .client
        .get(format!("{}/menu", served.url))
        .send()
        .await?;
    assert_eq!(menu.json::<Json>().await?, json!([{"name": "Soup"}]));
    let document = document(&served).await?;
    let operation = &document["paths"]["/menu"]["get"];
    assert_eq!(operation["tags"], json!(["Menu"]));
    let schema = &operation["responses"]["200"]["content"]["application/json"]["schema"];
    assert_eq!(schema["items"]["$ref"], "#/components/schemas/Dish");
    let error = &operation["responses"]["404"]["content"]["application/json"]["schema"]["$ref"];
    let error = error.as_str().ok_or("no error")?;
    let error = document
        .pointer(&error[1..])
        .ok_or("a dangling reference")?;
    assert!(error["properties"]["reason"].is_object(), "{error}");
    let tags = document["tags"].as_array().ok_or("no tags")?;
    assert_eq!(
        tags.last(),
        Some(&json!({"name": "Menu", "description": "What there is to eat."}))
    );
    Ok(())
}

#[tokio::test]
async fn validators_are_content_with_every_type_and_routes_of_ones_own() -> TestResult {
    let served = served().await?;
    let document = document(&served).await?;
    check_document(&document.to_string()).await?;
    Ok(())
}

/// What links and what leads to several models has a description too.
#[tokio::test]
async fn validators_are_content_with_every_relation() -> TestResult {
    let app = App::new()
        .config(Config::default())
        .data_source("db", "sqlite::memory:")
        .models::<relations::All>();
    let served = serve(app).await?;
    let document = document(&served).await?;
    check_document(&document.to_string()).await?;
    let paths = &document["paths"];
    let link = &paths["/api/Physicians/{id}/patients/rel/{fk}"]["put"];
    let schema = |part: &Json| part["content"]["application/json"]["schema"]["$ref"].clone();
    assert_eq!(link["operationId"], "Physician.prototype.__link__patients");
    assert_eq!(
        schema(&link["responses"]["200"]),
        "#/components/schemas/Appointment"
    );
    let body = &document["components"]["schemas"]["NewAppointmentInPhysician"]["properties"];
    assert_eq!(
        schema(&link["requestBody"]),
        "#/components/schemas/NewAppointmentInPhysician"
    );
    assert_eq!(
        body.as_object().map(|body| body.keys().collect::<Vec<_>>()),
        Some(vec![&"date".to_owned()])
    );
    let count = &paths["/api/Physicians/{id}/patients/count"]["get"]["parameters"];
    assert!(count.to_string().contains("AppointmentWhere"), "{count}");
    assert_eq!(
        paths["/api/Pictures/{id}/in-portfolios-of"]["get"]["operationId"],
        "Picture.prototype.__get__employees"
    );
    let any = &paths["/api/Pictures/{id}/imageable"]["get"]["responses"]["200"]["content"];
    assert_eq!(
        any["application/json"]["schema"]["type"],
        json!(["object", "null"])
    );
    Ok(())
}

#[tokio::test]
async fn every_documented_operation_is_one_that_the_server_has() -> TestResult {
    let served = served().await?;
    let document = document(&served).await?;
    let mut asked = 0;
    for (path, verb, _) in operations(&document) {
        let url = format!(
            "{}{}",
            served.url,
            path.replace("{id}", "1").replace("{fk}", "1")
        );
        let verb = verb.to_uppercase().parse()?;
        let response = served.client.request(verb, url).send().await?;
        let kind = response.headers().get("content-type").cloned();
        if kind.is_some_and(|kind| kind == "text/event-stream") {
            continue;
        }
        let said = response.text().await?;
        assert!(!said.contains("no method"), "{path}: {said}");
        asked += 1;
    }
    assert!(asked > 100, "{asked}");
    Ok(())
}

#[tokio::test]
async fn examples_can_be_sent_as_they_stand() -> TestResult {
    let served = served().await?;
    let document = document(&served).await?;
    for model in ["Cars", "Customers", "Orders", "Profiles", "Things"] {
        let path = format!("/api/{model}");
        let example = &document["paths"][&path]["post"]["requestBody"]["content"]["application/json"]
            ["example"];
        let url = format!("{}{path}", served.url);
        let response = served.client.post(&url).json(example).send().await?;
        let status = response.status();
        assert_eq!(status, 200, "{model} {example}: {}", response.text().await?);
        let parameters = &document["paths"][&path]["get"]["parameters"];
        let filter = &parameters[0]["content"]["application/json"]["example"];
        let found = served
            .client
            .get(&url)
            .query(&[("filter", filter.to_string())]);
        let found: Json = found.send().await?.error_for_status()?.json().await?;
        assert_eq!(
            found.as_array().map(Vec::len),
            Some(1),
            "{model} {filter}: {found}"
        );
    }
    Ok(())
}

/// What is counted.
#[derive(Model, Clone, Debug)]
#[acl(open)]
struct Counted {
    #[model(id, generated)]
    id: i64,
    name: Option<String>,
    #[model(version(required))]
    version: i64,
}

#[tokio::test]
async fn what_goes_beyond_loopback_is_said() -> TestResult {
    let mut config = Config::default();
    config.idempotency = Some(IdempotencyConfig::new("db"));
    let app = App::new().config(config).data_source("db", "memory:");
    let served = serve(app.models::<(Counted,)>()).await?;
    let document = document(&served).await?;
    let parameters = |operation: &Json| {
        let parameters = operation["parameters"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let names = parameters
            .iter()
            .filter_map(|parameter| parameter["name"].as_str());
        names.map(str::to_owned).collect::<Vec<_>>()
    };
    let (many, one) = (
        &document["paths"]["/api/Counteds"],
        &document["paths"]["/api/Counteds/{id}"],
    );
    assert_eq!(
        parameters(&many["get"]),
        ["filter", "after", "before", "count"]
    );
    assert_eq!(parameters(&many["post"]), ["atomic", "Idempotency-Key"]);
    assert_eq!(parameters(&one["patch"]), ["id", "If-Match"]);
    let headers = |operation: &Json| {
        let headers = operation["responses"]["200"]["headers"].as_object();
        headers
            .map(|headers| headers.keys().cloned().collect::<Vec<_>>())
            .unwrap_or_default()
    };
    assert_eq!(headers(&many["get"]), ["Link", "X-Total-Count"]);
    assert_eq!(headers(&one["patch"]), ["ETag"]);
    for (operation, status) in [
        (&one["patch"], "412"),
        (&one["patch"], "428"),
        (&many["put"], "428"),
    ] {
        assert!(operation["responses"][status].is_object(), "{status}");
    }
    let failure = &document["components"]["responses"]["NotFound"]["content"];
    assert!(failure["application/problem+json"].is_object(), "{failure}");
    check_document(&document.to_string()).await?;
    Ok(())
}

/// Somebody who buys.
#[derive(Model, Clone, Debug)]
struct Customer {
    #[model(base)]
    user: User,
    #[relation(has_many)]
    orders: HasMany<Order>,
}

/// What somebody has ordered.
#[derive(Model, Clone, Debug, Default)]
#[acl(allow(create), to = authenticated)]
#[acl(allow(read, write), to = owner)]
#[acl(allow(all), to = role("clerk"))]
#[acl(deny(__get__customer), to = everyone)]
struct Order {
    #[model(id, generated)]
    id: i64,
    customer_id: i64,
    #[relation(belongs_to)]
    customer: BelongsTo<Customer>,
}

/// What is for sale.
#[derive(Model, Clone, Debug)]
#[acl(allow(read), to = everyone)]
struct Product {
    #[model(id, generated)]
    id: i64,
}

async fn shop() -> std::result::Result<(Served, Customer), Box<dyn std::error::Error>> {
    let app = App::new()
        .config(Config::default())
        .data_source("db", "memory:")
        .models::<(Customer, Order, Product)>()
        .routes(Router::new().route("/menu", get(menu)))
        .openapi(Own::openapi());
    let served = serve(app).await?;
    let ann = Customer {
        user: User::new("ann@bar.com", "secret"),
        orders: HasMany::default(),
    };
    let ann = served.application.repository()?.create(ann).await?;
    Ok((served, ann))
}

/// The operations that the document for `caller` has, by verb and path.
async fn callable(
    served: &Served,
    caller: &str,
) -> std::result::Result<Vec<String>, Box<dyn std::error::Error>> {
    let url = format!("{}/openapi.json{caller}", served.url);
    let document = served.client.get(url).send().await?.error_for_status()?;
    let document: Json = document.json().await?;
    let operations = operations(&document).into_iter();
    let operations = operations.map(|(path, verb, _)| format!("{} {path}", verb.to_uppercase()));
    Ok(operations.collect())
}

/// Is the request refused by the access rules?
async fn is_refused(
    served: &Served,
    token: &str,
    request: &str,
) -> std::result::Result<bool, Box<dyn std::error::Error>> {
    let (verb, path) = request.split_once(' ').ok_or("no verb")?;
    let url = format!("{}{path}", served.url);
    let mut request = served.client.request(verb.parse()?, url);
    if !token.is_empty() {
        request = request.header("authorization", token);
    }
    if verb.starts_with('P') {
        request = request.json(&json!({}));
    }
    let answer = request.send().await?;
    // What is let in may be a stream that never ends; and HEAD is answered without a reason.
    if answer.status() != 401 || verb == "HEAD" {
        return Ok(answer.status() == 401);
    }
    let answer: Json = answer.json().await?;
    Ok(answer["error"]["code"] == "AUTHORIZATION_REQUIRED")
}

/// What is in the document for some callers they are let in to, and to nothing else.
#[tokio::test]
async fn a_document_for_some_callers_is_what_they_may_call() -> TestResult {
    let (served, ann) = shop().await?;
    let application = &served.application;
    let order = Order {
        customer_id: ann.user.id,
        ..Order::default()
    };
    let own = application.repository::<Order>()?.create(order).await?;
    let bob = Customer {
        user: User::new("bob@bar.com", "secret"),
        ..ann.clone()
    };
    let bob = application.repository::<Customer>()?.create(bob).await?;
    served
        .grant("clerk", RoleMapping::OF_USER, bob.user.id)
        .await?;

    let hers = [ann.user.id.to_string(), own.id.to_string()];
    let hers = [hers[0].as_str(), hers[1].as_str()];
    let all = callable(&served, "").await?;
    let anonymous = served.anonymous();
    let ann = served.log_in("Customers", "ann@bar.com").await?;
    let bob = served.log_in("Customers", "bob@bar.com").await?;
    let others = ["999", "999"];
    for (name, caller, [customer, order]) in [
        ("everyone", &anonymous, others),
        ("authenticated", &ann, others),
        ("owner", &ann, hers),
        ("clerk", &bob, others),
        ("role:clerk", &bob, others),
    ] {
        let documented = callable(&served, &format!("?as={name}")).await?;
        assert!(documented.contains(&"GET /menu".to_owned()));
        let mut asked = 0;
        for operation in &all {
            // These take the token or the instance away that the rest is asked with.
            if operation.ends_with("/logout") || operation.starts_with("DELETE") && name == "owner"
            {
                continue;
            }
            let id = match operation.contains("/Customers") {
                true => customer,
                false => order,
            };
            let request = operation.replace("{id}", id).replace("{fk}", order);
            let refused = is_refused(&served, caller.token(), &request).await?;
            assert_eq!(
                documented.contains(operation),
                !refused,
                "{name}: {request}"
            );
            asked += 1;
        }
        assert!(asked > 50, "{asked}");
    }
    Ok(())
}

#[tokio::test]
async fn a_caller_whom_no_rule_knows_has_no_document() -> TestResult {
    let (served, _) = shop().await?;
    let url = format!("{}/openapi.json", served.url);
    let answer = served.client.get(format!("{url}?as=clark")).send().await?;
    assert_eq!(answer.status(), 400);
    let message = "no rule knows the caller `clark`; `as` is one of everyone, authenticated, owner, related, clerk";
    let error = json!({"name": "Error", "status": 400, "message": message, "statusCode": 400, "code": "UNKNOWN_CALLER"});
    assert_eq!(answer.json::<Json>().await?, json!({ "error": error }));

    // What nobody may call has no place in it, and validators are content with the rest.
    let answer = served
        .client
        .get(format!("{url}?as=everyone"))
        .send()
        .await?;
    let document: Json = answer.error_for_status()?.json().await?;
    let tags = document["tags"].as_array().ok_or("no tags")?;
    let tags: Vec<_> = tags.iter().filter_map(|tag| tag["name"].as_str()).collect();
    assert_eq!(tags, ["Customer", "Product", "Menu"]);
    check_document(&document.to_string()).await?;
    Ok(())
}

#[tokio::test]
async fn one_logs_in_through_the_explorer() -> TestResult {
    let (served, ann) = shop().await?;
    let folder = tempfile::tempdir()?;
    let login = json!({
        "path": "/api/Customers/login",
        "credentials": {"email": "ann@bar.com", "password": "secret"},
        "closed": "/api/Customers/{id}",
        "id": ann.user.id,
    });
    let picture = folder.path().join("login.png");
    let url = format!("{}/explorer/", served.url);
    check_explorer_login(&url, &picture, &login.to_string()).await?;
    Ok(())
}

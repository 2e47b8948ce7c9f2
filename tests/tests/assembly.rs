//! Applications as they are put together.

use axum::Router;
use axum::routing::get;
use loopwright::Config;
use loopwright::prelude::*;
use loopwright_tests::models::{Car, Customer, Order, Profile};
use loopwright_tests::serve::serve;

type TestResult = std::result::Result<(), Box<dyn std::error::Error>>;

/// Served where cars are.
#[derive(Model, Clone, Default)]
#[acl(open)]
#[model(path = "cars")]
struct Tram {
    #[model(id)]
    id: i64,
}

/// Kept where cars are.
#[derive(Model, Clone, Default)]
#[acl(open)]
#[model(table = "car")]
struct Bus {
    #[model(id)]
    id: i64,
}

fn app() -> App {
    App::new()
        .config(Config::default())
        .data_source("db", "sqlite::memory:")
        .models::<(Car,)>()
}

#[tokio::test]
async fn models_of_two_lists_need_places_of_their_own() -> TestResult {
    for (app, place) in [
        (app().models::<(Tram,)>(), "/cars"),
        (app().models::<(Bus,)>(), "table `car`"),
    ] {
        let error = app.build().await.err().ok_or("it starts")?.to_string();
        assert!(error.contains("`Car`") && error.contains(place), "{error}");
    }
    let many = app().models::<(Customer,)>().models::<(Order, Profile)>();
    many.build().await?;
    Ok(())
}

#[tokio::test]
async fn routes_of_ones_own_win_and_never_stop_the_start() -> TestResult {
    let routes = Router::new()
        .route("/openapi.json", get(|| async { "mine" }))
        .route("/explorer", get(|| async { "mine too" }))
        .route("/api/Cars/count", get(|| async { "counted" }));
    let served = serve(app().routes(routes)).await?;
    for (path, expected) in [
        ("/openapi.json", "mine"),
        ("/explorer", "mine too"),
        ("/api/Cars/count", "counted"),
        ("/api/Cars", "[]"),
    ] {
        let answer = served.client.get(format!("{}{path}", served.url));
        assert_eq!(answer.send().await?.text().await?, expected, "{path}");
    }
    Ok(())
}

#[tokio::test]
async fn another_verb_is_404_everywhere() -> TestResult {
    let served = serve(app()).await?;
    for path in ["/openapi.json", "/api/Cars/1/nothing", "/nothing"] {
        let answer = served.client.post(format!("{}{path}", served.url));
        let answer = answer.send().await?;
        assert_eq!(answer.status(), 404, "{path}");
        let body: serde_json::Value = answer.json().await?;
        assert_eq!(body["error"]["statusCode"], 404, "{path}");
    }
    Ok(())
}

//! Models attached to data sources by configuration, and the program's command line.

use std::error::Error;

use loopwright::connectors::memory::MemoryConnector;
use loopwright::connectors::sql::{SqlConnector, SqlOptions};
use loopwright::prelude::*;
use loopwright_tests::serve::serve;
use serde_json::json;

#[derive(Model)]
#[acl(open)]
struct Shop {
    #[model(id, generated)]
    id: i64,
    name: String,

    #[relation(has_many)]
    visits: HasMany<Visit>,
}

#[derive(Model)]
#[acl(open)]
struct Visit {
    #[model(id, generated)]
    id: i64,
    shop_id: i64,

    #[relation(belongs_to)]
    shop: BelongsTo<Shop>,
}

fn app() -> App {
    App::new()
        .config(loopwright::Config::default())
        .data_source("db", "sqlite::memory:")
        .data_source("log", "memory:")
        .models::<(Shop, Visit)>()
}

#[tokio::test]
async fn models_live_in_different_data_sources_and_include_each_other() -> Result<(), Box<dyn Error>>
{
    let served = serve(app().attach::<Visit>("log")).await?;
    let shop = json!({ "name": "Bel Café" });
    let client = &served.client;
    client
        .post(format!("{}/api/Shops", served.url))
        .json(&shop)
        .send()
        .await?
        .error_for_status()?;
    let visits = format!("{}/api/Shops/1/visits", served.url);
    client
        .post(&visits)
        .json(&json!({}))
        .send()
        .await?
        .error_for_status()?;
    let found: serde_json::Value = client
        .get(format!("{}/api/Shops?filter[include]=visits", served.url))
        .send()
        .await?
        .json()
        .await?;
    let expected = json!([{ "id": 1, "name": "Bel Café", "visits": [{ "id": 1, "shopId": 1 }] }]);
    assert_eq!(found, expected);
    // Each is where it belongs, and nowhere else.
    let log = served.application.connector::<MemoryConnector>("log")?;
    assert_eq!(
        loopwright::connectors::Operations::count(log, Visit::DEF, &Condition::ALL).await?,
        1
    );
    assert!(loopwright::connectors::Operations::count(log, Shop::DEF, &Condition::ALL).await? == 0);
    Ok(())
}

#[tokio::test]
async fn configuration_that_names_what_is_not_there_ends_the_start() {
    for (app, words) in [
        (
            app().attach::<Visit>("logs"),
            "there is no data source \"logs\"; the application has \"db\", \"log\"",
        ),
        (
            App::new()
                .config(loopwright::Config::default())
                .data_source("db", "memory:")
                .attach::<Visit>("db"),
            "the configuration speaks of the model `Visit`, which the application does not list",
        ),
    ] {
        let refused = app
            .build()
            .await
            .map(drop)
            .map_err(|error| error.to_string());
        assert_eq!(refused, Err(words.to_owned()));
    }
}

#[tokio::test]
async fn a_transaction_belongs_to_one_data_source() -> Result<(), Box<dyn Error>> {
    let application = app().attach::<Visit>("log").build().await?;
    let transaction = application.transaction_in("log")?.begin().await?;
    transaction
        .repository::<Visit>()?
        .create(Visit {
            id: 0,
            shop_id: 1,
            shop: BelongsTo::default(),
        })
        .await?;
    assert!(transaction.repository::<Shop>().is_err());
    transaction.rollback().await?;
    assert_eq!(
        application
            .repository::<Visit>()?
            .count(Condition::ALL)
            .await?,
        0
    );
    assert!(application.transaction_in("logs").is_err());
    Ok(())
}

mod later {
    use loopwright::prelude::*;

    #[derive(Model)]
    #[acl(open)]
    pub struct Shop {
        #[model(id, generated)]
        pub id: i64,
        pub city: Option<String>,
        pub name: String,
    }
}

#[tokio::test]
async fn applications_over_one_connector_may_have_models_of_one_name() -> Result<(), Box<dyn Error>>
{
    let sql = SqlConnector::connect("sqlite::memory:", SqlOptions::new()).await?;
    let with = || App::new().config(loopwright::Config::default());
    let app = with().connector("db", sql.clone());
    let earlier = app.models::<(Shop, Visit)>().build().await?;
    let shops = earlier.repository::<Shop>()?;
    let shop = Shop {
        id: 0,
        name: "Bel Café".to_owned(),
        visits: HasMany::default(),
    };
    let id = shops.create(shop).await?.id;
    assert!(shops.find_by_id(id).await?.is_some());
    let app = with().connector("db", sql);
    let later = app.models::<(later::Shop,)>().build().await?;
    let found = later.repository::<later::Shop>()?.find_by_id(id).await?;
    let found = found.ok_or("there is none")?;
    assert_eq!((found.name.as_str(), found.city), ("Bel Café", None));
    Ok(())
}

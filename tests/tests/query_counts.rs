//! How many statements a request costs: as many for a hundred rows as for one.

use std::error::Error;
use std::sync::{Arc, Mutex};

use loopwright::connectors::sql::sea_orm::Statement;
use loopwright::connectors::sql::{Answer, SqlConnector, StatementObserver};
use loopwright::{App, Config};
use loopwright_tests::models::All;
use loopwright_tests::relations;
use loopwright_tests::serve::{Served, serve};
use loopwright_tests::{mysql_url, postgres_url, sqlite_url};
use serde_json::{Value as Json, json};

type TestResult = Result<(), Box<dyn Error>>;

/// Writes down each statement that the database has answered.
#[derive(Clone, Default)]
struct Statements(Arc<Mutex<Vec<String>>>);

#[async_trait::async_trait]
impl StatementObserver for Statements {
    async fn after_execute(&self, statement: &Statement, _: &Answer) {
        if let Ok(mut texts) = self.0.lock() {
            texts.push(statement.to_string());
        }
    }
}

impl Statements {
    fn take(&self) -> Vec<String> {
        self.0
            .lock()
            .map(|mut texts| std::mem::take(&mut *texts))
            .unwrap_or_default()
    }
}

async fn post(served: &Served, path: &str, body: Json) -> TestResult {
    let request = served.client.post(format!("{}/api/{path}", served.url));
    let response = request.json(&body).send().await?;
    assert_eq!(response.status(), 200, "{}", response.text().await?);
    Ok(())
}

/// The customers with these ids, each with three orders and a profile.
async fn customers(served: &Served, ids: std::ops::RangeInclusive<u32>) -> TestResult {
    let customers = ids
        .clone()
        .map(|id| json!({"id": id, "name": format!("customer {id}")}));
    post(served, "Customers", customers.collect()).await?;
    let three = ids.clone().flat_map(|id| [id, id, id]);
    let orders = three.map(|id| json!({"item": "Tea", "customerId": id}));
    post(served, "Orders", orders.collect()).await?;
    let profiles = ids.map(|id| json!({"likes": "Tea", "customerId": id}));
    post(served, "Profiles", profiles.collect()).await
}

/// What a request costs, whatever the number of rows.
const COSTS: &[(&str, usize)] = &[
    ("Customers", 1),
    ("Customers?filter={\"include\":\"orders\"}", 2),
    ("Customers?filter={\"include\":\"profile\"}", 2),
    ("Customers?filter={\"include\":[\"orders\",\"profile\"]}", 3),
    (
        "Customers?filter={\"include\":{\"orders\":\"customer\"}}",
        3,
    ),
    (
        "Customers?filter={\"include\":[{\"orders\":{\"customer\":\"profile\"}},\"profile\"]}",
        5,
    ),
    (
        "Customers?filter={\"include\":{\"relation\":\"orders\",\"scope\":{\"where\":{\"item\":\"Tea\"},\"order\":\"id DESC\",\"limit\":50}}}",
        2,
    ),
    (
        "Customers?filter={\"fields\":[\"name\"],\"include\":\"orders\"}",
        2,
    ),
    ("Orders?filter={\"include\":\"customer\"}", 2),
    (
        "Orders?filter={\"include\":{\"customer\":[\"orders\",\"profile\"]}}",
        4,
    ),
    (
        "Orders?filter={\"include\":\"customer\",\"where\":{\"item\":\"nothing\"}}",
        1,
    ),
    ("Orders?filter={\"include\":[\"customer\",\"customer\"]}", 2),
    ("Customers/1?filter={\"include\":\"orders\"}", 2),
    ("Customers/findOne?filter={\"include\":\"orders\"}", 2),
    ("Customers/1/orders", 2),
    ("Customers/1/orders?filter={\"include\":\"customer\"}", 3),
    ("Customers/count", 1),
    ("Customers/1/exists", 1),
];

async fn an_include_costs_one_statement_for_each_level(database: &str) -> TestResult {
    let app = App::new()
        .config(Config::default())
        .data_source("db", database);
    let served = serve(app.models::<All>()).await?;
    let statements = Statements::default();
    let sql = served.application.connector::<SqlConnector>("db")?;
    sql.observe(statements.clone());
    for ids in [1..=1, 2..=100] {
        let rows = *ids.end();
        customers(&served, ids).await?;
        for (path, cost) in COSTS {
            statements.take();
            let url = format!("{}/api/{path}", served.url);
            let response = served.client.get(url).send().await?;
            assert_eq!(response.status(), 200, "{path}");
            let said = statements.take();
            assert_eq!(said.len(), *cost, "{path} with {rows} customers: {said:#?}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn rules_that_are_rows_are_asked_for_once_per_model() -> TestResult {
    let database = sqlite_url();
    let app = App::new()
        .config(Config::default())
        .data_source("db", &*database);
    let app = app.models::<All>().models::<(loopwright::builtin::Acl,)>();
    let served = serve(app).await?;
    customers(&served, 1..=3).await?;
    let statements = Statements::default();
    let sql = served.application.connector::<SqlConnector>("db")?;
    sql.observe(statements.clone());
    let path = "Customers?filter={\"include\":[{\"orders\":{\"customer\":[\"orders\",\"profile\"]}},\"profile\"]}";
    let url = format!("{}/api/{path}", served.url);
    let response = served.client.get(url).send().await?;
    assert_eq!(response.status(), 200);
    let said = statements.take();
    let asked = said.iter().filter(|one| one.contains("principal"));
    // Of customers, orders and profiles.
    assert_eq!(asked.count(), 3, "{said:#?}");
    Ok(())
}

/// As [`COSTS`], of relations through other models and to any model.
const COSTS_BETWEEN: &[(&str, usize)] = &[
    // The links, and what they lead to.
    ("Physicians?filter={\"include\":\"patients\"}", 3),
    (
        "Physicians?filter={\"include\":{\"patients\":\"physicians\"}}",
        5,
    ),
    ("Assemblies?filter={\"include\":\"parts\"}", 3),
    // One for each model that there is.
    ("Pictures?filter={\"include\":\"imageable\"}", 3),
    ("Employees?filter={\"include\":\"pictures\"}", 2),
    (
        "Employees?filter={\"include\":[\"portfolio\",{\"relation\":\"pictures\",\"limitEach\":1}]}",
        4,
    ),
    // The owner, the links, and what they lead to.
    ("Physicians/1/patients", 3),
    ("Physicians/1/patients/count", 2),
    ("Books/1/pages/1/notes", 3),
];

async fn what_is_between_costs_one_statement_more(url: &str) -> TestResult {
    let app = App::new().config(Config::default()).data_source("db", url);
    let served = serve(app.models::<relations::All>()).await?;
    let statements = Statements::default();
    let sql = served.application.connector::<SqlConnector>("db")?;
    sql.observe(statements.clone());
    post(&served, "Books", json!([{"name": "A"}])).await?;
    post(&served, "Books/1/pages", json!([{}])).await?;
    for rows in [1..=1, 2..=40] {
        for id in rows.clone() {
            post(&served, "Physicians", json!({"name": "Ann"})).await?;
            post(&served, "Employees", json!({"name": "Ann"})).await?;
            post(&served, "Products", json!({"name": "Tea"})).await?;
            post(&served, "Assemblies", json!({"name": "Car"})).await?;
            post(
                &served,
                &format!("Physicians/{id}/patients"),
                json!({"name": "Zoe"}),
            )
            .await?;
            post(
                &served,
                &format!("Employees/{id}/pictures"),
                json!([{}, {}]),
            )
            .await?;
            post(&served, &format!("Employees/{id}/portfolio"), json!({})).await?;
            post(&served, &format!("Products/{id}/picture"), json!({})).await?;
            post(
                &served,
                &format!("Assemblies/{id}/parts"),
                json!({"number": id.to_string()}),
            )
            .await?;
        }
        for (path, cost) in COSTS_BETWEEN {
            statements.take();
            let url = format!("{}/api/{path}", served.url);
            let response = served.client.get(url).send().await?;
            assert_eq!(response.status(), 200, "{path}");
            let said = statements.take();
            assert_eq!(
                said.len(),
                *cost,
                "{path} with rows up to {}: {said:#?}",
                rows.end()
            );
        }
    }
    Ok(())
}

#[tokio::test]
async fn of_links_on_sqlite() -> TestResult {
    what_is_between_costs_one_statement_more(&sqlite_url()).await
}

#[tokio::test]
async fn of_links_on_postgres() -> TestResult {
    match postgres_url() {
        Some(url) => what_is_between_costs_one_statement_more(&url).await,
        None => Ok(()),
    }
}

#[tokio::test]
async fn on_sqlite() -> TestResult {
    an_include_costs_one_statement_for_each_level(&sqlite_url()).await
}

#[tokio::test]
async fn on_postgres() -> TestResult {
    match postgres_url() {
        Some(url) => an_include_costs_one_statement_for_each_level(&url).await,
        None => Ok(()),
    }
}

#[tokio::test]
async fn on_mysql() -> TestResult {
    match mysql_url() {
        Some(url) => an_include_costs_one_statement_for_each_level(&url).await,
        None => Ok(()),
    }
}

//! The same as models.

use loopwright::boot::DataSourceConfig;
use loopwright::prelude::*;
use loopwright::{Application, Config};

use crate::POOL;

const CUSTOMERS: i64 = 20;
const ORDERS: i64 = 5;
const ITEMS: i64 = 3;

#[derive(Model, Default)]
#[acl(open)]
pub struct Customer {
    #[model(id, generated)]
    id: i64,
    name: String,
    city: Option<String>,
    since: DateTime<Utc>,
    #[relation(has_many)]
    orders: HasMany<Order>,
}

#[derive(Model, Default)]
#[acl(open)]
pub struct Order {
    #[model(id, generated)]
    id: i64,
    number: String,
    placed: DateTime<Utc>,
    paid: bool,
    #[model(index)]
    customer_id: i64,
    #[relation(has_many)]
    items: HasMany<Item>,
}

#[derive(Model, Default)]
#[acl(open)]
pub struct Item {
    #[model(id, generated)]
    id: i64,
    title: String,
    price: f64,
    amount: i64,
    #[model(index)]
    order_id: i64,
}

pub async fn application(url: &str) -> Result<Application> {
    let mut data_source = DataSourceConfig::new(url);
    data_source.max_connections = Some(POOL);
    let mut config = Config::default();
    config.data_sources.insert("db".to_owned(), data_source);
    let app = App::new()
        .config(config)
        .models::<(Customer, Order, Item)>();
    app.build().await
}

pub async fn fill(application: &Application) -> Result<()> {
    let customers = (1..=CUSTOMERS).map(customer);
    let repository = application.repository::<Customer>()?;
    for customer in customers {
        repository.create_with_related(customer).await?;
    }
    Ok(())
}

fn customer(number: i64) -> Customer {
    let orders: Vec<_> = (1..=ORDERS)
        .map(|order| self::order(number * 10 + order))
        .collect();
    Customer {
        name: format!("Customer number {number}"),
        city: (number % 4 > 0).then(|| "Vancouver".to_owned()),
        since: instant(number),
        orders: orders.into(),
        ..Customer::default()
    }
}

fn order(number: i64) -> Order {
    let items: Vec<_> = (1..=ITEMS)
        .map(|item| self::item(number * 10 + item))
        .collect();
    Order {
        number: format!("2026-{number:06}"),
        placed: instant(number),
        paid: number % 3 > 0,
        items: items.into(),
        ..Order::default()
    }
}

fn item(number: i64) -> Item {
    Item {
        title: format!("Something of use, number {number}"),
        price: number as f64 + 0.5,
        amount: number % 7,
        ..Item::default()
    }
}

/// Never a whole second: both write the milliseconds then.
fn instant(number: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(1_700_000_000_123 + number * 3_600_000).unwrap_or_default()
}

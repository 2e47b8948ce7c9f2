//! The application: three models with rules, a validation and a hook. Everything else is loopwright's.

use chrono::{SubsecRound as _, TimeDelta};
use loopwright::builtin::{AccessToken, Role, RoleMapping, User};
use loopwright::connectors::sql::SqlConnector;
use loopwright::hook::Save;
use loopwright::prelude::*;
use loopwright::{Config, boot::DataSourceConfig};

use crate::request::{CATEGORIES, PRODUCTS, TOKEN};
use crate::{POOL, Result as AnyResult};

#[derive(Model, Clone, Default)]
#[acl(allow(read), to = everyone)]
pub struct Category {
    #[model(id, generated)]
    id: i64,
    name: String,
    #[relation(has_many)]
    products: HasMany<Product>,
}

#[derive(Model, Clone, Default)]
#[acl(allow(read), to = everyone)]
#[acl(allow(create, update_attributes), to = everyone)]
#[acl(allow(all), to = role("editor"))]
pub struct Product {
    #[model(id, generated)]
    id: i64,
    #[validate(length(min = 1, max = 100))]
    name: String,
    description: Option<String>,
    #[validate(range(min = 0.0))]
    price: f64,
    amount: i64,
    active: bool,
    created: DateTime<Utc>,
    updated: Option<DateTime<Utc>>,
    #[model(index)]
    category_id: i64,
}

#[loopwright::methods]
impl Product {
    #[hook(before_save)]
    async fn touch(cx: &mut Save<'_, Self>) -> Result<()> {
        let now = Utc::now().trunc_subsecs(3);
        // As precise as what is answered, and never a whole second, of which the others write no milliseconds.
        let whole = now.timestamp_subsec_millis() == 0;
        let now = now + TimeDelta::milliseconds(whole.into());
        cx.set(Product::UPDATED, Some(now));
        Ok(())
    }
}

/// What editors alone may read.
#[derive(Model, Clone, Default)]
#[acl(allow(read), to = role("editor"))]
pub struct Note {
    #[model(id, generated)]
    id: i64,
    title: String,
    body: String,
    created: DateTime<Utc>,
}

#[derive(Model, Clone)]
pub struct Person {
    #[model(base)]
    user: User,
}

/// The application, which listens where there is room.
pub fn app(url: &str) -> App {
    let mut data_source = DataSourceConfig::new(url);
    data_source.max_connections = Some(POOL);
    let mut config = Config::default();
    config.host = "127.0.0.1".to_owned();
    config.port = 0;
    config.data_sources.insert("db".to_owned(), data_source);
    App::new()
        .config(config)
        .models::<(Category, Product, Note, Person)>()
}

/// Fills the database that all of them ask.
pub async fn fill(url: &str) -> AnyResult<()> {
    let application = app(url).build().await?;
    let categories = (1..=CATEGORIES).map(|number| Category {
        name: format!("Category {number}"),
        ..Category::default()
    });
    application
        .repository::<Category>()?
        .create_all(categories.collect::<Vec<_>>())
        .await?;
    // The products of a category lie apart, as they do where they were not entered one category after the other.
    let products = (1..=PRODUCTS).map(|number| product(number, (number - 1) % CATEGORIES + 1));
    application
        .repository::<Product>()?
        .create_all(products.collect::<Vec<_>>())
        .await?;
    let notes = (1..=PRODUCTS).map(|number| Note {
        title: format!("Note {number}"),
        body: "Nobody else is to know about this, whatever they say.".to_owned(),
        created: instant(number),
        ..Note::default()
    });
    application
        .repository::<Note>()?
        .create_all(notes.collect::<Vec<_>>())
        .await?;
    let person = Person {
        user: User::new("editor@shop.example", "secret"),
    };
    application.repository::<Person>()?.create(person).await?;
    let role = Role {
        name: "editor".to_owned(),
        ..Role::default()
    };
    let role = application.repository::<Role>()?.create(role).await?;
    let mapping = RoleMapping {
        principal_type: Some(RoleMapping::OF_USER.to_owned()),
        principal_id: Some("1".to_owned()),
        role_id: Some(role.id),
        ..RoleMapping::default()
    };
    application
        .repository::<RoleMapping>()?
        .create(mapping)
        .await?;
    let token = AccessToken {
        id: TOKEN.to_owned(),
        user_id: Some(1),
        ..AccessToken::default()
    };
    application
        .repository::<AccessToken>()?
        .create(token)
        .await?;
    // Now, rather than at some time between two rounds.
    let sql = application.connector::<SqlConnector>("db")?;
    sql.execute("ANALYZE", []).await?;
    Ok(())
}

fn product(number: i64, category_id: i64) -> Product {
    Product {
        name: format!("Something of use, number {number}"),
        description: (number % 3 > 0).then(|| {
            "It does what it says, and for longer than one would think at first sight.".to_owned()
        }),
        price: (number % 100) as f64 + 0.5,
        amount: number % 7,
        active: number % 5 > 0,
        created: instant(number),
        category_id,
        ..Product::default()
    }
}

/// Never a whole second: all of them write the milliseconds then.
fn instant(number: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(1_700_000_000_123 + number * 3_600_000).unwrap_or_default()
}

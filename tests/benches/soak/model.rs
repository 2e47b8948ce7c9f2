//! The application that is soaked.

use loopwright::boot::{DataSourceConfig, MetricsConfig};
use loopwright::builtin::User;
use loopwright::prelude::*;
use loopwright::{App, Config};

use crate::PASSWORD;

/// Somebody who logs in.
#[derive(Model)]
struct Member {
    #[model(base)]
    user: User,
}

/// What is written once, and must be there in the end.
#[derive(Model)]
#[acl(open)]
struct Entry {
    #[model(id, generated)]
    id: i64,
    #[model(unique)]
    key: String,
    text: String,
}

#[derive(Model, Default)]
#[acl(open)]
struct Shop {
    #[model(id, generated)]
    id: i64,
    name: String,
    #[relation(has_many)]
    reviews: HasMany<Review>,
}

#[derive(Model, Default)]
#[acl(open)]
struct Review {
    #[model(id, generated)]
    id: i64,
    rating: u8,
    comments: String,
    #[model(index)]
    shop_id: i64,
}

/// Serves until the process is told to end: with the defaults of every limit.
pub async fn serve(url: &str) -> Result<()> {
    let mut config = Config::default();
    config.port = 0;
    config.debug = false;
    config.metrics = Some(MetricsConfig::default());
    let source = DataSourceConfig::new(url);
    config.data_sources.insert("db".into(), source);
    App::new()
        .config(config)
        .models::<(Member, Entry, Shop, Review)>()
        .boot(|app| async move {
            let members = app.repository::<Member>()?;
            if members.count(Condition::ALL).await? > 0 {
                return Ok(());
            }
            let user = User::new("ann@soak.example", PASSWORD);
            members.create(Member { user }).await?;
            let shops = app.repository::<Shop>()?;
            for number in 0..200 {
                shops.create_with_related(shop(number)).await?;
            }
            Ok(())
        })
        .run()
        .await
}

fn shop(number: usize) -> Shop {
    let reviews: Vec<_> = (1..=5)
        .map(|rating| Review {
            rating,
            comments: format!("{rating} of 5. ").repeat(400),
            ..Review::default()
        })
        .collect();
    Shop {
        name: format!("Shop {number}"),
        reviews: reviews.into(),
        ..Shop::default()
    }
}

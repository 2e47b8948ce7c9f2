//! Something to look at, stored at the first start.

use loopwright::prelude::*;

use crate::model::{CoffeeShop, Review, Reviewer};

/// Stores three shops, two reviewers and four reviews, unless there are shops already.
pub async fn load(app: Application) -> Result<()> {
    let shops = app.repository::<CoffeeShop>()?;
    if shops.count(Condition::ALL).await? > 0 {
        return Ok(());
    }
    let shop = |name: &str, city: &str, lat, lng| CoffeeShop {
        name: name.into(),
        city: Some(city.into()),
        location: GeoPoint::new(lat, lng).ok(),
        style: "espresso".into(),
        opened: Utc::now(),
        ..CoffeeShop::default()
    };
    let bel = shops
        .create(shop("Bel Cafe", "Vancouver", 49.2827, -123.1207))
        .await?;
    let three_bees = shops
        .create(shop(
            "Three Bees Coffee House",
            "San Mateo",
            37.563,
            -122.3255,
        ))
        .await?;
    let caffe_artigiano = shops
        .create(shop("Caffe Artigiano", "Vancouver", 49.2845, -123.1116))
        .await?;

    let reviewers = app.repository::<Reviewer>()?;
    let reviewer = |name: &str, email: &str| Reviewer {
        name: name.into(),
        email: email.into(),
        ..Reviewer::default()
    };
    let anna = reviewers
        .create(reviewer("Anna", "anna@example.com"))
        .await?;
    let john = reviewers
        .create(reviewer("John", "john@example.com"))
        .await?;

    let reviews = app.repository::<Review>()?;
    let written = [
        (5, "A very good coffee shop.", &bel, Some(&anna)),
        (5, "Quite pleasant.", &three_bees, Some(&john)),
        (4, "It was ok.", &caffe_artigiano, Some(&anna)),
        (3, "I go here everyday.", &bel, None),
    ];
    for (rating, comments, shop, reviewer) in written {
        let review = Review {
            rating,
            comments: Some(comments.into()),
            date: Utc::now(),
            coffee_shop_id: shop.id,
            reviewer_id: reviewer.map(|reviewer| reviewer.id),
            ..Review::default()
        };
        reviews.create(review).await?;
    }
    Ok(())
}

//! The models. Everything that the application serves is said here.

use loopwright::prelude::*;

/// A coffee shop that people review.
#[derive(Model, Clone, Debug, Default)]
#[acl(allow(read, __create__reviews), to = everyone)]
#[acl(allow(create), to = authenticated)]
#[acl(allow(write), to = role("staff"))]
#[acl(allow(all), to = role("admin"))]
pub struct CoffeeShop {
    /// Identifies the shop.
    #[model(id, generated)]
    pub id: i64,
    /// What the sign over the door says.
    #[model(index)]
    #[validate(length(min = 2, max = 80))]
    pub name: String,
    /// The city, if the shop has settled down.
    #[model(index)]
    pub city: Option<String>,
    /// Where to find it.
    pub location: Option<GeoPoint>,
    /// How the coffee is made.
    #[model(default = "espresso")]
    #[validate(inclusion("espresso", "filter", "both"))]
    pub style: String,
    /// When it opened.
    #[model(default = now)]
    pub opened: DateTime<Utc>,

    /// What people say.
    #[relation(has_many)]
    pub reviews: HasMany<Review>,
}

/// Somebody who reviews coffee shops.
#[derive(Model, Clone, Debug, Default)]
#[acl(allow(read), to = everyone)]
#[acl(allow(write), to = role("staff"))]
#[acl(allow(all), to = role("admin"))]
pub struct Reviewer {
    /// Identifies the reviewer.
    #[model(id, generated)]
    pub id: Uuid,
    /// The name below the reviews.
    #[validate(length(min = 1, max = 40))]
    pub name: String,
    /// Where to reach the reviewer. Never leaves the server.
    #[model(unique, hidden)]
    #[validate(format("^[^@ ]+@[^@ ]+$"))]
    pub email: String,

    /// What the reviewer has written.
    #[relation(has_many)]
    pub reviews: HasMany<Review>,
}

/// What somebody thinks of a coffee shop.
#[derive(Model, Clone, Debug, Default)]
#[acl(allow(read, create), to = everyone)]
#[acl(allow(write), to = role("staff"))]
#[acl(allow(all), to = role("admin"))]
pub struct Review {
    /// Identifies the review.
    #[model(id, generated)]
    pub id: i64,
    /// From 1, never again, to 5, every day.
    #[validate(range(min = 1, max = 5))]
    pub rating: u8,
    /// In the reviewer's own words.
    #[validate(length(max = 2000))]
    pub comments: Option<String>,
    /// When the review was written.
    #[model(default = now)]
    pub date: DateTime<Utc>,
    /// The shop that the review is about.
    #[model(index)]
    pub coffee_shop_id: i64,
    /// The reviewer, unless the review is anonymous.
    #[model(index)]
    pub reviewer_id: Option<Uuid>,

    /// The shop that the review is about.
    #[relation(belongs_to)]
    pub coffee_shop: BelongsTo<CoffeeShop>,
    /// The reviewer, unless the review is anonymous.
    #[relation(belongs_to)]
    pub reviewer: BelongsTo<Reviewer>,
}

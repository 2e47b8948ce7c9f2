//! Every attribute at once, in public, beside the derives that models usually have.

use loopwright::prelude::*;
use serde::{Deserialize, Serialize};

/// A coffee shop.
#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[model(
    name = "Cafe",
    path = "cafes",
    table = "coffee_shops",
    principal = user,
    acl_error_status = 403
)]
#[acl(allow(read, __get__opinions), to = everyone)]
#[acl(allow(create), to = authenticated)]
#[acl(deny(find), to = unauthenticated)]
#[acl(allow(write, execute), to = owner)]
#[acl(allow(all), to = role("admin"))]
#[policy(read, to = everyone, rows = CoffeeShop::STARS.gte(1.0))]
#[policy(all, to = owner)]
pub struct CoffeeShop {
    /// Identifies the shop.
    #[model(id, generated)]
    pub id: i64,
    /// What the sign says.
    #[model(name = "title", column = "caption", index)]
    #[serde(rename = "title")]
    #[validate(presence, length(min = 2, max = 80), format("^[^!]+$"))]
    pub name: String,
    /// Two letters.
    #[validate(length(is = 2), inclusion("de", "ch"))]
    pub country: Option<String>,
    /// From none to five.
    #[validate(range(min = 0, max = 5))]
    pub stars: f32,
    /// When it opened.
    #[model(default = now, hidden)]
    pub opened: DateTime<Utc>,
    /// What the till signs with.
    #[model(default = uuid, unique)]
    pub token: Uuid,
    /// Closed shops are deleted.
    #[validate(absence)]
    pub closed: Option<NaiveDate>,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// What an espresso costs.
    #[serde(skip)]
    pub price: Option<Decimal>,
    /// Where on earth it is.
    pub place: Option<GeoPoint>,
    /// Where in town it is.
    pub address: Option<Address>,
    /// What people say.
    #[relation(has_many, name = "opinions")]
    #[serde(skip_serializing_if = "HasMany::is_not_loaded", default)]
    pub reviews: HasMany<Review>,
    /// What is said best, which the shop shows.
    #[relation(
        embeds_many,
        name = "quotes",
        property = "quoted",
        omit_default,
        validate = false
    )]
    #[serde(default)]
    pub shown: EmbedsMany<Review>,
}

/// What somebody thinks.
#[derive(Model, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[acl(open)]
pub struct Review {
    /// Identifies the review.
    #[model(id)]
    pub id: String,
    /// The shop.
    pub coffee_shop_id: i64,
}

/// Where a coffee shop is.
#[derive(Property, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Address {
    /// The street and the number.
    pub street: String,
    /// How many stairs there are.
    #[property(default = 1)]
    pub floor: i16,
}

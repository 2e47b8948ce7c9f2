//! Every attribute at once, public, beside the derives that models usually have.

use loopwright::prelude::*;
use serde::{Deserialize, Serialize};

/// A coffee shop.
#[derive(Model, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[model(name = "Cafe", path = "cafes", table = "coffee_shops")]
#[acl(allow(read, __get__opinions), to = everyone)]
#[acl(allow(create), to = authenticated)]
#[acl(deny(find), to = unauthenticated)]
#[acl(allow(write, execute), to = owner)]
#[acl(allow(all), to = role("admin"))]
pub struct CoffeeShop {
    /// Identifies the shop.
    #[model(id, generated)]
    pub id: i64,
    #[model(name = "title", column = "caption", index)]
    #[serde(rename = "title")]
    #[validate(presence, length(min = 2, max = 80), format("^[^!]+$"))]
    pub name: String,
    #[validate(length(is = 2), inclusion("de", "ch"))]
    pub country: Option<String>,
    #[validate(range(min = 0, max = 5))]
    pub stars: f32,
    #[model(default = now, hidden)]
    pub opened: DateTime<Utc>,
    #[model(default = uuid, unique)]
    pub token: Uuid,
    #[validate(absence)]
    pub closed: Option<NaiveDate>,
    pub tags: Vec<String>,
    #[serde(skip)]
    pub price: Option<Decimal>,
    pub place: Option<GeoPoint>,
    /// What people say.
    #[relation(has_many, name = "opinions")]
    #[serde(skip_serializing_if = "HasMany::is_not_loaded", default)]
    pub reviews: HasMany<Review>,
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

#[test]
fn they_are_described() {
    assert_eq!(CoffeeShop::DEF.name, "Cafe");
}

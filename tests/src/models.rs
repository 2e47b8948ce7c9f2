//! The models that the tests serve.

use loopwright::prelude::*;

/// A car: the model of the contract's own examples.
#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
pub struct Car {
    /// Identifies the car.
    #[model(id, generated)]
    pub id: i64,
    /// Its name.
    #[validate(length(min = 2, max = 20))]
    pub name: String,
    /// When it was built.
    pub year: Option<i32>,
    /// Is it sold?
    pub sold: Option<bool>,
    /// When it was sold.
    pub sold_at: Option<DateTime<Utc>>,
    /// Anything to know.
    pub tags: Option<Vec<String>>,
    /// Its colour.
    #[model(default = "red")]
    pub colour: Option<String>,
    /// What only the dealer knows.
    #[model(hidden)]
    pub secret: Option<String>,
    /// Its plate.
    #[model(unique)]
    pub plate: Option<String>,
}

/// Somebody who orders.
#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
pub struct Customer {
    /// Identifies the customer.
    #[model(id, generated)]
    pub id: i64,
    /// The customer's name.
    pub name: String,
    /// What the customer has ordered.
    #[relation(has_many)]
    pub orders: HasMany<Order>,
    /// What is known about the customer.
    #[relation(has_one)]
    pub profile: HasOne<Profile>,
}

/// A new customer with this name.
#[must_use]
pub fn customer(name: &str) -> Customer {
    Customer {
        name: name.into(),
        ..Customer::default()
    }
}

/// Something ordered.
#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
pub struct Order {
    /// Identifies the order.
    #[model(id, generated)]
    pub id: i64,
    /// What is ordered.
    #[validate(presence)]
    pub item: String,
    /// How many.
    pub amount: Option<i32>,
    /// Who ordered.
    pub customer_id: Option<i64>,
    /// Who ordered.
    #[relation(belongs_to)]
    pub customer: BelongsTo<Customer>,
}

/// What is known about a customer.
#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
pub struct Profile {
    /// Identifies the profile.
    #[model(id, generated)]
    pub id: i64,
    /// The customer's favourite.
    pub likes: Option<String>,
    /// Whose profile it is.
    pub customer_id: Option<i64>,
    /// Whose profile it is.
    #[relation(belongs_to)]
    pub customer: BelongsTo<Customer>,
}

/// Where something is.
#[derive(Property, Clone, Debug, PartialEq)]
pub struct Address {
    /// The city.
    pub city: String,
    /// The post code.
    pub zip: Option<i32>,
}

/// What is stored as JSON.
#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
pub struct Place {
    /// Identifies the place.
    #[model(id, generated)]
    pub id: i64,
    /// Its name.
    pub name: Option<String>,
    /// Words about it.
    pub tags: Option<Vec<String>>,
    /// Anything to know.
    pub meta: Option<serde_json::Value>,
    /// Where it is.
    pub address: Option<Address>,
    /// Where else it is.
    pub branches: Option<Vec<Address>>,
    /// Where it is on earth.
    pub spot: Option<GeoPoint>,
}

/// One property of each of LoopBack's types.
#[derive(Model, Clone, Debug, Default)]
#[model(path = "Typed")]
#[acl(open)]
pub struct Typed {
    /// Identifies it.
    #[model(id, generated)]
    pub id: i64,
    /// LoopBack's `string`.
    pub text: Option<String>,
    /// LoopBack's `number`.
    pub number: Option<f64>,
    /// A whole number.
    pub whole: Option<i32>,
    /// LoopBack's `boolean`.
    pub flag: Option<bool>,
    /// LoopBack's `date`.
    pub at: Option<DateTime<Utc>>,
    /// LoopBack's `buffer`.
    pub bytes: Option<Vec<u8>>,
    /// LoopBack's `geopoint`.
    pub point: Option<GeoPoint>,
    /// LoopBack's `any`, `object` and `json`.
    pub any: Option<serde_json::Value>,
    /// LoopBack's `["string"]`.
    pub list: Option<Vec<String>>,
    /// LoopBack's `["number"]`.
    pub numbers: Option<Vec<f64>>,
    /// A model within a model.
    pub inner: Option<Address>,
}

/// What is found by a text.
#[derive(Model, Clone, Debug, Default)]
#[acl(open)]
pub struct Label {
    /// Identifies it.
    #[model(id)]
    pub id: String,
    /// What it says.
    pub text: Option<String>,
}

/// Readable by everyone, writable by some.
#[derive(Model, Clone, Debug, Default)]
#[acl(allow(read), to = everyone)]
#[acl(deny(count), to = everyone)]
#[acl(allow(create), to = authenticated)]
#[acl(allow(write), to = owner)]
#[acl(allow(all), to = role("admin"))]
pub struct Guarded {
    /// Identifies it.
    #[model(id)]
    pub id: String,
    /// Whose it is.
    pub user_id: Option<String>,
    /// What belongs to it.
    #[relation(has_many)]
    pub secrets: HasMany<Secret>,
}

/// Readable by nobody who is not logged in.
#[derive(Model, Clone, Debug, Default)]
#[acl(allow(all), to = authenticated)]
pub struct Secret {
    /// Identifies it.
    #[model(id)]
    pub id: String,
    /// What it belongs to.
    pub guarded_id: Option<String>,
}

/// Every model of this file.
pub type All = (
    Car,
    Customer,
    Order,
    Profile,
    Place,
    Typed,
    Label,
    Guarded,
    Secret,
);

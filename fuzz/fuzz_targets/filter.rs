//! Any bytes as the query string of a `find`: understood, or refused as the caller's mistake.
//!
//! With a nightly compiler and `cargo install cargo-fuzz`:
//!
//! ```sh
//! cargo +nightly fuzz run filter
//! ```
#![no_main]

use libfuzzer_sys::fuzz_target;
use loopwright::prelude::*;

/// A little of everything that a filter can be about.
#[derive(Model)]
#[acl(open)]
struct Shop {
    #[model(id, generated)]
    id: i64,
    name: Option<String>,
    year: Option<i32>,
    ratio: Option<f64>,
    opened: Option<DateTime<Utc>>,
    tags: Vec<String>,
    spot: Option<GeoPoint>,
    #[model(hidden)]
    secret: Option<String>,
    owner_id: Option<i64>,
    #[relation(belongs_to)]
    owner: BelongsTo<Owner>,
}

/// Somebody with shops.
#[derive(Model)]
#[acl(open)]
struct Owner {
    #[model(id, generated)]
    id: i64,
    #[relation(has_many, key = owner_id)]
    shops: HasMany<Shop>,
}

fuzz_target!(|query: &str| {
    if let Err(error) = loopwright::remoting::filter(Shop::DEF, query) {
        assert_eq!(error.status(), 400, "{error}");
        assert!(!error.message().is_empty());
    }
});

//! What is deprecated is still stored, and the derive does not count as a use.

use loopwright::prelude::*;

#[derive(Model)]
#[acl(open)]
#[deprecated]
struct Shop {
    #[model(id)]
    id: i64,
    #[deprecated]
    fax: Option<String>,
    #[deprecated]
    place: Place,
    #[deprecated]
    #[relation(has_many, key = id)]
    others: HasMany<Self>,
}

#[derive(Property)]
struct Place {
    #[deprecated]
    style: Style,
    id: PlaceId,
}

#[derive(Property)]
enum Style {
    #[deprecated]
    Dark,
    Light,
}

#[derive(Property)]
struct PlaceId(i64);

#[test]
#[expect(deprecated, reason = "the test itself does use it")]
fn it_is_described() {
    assert_eq!(Shop::DEF.properties.len(), 3);
}

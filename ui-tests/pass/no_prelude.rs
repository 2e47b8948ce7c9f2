//! Nothing of the standard library's prelude is in scope.
#![no_implicit_prelude]

/// A model with one of everything.
#[derive(::loopwright::Model)]
#[acl(allow(read, find_by_id), to = everyone)]
#[acl(deny(all), to = role("guest"))]
struct Shop {
    #[model(id, generated)]
    id: ShopId,
    #[model(default = now)]
    opened: ::loopwright::prelude::DateTime<::loopwright::prelude::Utc>,
    #[model(default = name, unique)]
    #[validate(length(min = 2), format("^[a-z]+$"), exclusion("none"))]
    name: ::std::string::String,
    #[validate(range(min = -1, max = 2.5))]
    stars: ::std::option::Option<f64>,
    style: Style,
    address: Address,
    parent_id: ::std::option::Option<ShopId>,
    #[relation(belongs_to)]
    parent: ::loopwright::model::BelongsTo<Self>,
    #[relation(has_many, key = parent_id)]
    branches: ::loopwright::model::HasMany<Self>,
    rivals: ::std::vec::Vec<ShopId>,
    #[relation(references_many, key = rivals, name = "rivalShops", prepend)]
    rival_shops: ::loopwright::model::ReferencesMany<Self>,
    #[relation(embeds_one, default = window)]
    window: ::loopwright::model::EmbedsOne<Opening>,
    #[relation(embeds_many, property = "doorsOfTheShop", force_id, persistent)]
    doors: ::loopwright::model::EmbedsMany<Opening>,
}

/// Something within.
#[derive(::loopwright::Model)]
#[model(public = false)]
struct Opening {
    #[model(id, generated)]
    id: i64,
}

fn window() -> ::loopwright::model::EmbedsOne<Opening> {
    ::std::convert::From::from(Opening { id: 1 })
}

/// A key.
#[derive(::loopwright::Property, ::std::clone::Clone)]
struct ShopId(i64);

/// A word.
#[derive(::loopwright::Property)]
#[property(rename_all = "kebab-case")]
enum Style {
    /// Strong.
    ExtraDark,
    /// Weak.
    Light,
}

/// A nested struct.
#[derive(::loopwright::Property)]
struct Address {
    street: ::std::string::String,
    #[property(default = 1)]
    floor: i16,
}

/// Shops by what people call them.
#[derive(::loopwright::KeyValueModel)]
#[acl(allow(read, expire), to = everyone)]
struct Nickname(ShopId);

fn name() -> ::std::string::String {
    ::std::string::ToString::to_string("bel")
}

#[::core::prelude::v1::test]
fn the_model_is_described() {
    ::std::assert_eq!(<Shop as ::loopwright::Model>::DEF.properties.len(), 10);
    ::std::assert_eq!(
        <Nickname as ::loopwright::model::Described>::DEF
            .properties
            .len(),
        2
    );
}

//! Models are written by `macro_rules!`, from names of the caller and from names of the macro.

use loopwright::prelude::*;

macro_rules! model {
    ($name:ident { $($field:ident: $ty:ty = $default:expr),* }) => {
        #[derive(Model, Debug, PartialEq)]
        #[acl(allow(read, find_by_id), to = everyone)]
        struct $name {
            #[model(id, generated)]
            id: i64,
            #[validate(range(min = 1))]
            own: u8,
            $(#[model(default = $default)] $field: $ty,)*
            parent_id: Option<i64>,
            #[relation(belongs_to)]
            parent: BelongsTo<$name>,
        }
    };
}

model!(Shop {
    name: String = "Bel",
    stars: i32 = -1,
    record: bool = true
});

macro_rules! property {
    ($name:ident, $($variant:ident = $text:literal),*) => {
        #[derive(Property, Debug, PartialEq)]
        enum $name {
            $(#[property(rename = $text)] $variant,)*
        }
    };
}

property!(Style, Dark = "dark", Light = "light");

macro_rules! newtype {
    ($name:ident($inner:ty)) => {
        #[derive(Property, Debug, PartialEq)]
        struct $name($inner);

        #[derive(Property, Debug, PartialEq)]
        struct Holder {
            value: $name,
            maybe: Option<$inner>,
        }
    };
}

newtype!(Number(i64));

#[test]
fn they_come_back_as_they_went() {
    let shop = || Shop {
        id: 1,
        own: 2,
        name: "a".to_owned(),
        stars: 3,
        record: true,
        parent_id: None,
        parent: BelongsTo::default(),
    };
    assert_eq!(Shop::from_record(&mut shop().into_record()), Ok(shop()));
    assert_eq!(
        Style::from_value(Style::Dark.into_value()),
        Some(Style::Dark)
    );
    assert_eq!(
        Style::from_value(Style::Light.into_value()),
        Some(Style::Light)
    );
    let holder = || Holder {
        value: Number(1),
        maybe: None,
    };
    assert_eq!(Holder::from_value(holder().into_value()), Some(holder()));
}

//! A struct comes back from its record as it went, whatever the types of its fields.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use chrono::{DateTime, NaiveDate, Utc};
use loopwright::model::{
    BelongsTo, DefaultDef, Format, HasMany, HasOne, IndexDef, Literal, ModelDef, PrincipalDef,
    PropertyType, Record, Related, RelationKind, Rule, Value,
};
use loopwright::{GeoPoint, Model, Property};
use rust_decimal::Decimal;
use serde_json::{Value as Json, json};
use uuid::Uuid;

#[derive(Debug, Clone, Copy, PartialEq, Property)]
struct ShopId(i64);

#[derive(Debug, Clone, Copy, PartialEq, Property)]
#[property(rename_all = "kebab-case")]
enum Roast {
    Light,
    ExtraDark,
    #[property(rename = "espresso!")]
    Espresso,
}

#[derive(Debug, Clone, PartialEq, Property)]
struct Address {
    street: String,
    #[property(name = "zip")]
    post_code: Option<String>,
    #[property(default = 1)]
    floor: i16,
    built: DateTime<Utc>,
    price: Decimal,
    roasts: Vec<Roast>,
}

/// One property of every type.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(public = false)]
struct Everything {
    #[model(id, generated)]
    id: ShopId,
    boolean: bool,
    small: i8,
    unsigned: u32,
    long: i64,
    pointer: usize,
    single: f32,
    double: f64,
    decimal: Decimal,
    text: String,
    instant: DateTime<Utc>,
    day: NaiveDate,
    uuid: Uuid,
    bytes: Vec<u8>,
    point: GeoPoint,
    json: Json,
    list: Vec<String>,
    roast: Roast,
    address: Address,
    addresses: Vec<Address>,
    some: Option<String>,
    none: Option<Roast>,
    no_address: Option<Address>,
    no_list: Option<Vec<i64>>,
}

fn address() -> Address {
    Address {
        street: "Main \"Street\"".into(),
        post_code: None,
        floor: -2,
        built: "1969-07-20T20:17:40.123Z".parse().unwrap(),
        price: Decimal::new(150, 2),
        roasts: vec![Roast::Light, Roast::Espresso],
    }
}

fn everything() -> Everything {
    Everything {
        id: ShopId(7),
        boolean: true,
        small: i8::MIN,
        unsigned: u32::MAX,
        long: i64::MIN,
        pointer: 42,
        single: 1.5,
        double: -0.1,
        decimal: Decimal::new(123_456_789, 4),
        text: "größer".into(),
        instant: "2015-01-01T00:00:00.5Z".parse().unwrap(),
        day: "2015-01-01".parse().unwrap(),
        uuid: Uuid::from_u128(7),
        bytes: vec![0, 255],
        point: GeoPoint {
            lat: 10.0,
            lng: 20.5,
        },
        json: json!({"a": [1, null]}),
        list: vec!["a".into(), String::new()],
        roast: Roast::ExtraDark,
        address: address(),
        addresses: vec![address(), address()],
        some: Some("x".into()),
        none: None,
        no_address: None,
        no_list: None,
    }
}

#[test]
fn every_type_comes_back_as_it_went() {
    let mut record = everything().into_record();
    assert_eq!(Everything::from_record(&mut record), Ok(everything()));
}

#[test]
fn every_type_comes_back_from_json() {
    let record = everything().into_record();
    let values = Everything::DEF.properties.iter().zip(record.values());
    let from_json = values.map(|(property, value)| {
        let json = value.as_ref().unwrap().to_json();
        Some(property.ty.from_json(json).unwrap())
    });
    let mut record = Record::from_values(from_json.collect());
    assert_eq!(Everything::from_record(&mut record), Ok(everything()));
}

#[test]
fn property_types_describe_themselves() {
    assert!(matches!(
        ShopId::TYPE,
        PropertyType::Integer { max: i64::MAX, .. }
    ));
    assert_eq!(ShopId::NAME, "ShopId");
    assert!(matches!(
        Roast::TYPE,
        PropertyType::Enum(["light", "extra-dark", "espresso!"])
    ));
    assert_eq!(Roast::from_value(Value::String("medium".into())), None);
    let PropertyType::Object(address) = Address::TYPE else {
        panic!("an address is an object")
    };
    let names: Vec<_> = address
        .properties
        .iter()
        .map(|property| property.name)
        .collect();
    assert_eq!(
        names,
        ["street", "zip", "floor", "built", "price", "roasts"]
    );
}

/// A coffee shop.
///
/// People review it.
#[derive(Debug, Clone, PartialEq, Model)]
#[acl(allow(read, find_by_id), to = everyone)]
#[acl(deny(__find_by_id__reviews), to = role("guest"))]
struct CoffeeShop {
    #[model(id, generated)]
    id: i64,
    /// Its name.
    #[validate(presence, length(min = 2, max = 80), format("^[^!]+$"))]
    #[model(unique)]
    name: String,
    #[validate(range(min = -0.5, max = 5), inclusion(1, 2.5))]
    stars: Option<f64>,
    #[model(default = now, index)]
    opened: DateTime<Utc>,
    #[model(default = code, hidden, column = "secret_code")]
    code: Option<String>,
    #[model(default = -1)]
    rank: i32,
    owner_id: i64,
    #[relation(belongs_to)]
    owner: BelongsTo<Customer>,
    #[relation(has_many)]
    reviews: HasMany<Review>,
    #[relation(has_one, key = shop, name = "bestReview")]
    best: HasOne<Review>,
}

fn code() -> String {
    "secret".into()
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(name = "Patron", table = "patrons")]
#[acl(open)]
struct Customer {
    #[model(id)]
    id: i64,
    #[relation(has_many, key = owner_id)]
    shops: HasMany<CoffeeShop>,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[acl(open)]
struct Review {
    #[model(id)]
    id: i64,
    coffee_shop_id: i64,
    shop: i64,
    #[relation(belongs_to, key = shop)]
    about: BelongsTo<CoffeeShop>,
}

#[test]
fn a_model_describes_itself() {
    let def: &ModelDef = CoffeeShop::DEF;
    assert_eq!(
        (def.name, def.path, def.table),
        ("CoffeeShop", "CoffeeShops", "coffee_shop")
    );
    assert_eq!(def.docs, "A coffee shop.\n\nPeople review it.");
    assert!(def.public && !Everything::DEF.public);
    assert_eq!(
        (Customer::DEF.path, Customer::DEF.table),
        ("Patrons", "patrons")
    );

    let [id, name, stars, opened, code, rank, owner_id] = def.properties else {
        panic!("seven properties")
    };
    assert!(id.id && id.generated && !id.nullable);
    assert_eq!(name.docs, "Its name.");
    assert_eq!(name.index, Some(IndexDef::Unique));
    assert_eq!(
        name.binding_rules().collect::<Vec<_>>(),
        [
            &Rule::Presence,
            &Rule::Length {
                min: Some(2),
                max: Some(80),
                is: None
            },
            &Rule::Format(Format::Pattern("^[^!]+$"))
        ]
    );
    assert_eq!(
        stars.binding_rules().collect::<Vec<_>>(),
        [
            &Rule::Range {
                min: Some(-0.5),
                max: Some(5.0)
            },
            &Rule::Inclusion(&[Literal::Integer(1), Literal::Float(2.5)])
        ]
    );
    assert_eq!(opened.index, Some(IndexDef::Plain));
    assert!(matches!(opened.default, Some(DefaultDef::Now)));
    assert_eq!(
        (code.field, code.column, code.hidden),
        ("code", "secret_code", true)
    );
    assert_eq!(
        code.default.unwrap().value(&code.ty),
        Value::String("secret".into())
    );
    assert!(matches!(
        rank.default,
        Some(DefaultDef::Literal(Literal::Integer(-1)))
    ));
    assert_eq!((owner_id.name, owner_id.field), ("ownerId", "owner_id"));
}

#[test]
fn relations_and_rules_are_described() {
    let described: Vec<_> = CoffeeShop::DEF
        .relations
        .iter()
        .map(|relation| {
            (
                relation.kind,
                relation.name,
                relation.target().map(|def| def.name),
                relation.foreign_key,
            )
        })
        .collect();
    assert_eq!(
        described,
        [
            (RelationKind::BelongsTo, "owner", Some("Patron"), "owner_id"),
            (
                RelationKind::HasMany,
                "reviews",
                Some("Review"),
                "coffee_shop_id"
            ),
            (RelationKind::HasOne, "bestReview", Some("Review"), "shop"),
        ]
    );
    let methods: Vec<_> = CoffeeShop::DEF
        .acls
        .iter()
        .map(|acl| (acl.principal, acl.method))
        .collect();
    assert_eq!(
        methods,
        [
            (PrincipalDef::Everyone, None),
            (PrincipalDef::Everyone, Some("findById")),
            (PrincipalDef::Role("guest"), Some("__findById__reviews")),
        ]
    );
}

#[test]
fn included_relations_are_loaded() {
    let customer = || Customer {
        id: 3,
        shops: HasMany::default(),
    };
    let mut record = CoffeeShop {
        id: 1,
        name: "Bel Café".into(),
        stars: None,
        opened: DateTime::UNIX_EPOCH,
        code: None,
        rank: 0,
        owner_id: 3,
        owner: BelongsTo::default(),
        reviews: HasMany::default(),
        best: HasOne::default(),
    }
    .into_record();
    record.set_related(0, Related::One(Some(Box::new(customer().into_record()))));
    let shop = CoffeeShop::from_record(&mut record).unwrap();
    assert_eq!(shop.owner.get(), Some(&customer()));
    assert!(!shop.reviews.is_loaded());
    assert_eq!(shop.id(), 1);
}

#[test]
fn handles_know_their_place() {
    assert_eq!(CoffeeShop::OWNER_ID.index(), 6);
    assert_eq!(CoffeeShop::BEST.index(), 2);
}

//! What a client developer would notice.

mod embedded;
mod merge;
mod operation;
mod schema;
mod security;

use serde_json::Value as Json;

use crate::model::{
    AccessType, AclDef, DefaultDef, Format, GeoPoint, IndexDef, Literal, ModelDef, ObjectDef,
    PrincipalDef, Property, PropertyDef, PropertyType, RelationDef, RelationKind, Rule, RuleDef,
    Value,
};

/// A nested struct.
struct Hours;

impl Property for Hours {
    const TYPE: PropertyType = PropertyType::Object(&HOURS);
    const NAME: &'static str = "Hours";

    fn into_value(self) -> Value {
        Value::Null
    }

    fn from_value(_: Value) -> Option<Self> {
        None
    }
}

/// An enum without data.
struct Size;

impl Property for Size {
    const TYPE: PropertyType = PropertyType::Enum(&["small", "large"]);
    const NAME: &'static str = "Size";

    fn into_value(self) -> Value {
        Value::Null
    }

    fn from_value(_: Value) -> Option<Self> {
        None
    }
}

static HOURS: ObjectDef = ObjectDef::new(
    "Hours",
    &[
        PropertyDef::of::<u8>("from", "from"),
        PropertyDef::of::<Option<u8>>("to", "to"),
    ],
);

static SHOP_PROPERTIES: [PropertyDef; 19] = [
    PropertyDef::of::<i64>("id", "id")
        .id()
        .generated()
        .docs("Identifies the shop."),
    PropertyDef::of::<String>("name", "name")
        .docs("The sign over the door.")
        .rules(&[RuleDef::new(Rule::Length {
            min: Some(2),
            max: Some(80),
            is: None,
        })]),
    PropertyDef::of::<Option<String>>("city", "city"),
    PropertyDef::of::<Option<GeoPoint>>("location", "location"),
    PropertyDef::of::<String>("style", "style")
        .default(DefaultDef::Literal(Literal::String("espresso")))
        .rules(&[RuleDef::new(Rule::Inclusion(&[
            Literal::String("espresso"),
            Literal::String("filter"),
        ]))]),
    PropertyDef::of::<chrono::DateTime<chrono::Utc>>("opened", "opened").default(DefaultDef::Now),
    PropertyDef::of::<Option<chrono::NaiveDate>>("inspected", "inspected"),
    PropertyDef::of::<rust_decimal::Decimal>("rent", "rent"),
    PropertyDef::of::<f64>("area", "area"),
    PropertyDef::of::<u8>("stars", "stars").rules(&[RuleDef::new(Rule::Range {
        min: Some(1.0),
        max: Some(5.0),
    })]),
    PropertyDef::of::<i32>("seats", "seats"),
    PropertyDef::of::<bool>("terrace", "terrace"),
    PropertyDef::of::<uuid::Uuid>("licence", "licence").index(IndexDef::Unique),
    PropertyDef::of::<Option<Vec<u8>>>("picture", "picture"),
    PropertyDef::of::<Vec<String>>("tags", "tags"),
    PropertyDef::of::<Json>("extra", "extra"),
    PropertyDef::of::<Option<Size>>("size", "size"),
    PropertyDef::of::<Hours>("hours", "hours"),
    PropertyDef::of::<String>("alarmCode", "alarm_code")
        .hidden()
        .rules(&[RuleDef::new(Rule::Format(Format::Pattern("^[0-9]{5}$")))]),
];

static SHOP: ModelDef = ModelDef::new("Shop", "Shops", "shop", &SHOP_PROPERTIES)
    .docs("A shop that people review.")
    .relations(&SHOP_RELATIONS)
    .acls(&SHOP_RULES);

static SHOP_RELATIONS: [RelationDef; 2] = [
    RelationDef::new(RelationKind::HasMany, "reviews", || &REVIEW, "shop_id")
        .docs("What people say."),
    RelationDef::new(RelationKind::HasOne, "secret", || &SECRET, "shop_id"),
];

static SHOP_RULES: [AclDef; 6] = [
    AclDef::allow(PrincipalDef::Everyone).access(AccessType::Read),
    AclDef::deny(PrincipalDef::Role("banned")).method("count"),
    AclDef::allow(PrincipalDef::Authenticated).method("create"),
    AclDef::allow(PrincipalDef::Unauthenticated).method("upsertWithWhere"),
    AclDef::allow(PrincipalDef::Owner).access(AccessType::Write),
    AclDef::allow(PrincipalDef::Role("admin")),
];

static REVIEW: ModelDef = ModelDef::new("Review", "Reviews", "review", &REVIEW_PROPERTIES)
    .relations(&REVIEW_RELATIONS)
    .acls(&OPEN);

static REVIEW_PROPERTIES: [PropertyDef; 3] = [
    PropertyDef::of::<String>("id", "id").id(),
    PropertyDef::of::<String>("comments", "comments"),
    PropertyDef::of::<i64>("shopId", "shop_id"),
];

static REVIEW_RELATIONS: [RelationDef; 1] = [RelationDef::new(
    RelationKind::BelongsTo,
    "shop",
    || &SHOP,
    "shop_id",
)];

static OPEN: [AclDef; 1] = [AclDef::allow(PrincipalDef::Everyone)];

/// Not served itself, and closed.
static SECRET: ModelDef =
    ModelDef::new("Secret", "Secrets", "secret", &SECRET_PROPERTIES).private();

static SECRET_PROPERTIES: [PropertyDef; 2] = [
    PropertyDef::of::<i64>("id", "id").id().generated(),
    PropertyDef::of::<i64>("shopId", "shop_id"),
];

fn models() -> [&'static ModelDef; 3] {
    [&SHOP, &REVIEW, &SECRET]
}

fn document() -> Json {
    serde_json::to_value(super::document(&models(), "/api", "Shops", "1.2.3")).unwrap()
}

fn schema(name: &str) -> Json {
    let schema = document()["components"]["schemas"][name].clone();
    assert!(schema.is_object(), "no schema {name}");
    schema
}

//! Descriptions by hand, as the derive would write them.

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde_json::Value as Json;
use uuid::Uuid;

use crate::connectors::Connector;
use crate::model::{
    CompositeIndexDef, DefaultDef, IndexDef, IndexKey, Literal, ModelDef, ObjectDef, OnDelete,
    Property, PropertyDef, PropertyType, Record, RelationDef, RelationKind, Rule, RuleDef, Value,
    VersionDef,
};
use crate::query::{Comparison, Condition, Filter};
use crate::{GeoPoint, ObjectId};

pub(crate) struct Mood;

impl Property for Mood {
    const TYPE: PropertyType = PropertyType::Enum(&["happy", "sad"]);
    const NAME: &'static str = "Mood";

    fn into_value(self) -> Value {
        Value::String("happy".into())
    }

    fn from_value(_: Value) -> Option<Self> {
        Some(Mood)
    }
}

pub(crate) struct Address;

static ADDRESS: ObjectDef = ObjectDef {
    name: "Address",
    docs: "",
    properties: &[
        PropertyDef::of::<String>("city", "city"),
        PropertyDef::of::<Option<i64>>("zip", "zip"),
    ],
    embedded: false,
};

impl Property for Address {
    const TYPE: PropertyType = PropertyType::Object(&ADDRESS);
    const NAME: &'static str = "Address";

    fn into_value(self) -> Value {
        Value::Null
    }

    fn from_value(_: Value) -> Option<Self> {
        Some(Address)
    }
}

/// Counts its changes.
pub(crate) static PAGE: ModelDef = ModelDef::new(
    "Page",
    "Pages",
    "lw_page",
    &[
        PropertyDef::of::<i64>("id", "id").id().generated(),
        PropertyDef::of::<Option<String>>("text", "text"),
        PropertyDef::of::<i64>("version", "version").version(VersionDef::Offered),
    ],
);

/// Every type, and every type as an `Option`.
pub(crate) static THING: ModelDef = ModelDef::new(
    "Thing",
    "Things",
    "lw_thing",
    &[
        PropertyDef::of::<i64>("id", "id").id().generated(),
        PropertyDef::of::<bool>("flag", "flag"),
        PropertyDef::of::<i8>("tiny", "tiny"),
        PropertyDef::of::<u32>("wide", "wide"),
        PropertyDef::of::<i64>("big", "big"),
        PropertyDef::of::<f64>("ratio", "ratio"),
        PropertyDef::of::<Decimal>("price", "price"),
        PropertyDef::of::<String>("name", "name").index(IndexDef::Plain),
        PropertyDef::of::<DateTime<Utc>>("createdAt", "created_at"),
        PropertyDef::of::<NaiveDate>("day", "day"),
        PropertyDef::of::<Uuid>("token", "token").index(IndexDef::Unique),
        PropertyDef::of::<ObjectId>("object", "object").index(IndexDef::Plain),
        PropertyDef::of::<Vec<u8>>("raw", "raw"),
        PropertyDef::of::<GeoPoint>("place", "place").index(IndexDef::Plain),
        PropertyDef::of::<Json>("meta", "meta"),
        PropertyDef::of::<Vec<String>>("tags", "tags"),
        PropertyDef::of::<Mood>("mood", "mood"),
        PropertyDef::of::<Address>("address", "address"),
        PropertyDef::of::<Option<bool>>("maybeFlag", "maybe_flag"),
        PropertyDef::of::<Option<i32>>("maybeInt", "maybe_int"),
        PropertyDef::of::<Option<f32>>("maybeFloat", "maybe_float"),
        PropertyDef::of::<Option<Decimal>>("maybeDecimal", "maybe_decimal"),
        PropertyDef::of::<Option<String>>("maybeText", "maybe_text"),
        PropertyDef::of::<Option<DateTime<Utc>>>("maybeAt", "maybe_at"),
        PropertyDef::of::<Option<NaiveDate>>("maybeDay", "maybe_day"),
        PropertyDef::of::<Option<Uuid>>("maybeToken", "maybe_token"),
        PropertyDef::of::<Option<ObjectId>>("maybeObject", "maybe_object"),
        PropertyDef::of::<Option<Vec<u8>>>("maybeRaw", "maybe_raw"),
        PropertyDef::of::<Option<Vec<i64>>>("maybeList", "maybe_list"),
        PropertyDef::of::<Option<Mood>>("maybeMood", "maybe_mood"),
    ],
);

/// Few properties, for everything about rows. The table's name is a word of SQL, the columns' have capitals and spaces.
pub(crate) static ITEM: ModelDef = ModelDef::new(
    "Item",
    "Items",
    "order",
    &[
        PropertyDef::of::<i64>("id", "id").id().generated(),
        PropertyDef::of::<Option<String>>("name", "name").column("select"),
        PropertyDef::of::<Option<i64>>("n", "n").column("Big N"),
        PropertyDef::of::<Option<Decimal>>("price", "price"),
        PropertyDef::of::<Option<String>>("email", "email").index(IndexDef::Unique),
    ],
);

pub(crate) const NAME: usize = 1;
pub(crate) const N: usize = 2;
pub(crate) const PRICE: usize = 3;
pub(crate) const EMAIL: usize = 4;

/// A model whose id is text that the caller gives.
pub(crate) static TAG: ModelDef = ModelDef::new(
    "Tag",
    "Tags",
    "lw_tag",
    &[
        PropertyDef::of::<String>("word", "word").id(),
        PropertyDef::of::<String>("colour", "colour").rules(&[RuleDef::new(Rule::Length {
            min: None,
            max: Some(10),
            is: None,
        })]),
    ],
);

/// A model whose id is made of two properties; the first one that is declared is none of them.
pub(crate) static CELL: ModelDef = ModelDef::new(
    "Cell",
    "Cells",
    "lw_cell",
    &[
        PropertyDef::of::<Option<String>>("guest", "guest"),
        PropertyDef::of::<i64>("hall", "hall").id_part(),
        PropertyDef::of::<String>("place", "cell place").id_part(),
    ],
);

/// The same table at two times.
pub(crate) static SHOP: ModelDef = ModelDef::new(
    "Shop",
    "Shops",
    "lw_shop",
    &[
        PropertyDef::of::<i64>("id", "id").id().generated(),
        PropertyDef::of::<String>("name", "name"),
    ],
);

pub(crate) static GROWN_SHOP: ModelDef = ModelDef::new(
    "Shop",
    "Shops",
    "lw_shop",
    &[
        PropertyDef::of::<i64>("id", "id").id().generated(),
        PropertyDef::of::<String>("name", "name").index(IndexDef::Unique),
        PropertyDef::of::<String>("city", "city")
            .default(DefaultDef::Literal(Literal::String("Ber'l\\in")))
            .index(IndexDef::Plain),
        PropertyDef::of::<String>("story", "story")
            .default(DefaultDef::Literal(Literal::String("once"))),
        PropertyDef::of::<bool>("open", "open")
            .default(DefaultDef::Literal(Literal::Boolean(true))),
        PropertyDef::of::<Decimal>("fee", "fee")
            .default(DefaultDef::Literal(Literal::String("1.5"))),
        PropertyDef::of::<DateTime<Utc>>("since", "since").default(DefaultDef::Literal(
            Literal::String("2020-02-29T12:00:00.5Z"),
        )),
        PropertyDef::of::<i64>("rank", "rank"),
        PropertyDef::of::<Option<GeoPoint>>("place", "place").index(IndexDef::Plain),
    ],
);

/// Values that are unique together, and an index in both directions.
pub(crate) static SEAT: ModelDef = ModelDef::new(
    "Seat",
    "Seats",
    "lw_seat",
    &[
        PropertyDef::of::<i64>("id", "id").id().generated(),
        PropertyDef::of::<String>("hall", "hall"),
        PropertyDef::of::<Option<i64>>("number", "number").column("no"),
        PropertyDef::of::<i64>("price", "price").default(DefaultDef::Literal(Literal::Integer(0))),
    ],
)
.indexes(&[
    CompositeIndexDef::new(
        IndexDef::Unique,
        &[IndexKey::ascending(1), IndexKey::ascending(2)],
    ),
    CompositeIndexDef::new(
        IndexDef::Plain,
        &[IndexKey::ascending(1), IndexKey::descending(3)],
    )
    .name("lw_seat_dear"),
]);

/// The same table before it had a rule.
pub(crate) static BENCH: ModelDef = ModelDef::new("Seat", "Seats", "lw_seat", SEAT.properties);

/// A model that refers to itself by a foreign key.
pub(crate) static BRANCH: ModelDef = ModelDef::new(
    "Branch",
    "Branches",
    "lw_branch",
    &[
        PropertyDef::of::<i64>("id", "id").id().generated(),
        PropertyDef::of::<Option<i64>>("parentId", "parent_id"),
    ],
)
.relations(&[
    RelationDef::new(RelationKind::BelongsTo, "parent", || &BRANCH, "parent_id")
        .constraint()
        .on_delete(OnDelete::SetNull),
]);

/// What is stored as JSON, and a text beside it.
pub(crate) static PLACE: ModelDef = ModelDef::new(
    "Place",
    "Places",
    "lw_place",
    &[
        PropertyDef::of::<i64>("id", "id").id().generated(),
        PropertyDef::of::<Option<String>>("name", "name"),
        PropertyDef::of::<Option<Vec<String>>>("tags", "the tags"),
        PropertyDef::of::<Option<Vec<Decimal>>>("prices", "prices"),
        PropertyDef::of::<Option<Json>>("meta", "meta"),
        PropertyDef::of::<Option<Address>>("address", "address"),
        PropertyDef::of::<Option<Vec<Address>>>("branches", "branches"),
        PropertyDef::of::<Option<GeoPoint>>("spot", "spot").index(IndexDef::Plain),
    ],
);

pub(crate) fn record(model: &ModelDef, values: &[(&str, Value)]) -> Record {
    let mut record = Record::new(model);
    for (name, value) in values {
        record.set(model.property_index(name).expect(name), value.clone());
    }
    record
}

pub(crate) fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

pub(crate) fn decimal(text: &str) -> Value {
    Value::Decimal(text.parse().expect(text))
}

/// Empty tables of `models`.
pub(crate) async fn fresh(db: &dyn Connector, models: &[&'static ModelDef]) {
    db.automigrate(models).await.unwrap();
}

/// Items with the given names and numbers.
pub(crate) async fn items(db: &dyn Connector, rows: &[(Option<&str>, Option<i64>)]) {
    fresh(db, &[&ITEM]).await;
    for (name, n) in rows {
        let record = record(
            &ITEM,
            &[
                ("name", name.map_or(Value::Null, text)),
                ("n", n.map_or(Value::Null, Value::Integer)),
            ],
        );
        db.create(&ITEM, record).await.unwrap();
    }
}

pub(crate) async fn ids(db: &dyn Connector, condition: Condition) -> Vec<i64> {
    ids_of(db, &ITEM, condition).await
}

/// The ids of what `condition` finds, which is as many as it counts.
pub(crate) async fn ids_of(
    db: &dyn Connector,
    model: &'static ModelDef,
    condition: Condition,
) -> Vec<i64> {
    let count = db.count(model, &condition).await.unwrap();
    let records = db.find(model, &Filter::matching(condition)).await.unwrap();
    assert_eq!(count, records.len() as u64);
    records.iter().map(id).collect()
}

pub(crate) fn id(record: &Record) -> i64 {
    match record.value(0) {
        Value::Integer(id) => *id,
        other => panic!("{other:?} is no id"),
    }
}

pub(crate) async fn found(db: &dyn Connector, property: usize, comparison: Comparison) -> Vec<i64> {
    ids(db, Condition::compare(property, comparison)).await
}

/// A condition from LoopBack's JSON.
pub(crate) fn condition(model: &'static ModelDef, json: Json) -> Condition {
    let shown = json.to_string();
    Condition::from_json(model, json, true).unwrap_or_else(|error| panic!("{shown}: {error}"))
}

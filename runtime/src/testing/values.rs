//! Values of every type in and out.

use serde_json::json;

use super::models::{ITEM, NAME, PRICE, TAG, THING, decimal, found, fresh, record, text};
use crate::connectors::Connector;
use crate::model::{GeoPoint, ObjectId, PropertyType, Record, Value};
use crate::query::{Comparison, Condition, Direction, Fields, Filter, Order};

pub(crate) fn thing(least: bool) -> Record {
    let place = GeoPoint::new(-90.0, 179.999_999).unwrap();
    let meta = json!({"a": [1, null, "ü"], "b": {"c": 1.5}, "d": 9_007_199_254_740_993_i64});
    let at = if least {
        "0001-01-01T00:00:00Z"
    } else {
        "9999-12-31T23:59:59.999999Z"
    };
    let at = Value::DateTime(at.parse().unwrap());
    let day = if least { "0001-01-01" } else { "9999-12-31" };
    let day = Value::Date(day.parse().unwrap());
    let mut values = vec![
        ("flag", Value::Boolean(!least)),
        ("tiny", Value::Integer(if least { -128 } else { 127 })),
        (
            "wide",
            Value::Integer(if least { 0 } else { 4_294_967_295 }),
        ),
        (
            "big",
            Value::Integer(if least { i64::MIN } else { i64::MAX }),
        ),
        ("ratio", Value::Float(if least { -0.1 } else { 1.797e308 })),
        ("price", decimal("19.99")),
        (
            "name",
            text(if least {
                ""
            } else {
                "Zürich 🚀 'quoted' \"double\" \\back %_"
            }),
        ),
        ("createdAt", at.clone()),
        ("day", day.clone()),
        (
            "token",
            Value::Uuid(uuid::Uuid::from_u128(if least { 0 } else { u128::MAX })),
        ),
        (
            "object",
            Value::ObjectId(ObjectId::from_bytes(if least {
                [0; 12]
            } else {
                [255; 12]
            })),
        ),
        (
            "raw",
            Value::Bytes(if least {
                vec![]
            } else {
                vec![0, 255, 0, 39, 92]
            }),
        ),
        ("place", Value::GeoPoint(place)),
        ("meta", Value::Json(Box::new(meta))),
        (
            "tags",
            Value::Array(if least {
                vec![]
            } else {
                vec![text("a"), text("")]
            }),
        ),
        ("mood", text("sad")),
        (
            "address",
            Value::Json(Box::new(json!({"city": "Bern", "zip": 3000}))),
        ),
    ];
    if !least {
        values.extend([
            ("maybeFlag", Value::Boolean(false)),
            ("maybeInt", Value::Integer(-1)),
            ("maybeFloat", Value::Float(0.5)),
            ("maybeDecimal", decimal("-0.001")),
            ("maybeText", text("")),
            ("maybeAt", at),
            ("maybeDay", day),
            ("maybeToken", Value::Uuid(uuid::Uuid::from_u128(1))),
            (
                "maybeObject",
                Value::ObjectId(ObjectId::from_bytes([1; 12])),
            ),
            ("maybeRaw", Value::Bytes(vec![0])),
            ("maybeList", Value::Array(vec![Value::Integer(i64::MAX)])),
            ("maybeMood", text("happy")),
        ]);
    }
    record(&THING, &values)
}

pub(super) async fn round_trip(db: &dyn Connector) {
    fresh(db, &[&THING]).await;
    for (least, id) in [(true, 1), (false, 2)] {
        let given = thing(least);
        let thing = kept(db, &given);
        let created = db.create(&THING, given.clone()).await.unwrap();
        assert_eq!(created.get(0), Some(&Value::Integer(id)));
        let by_id = Filter::matching(Condition::equal(0, Value::Integer(id)));
        let found = db.find(&THING, &by_id).await.unwrap();
        for (index, property) in THING.properties.iter().enumerate().skip(1) {
            let name = property.name;
            assert_eq!(found[0].value(index), thing.value(index), "{name}");
            // What is returned is what a later read finds.
            assert_eq!(created.value(index), thing.value(index), "{name}");
            // What was stored is found by its value.
            if !property.ty.is_structured() {
                let condition = Condition::equal(index, given.value(index).clone())
                    .and(Condition::equal(0, Value::Integer(id)));
                assert_eq!(
                    db.count(&THING, &condition).await.unwrap(),
                    1,
                    "{}",
                    property.name
                );
                let list = vec![given.value(index).clone(), thing.value(index).clone()];
                let condition = Condition::compare(index, Comparison::In(list))
                    .and(Condition::equal(0, Value::Integer(id)));
                assert_eq!(
                    db.count(&THING, &condition).await.unwrap(),
                    1,
                    "in: {}",
                    property.name
                );
            }
        }
        // Everything can be set again, and to null where it may be.
        let mut changes = given;
        for (index, property) in THING.properties.iter().enumerate() {
            if property.nullable && !matches!(property.ty, PropertyType::Json) {
                changes.set(index, Value::Null);
            }
        }
        let by_id = Condition::equal(0, Value::Integer(id));
        assert_eq!(db.update(&THING, &by_id, &changes).await.unwrap(), 1);
    }
}

/// The record as the data source may keep it: instants are cut, nothing else.
fn kept(db: &dyn Connector, record: &Record) -> Record {
    let unit = if db.capabilities().microseconds {
        1_000
    } else {
        1_000_000
    };
    let mut kept = record.clone();
    for (index, value) in record.values().iter().enumerate() {
        if let Some(Value::DateTime(instant)) = value {
            let beyond = i64::from(instant.timestamp_subsec_nanos() % unit);
            kept.set(
                index,
                Value::DateTime(*instant - chrono::TimeDelta::nanoseconds(beyond)),
            );
        }
    }
    kept
}

pub(super) async fn instants_are_as_precise_as_declared(db: &dyn Connector) {
    fresh(db, &[&THING]).await;
    let at = THING.property_index("createdAt").unwrap();
    let texts = [
        "2015-01-01T00:00:00Z",
        "2015-01-01T00:00:00.000001Z",
        "2015-01-01T00:00:00.1Z",
        "2015-01-01T00:00:00.123Z",
        "2015-01-01T00:00:00.123456Z",
        "2015-01-01T00:00:01Z",
    ];
    let mut expected = Vec::new();
    for (token, instant) in texts.iter().enumerate().rev() {
        let mut thing = thing(false);
        thing.set(at, Value::DateTime(instant.parse().unwrap()));
        let token = uuid::Uuid::from_u128(token as u128);
        thing.set(THING.property_index("token").unwrap(), Value::Uuid(token));
        expected.push(kept(db, &thing).value(at).clone());
        db.create(&THING, thing).await.unwrap();
    }
    expected.reverse();
    let filter = Filter {
        order: vec![Order {
            property: at,
            path: None,
            direction: Direction::Ascending,
        }],
        fields: Fields::Only(vec![at]),
        ..Filter::ALL
    };
    let found = db.find(&THING, &filter).await.unwrap();
    let found: Vec<_> = found
        .iter()
        .map(|record| record.value(at).clone())
        .collect();
    assert_eq!(found, expected);

    // The time of this process is finer than what is kept.
    let precise = Value::DateTime("2015-06-01T00:00:00.123456789Z".parse().unwrap());
    let mut changes = Record::new(&THING);
    changes.set(at, precise.clone());
    db.update(&THING, &Condition::ALL, &changes).await.unwrap();
    for comparison in [
        Comparison::Equal(precise.clone()),
        Comparison::In(vec![precise.clone()]),
        Comparison::Between(precise.clone(), precise),
    ] {
        let condition = Condition::compare(at, comparison);
        let count = db.count(&THING, &condition).await.unwrap();
        assert_eq!(count, 6, "what is stored is found by what was given");
    }
}

pub(super) async fn decimals_keep_every_digit(db: &dyn Connector) {
    fresh(db, &[&ITEM]).await;
    let texts = [
        "-79228162514264337593543950335",
        "-9.5",
        "0",
        "0.0000000000000000000000000001",
        "7.9228162514264337593543950335",
        "9.5",
        "10",
        "12345678901234567.89",
        "12345678901234567.9",
        "79228162514264337593543950335",
    ];
    for text in texts.iter().rev() {
        let record = record(&ITEM, &[("price", decimal(text))]);
        db.create(&ITEM, record).await.unwrap();
    }
    let filter = Filter {
        order: vec![Order {
            property: PRICE,
            path: None,
            direction: Direction::Ascending,
        }],
        ..Filter::ALL
    };
    let found = db.find(&ITEM, &filter).await.unwrap();
    let found: Vec<_> = found
        .iter()
        .map(|record| record.value(PRICE).to_text())
        .collect();
    assert_eq!(found, texts);
    for text in texts {
        let found = found_by_price(db, Comparison::Equal(decimal(text))).await;
        assert_eq!(found, 1, "{text}");
    }
    // A scale is no difference.
    let same = Comparison::Equal(decimal("9.50"));
    assert_eq!(found_by_price(db, same).await, 1);
    let list = Comparison::In(vec![decimal("9.500"), decimal("10.0")]);
    assert_eq!(found_by_price(db, list).await, 2);
    assert_eq!(found_by_price(db, Comparison::Less(decimal("10"))).await, 6);
}

async fn found_by_price(db: &dyn Connector, comparison: Comparison) -> usize {
    found(db, PRICE, comparison).await.len()
}

pub(super) async fn unfit_values_are_refused_with_their_property(db: &dyn Connector) {
    fresh(db, &[&THING, &TAG]).await;
    let cases = [
        ("big", decimal("18446744073709551615")),
        ("ratio", Value::Float(f64::NAN)),
        (
            "createdAt",
            Value::DateTime(chrono::DateTime::<chrono::Utc>::MAX_UTC),
        ),
        ("name", Value::Integer(1)),
        ("name", Value::Null),
    ];
    for (name, value) in cases {
        let mut thing = thing(false);
        thing.set(THING.property_index(name).unwrap(), value);
        let error = db.create(&THING, thing).await.unwrap_err();
        assert_eq!(error.status(), 422, "{error}");
        assert_eq!(error.name(), "ValidationError");
        assert!(error.message().contains(&format!("`{name}`")), "{error}");
    }
    assert_eq!(db.count(&THING, &Condition::ALL).await.unwrap(), 0);
    let mut absent = thing(false);
    absent.remove(THING.property_index("name").unwrap());
    let error = db.create(&THING, absent).await.unwrap_err();
    assert_eq!(error.status(), 422, "{error}");

    let long = record(
        &TAG,
        &[("word", text("a")), ("colour", text(&"x".repeat(2000)))],
    );
    match db.create(&TAG, long).await {
        // Not every data source knows how long a text may be; the runtime validates before.
        Ok(_) => assert_eq!(db.count(&TAG, &Condition::ALL).await.unwrap(), 1),
        Err(error) => {
            assert_eq!(error.status(), 422, "{error}");
            assert!(error.message().contains("`colour` too long"), "{error}");
        }
    }
    let null = record(&ITEM, &[("name", text("a\0b"))]);
    fresh(db, &[&ITEM]).await;
    match db.create(&ITEM, null).await {
        Ok(_) => assert_eq!(found(db, NAME, Comparison::Equal(text("a\0b"))).await, [1]),
        Err(error) => assert_eq!(error.status(), 422, "{error}"),
    }
}

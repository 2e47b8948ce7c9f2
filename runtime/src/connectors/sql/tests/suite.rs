//! Records in and out.

use serde_json::json;

use super::models::{
    EMAIL, GROWN_SHOP, ITEM, N, NAME, PRICE, SHOP, TAG, THING, decimal, found, fresh, ids, items,
    record, text,
};
use crate::connectors::Connector;
use crate::connectors::sql::SqlConnector;
use crate::model::{GeoPoint, ModelDef, PropertyType, Record, Value};
use crate::query::{Comparison, Condition, Direction, Fields, Filter, Order};

fn thing(least: bool) -> Record {
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
            ("maybeRaw", Value::Bytes(vec![0])),
            ("maybeList", Value::Array(vec![Value::Integer(i64::MAX)])),
            ("maybeMood", text("happy")),
        ]);
    }
    record(&THING, &values)
}

pub(super) async fn round_trip(db: &SqlConnector) {
    fresh(db, &[&THING]).await;
    for (least, id) in [(true, 1), (false, 2)] {
        let thing = thing(least);
        let created = db.create(&THING, thing.clone()).await.unwrap();
        assert_eq!(created.get(0), Some(&Value::Integer(id)));
        let by_id = Filter::matching(Condition::equal(0, Value::Integer(id)));
        let found = db.find(&THING, &by_id).await.unwrap();
        for (index, property) in THING.properties.iter().enumerate().skip(1) {
            assert_eq!(
                found[0].get(index),
                Some(thing.value(index)),
                "{}",
                property.name
            );
            // What was stored is found by its value.
            if !property.ty.is_structured() {
                let condition = Condition::equal(index, thing.value(index).clone())
                    .and(Condition::equal(0, Value::Integer(id)));
                assert_eq!(
                    db.count(&THING, &condition).await.unwrap(),
                    1,
                    "{}",
                    property.name
                );
                let list = vec![thing.value(index).clone(), thing.value(index).clone()];
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
        let mut changes = thing.clone();
        for (index, property) in THING.properties.iter().enumerate() {
            if property.nullable && !matches!(property.ty, PropertyType::Json) {
                changes.set(index, Value::Null);
            }
        }
        let by_id = Condition::equal(0, Value::Integer(id));
        assert_eq!(db.update(&THING, &by_id, &changes).await.unwrap(), 1);
    }
}

pub(super) async fn dates_keep_microseconds(db: &SqlConnector) {
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
    for (token, instant) in texts.iter().enumerate().rev() {
        let mut thing = thing(false);
        thing.set(at, Value::DateTime(instant.parse().unwrap()));
        let token = uuid::Uuid::from_u128(token as u128);
        thing.set(THING.property_index("token").unwrap(), Value::Uuid(token));
        db.create(&THING, thing).await.unwrap();
    }
    let filter = Filter {
        order: vec![Order {
            property: at,
            direction: Direction::Ascending,
        }],
        fields: Fields::Only(vec![at]),
        ..Filter::ALL
    };
    let found = db.find(&THING, &filter).await.unwrap();
    let expected: Vec<_> = texts
        .iter()
        .map(|text| Value::DateTime(text.parse().unwrap()))
        .collect();
    let found: Vec<_> = found
        .iter()
        .map(|record| record.value(at).clone())
        .collect();
    assert_eq!(found, expected);

    let mut changes = Record::new(&THING);
    let precise = Value::DateTime("2015-06-01T00:00:00.123456789Z".parse().unwrap());
    changes.set(at, precise.clone());
    db.update(&THING, &Condition::ALL, &changes).await.unwrap();
    let found = db.count(&THING, &Condition::equal(at, precise)).await;
    assert_eq!(
        found.unwrap(),
        6,
        "what is stored is found by what was given"
    );
}

pub(super) async fn decimals_keep_every_digit(db: &SqlConnector) {
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

async fn found_by_price(db: &SqlConnector, comparison: Comparison) -> usize {
    found(db, PRICE, comparison).await.len()
}

pub(super) async fn unfit_values_are_refused_with_their_property(db: &SqlConnector) {
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
        // Only MySQL's columns know how long a text may be; the runtime validates before.
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

pub(super) async fn ids_are_given_or_taken(db: &SqlConnector) {
    items(db, &[(Some("a"), None)]).await;
    let explicit = record(&ITEM, &[("id", Value::Integer(50))]);
    let created = db.create(&ITEM, explicit).await.unwrap();
    assert_eq!(created.get(0), Some(&Value::Integer(50)));
    let smaller = record(&ITEM, &[("id", Value::Integer(7))]);
    db.create(&ITEM, smaller).await.unwrap();
    let null = record(&ITEM, &[("id", Value::Null)]);
    let next = db.create(&ITEM, null).await.unwrap();
    assert_eq!(next.get(0), Some(&Value::Integer(51)));
    // Not even a value: every column is left to the database.
    let next = db.create(&ITEM, Record::new(&ITEM)).await.unwrap();
    assert_eq!(next.get(0), Some(&Value::Integer(52)));
    for odd in [-3, 0] {
        let odd = record(&ITEM, &[("id", Value::Integer(odd))]);
        db.create(&ITEM, odd).await.unwrap();
    }
    assert_eq!(ids(db, Condition::ALL).await, [-3, 0, 1, 7, 50, 51, 52]);

    fresh(db, &[&TAG]).await;
    for word in ["a", "A", "ä"] {
        let tag = record(&TAG, &[("word", text(word)), ("colour", text("red"))]);
        let created = db.create(&TAG, tag).await.unwrap();
        assert_eq!(created.get(0), Some(&text(word)));
    }
    assert_eq!(db.count(&TAG, &Condition::ALL).await.unwrap(), 3);
    let nameless = record(&TAG, &[("colour", text("red"))]);
    let error = db.create(&TAG, nameless).await.unwrap_err();
    assert_eq!(error.status(), 422, "{error}");
    assert!(error.message().contains("`word` can't be blank"), "{error}");
}

pub(super) async fn duplicates_name_the_property(db: &SqlConnector) {
    fresh(db, &[&ITEM]).await;
    let item =
        |id: i64, email: &str| record(&ITEM, &[("id", Value::Integer(id)), ("email", text(email))]);
    db.create(&ITEM, item(1, "a@b.c")).await.unwrap();
    let mut by_update = Record::new(&ITEM);
    by_update.set(EMAIL, text("a@b.c"));
    db.create(&ITEM, item(2, "x")).await.unwrap();
    let two = Condition::equal(0, Value::Integer(2));
    let cases = [
        (db.create(&ITEM, item(1, "y")).await.map(drop), "id"),
        (db.create(&ITEM, item(9, "a@b.c")).await.map(drop), "email"),
        (db.update(&ITEM, &two, &by_update).await.map(drop), "email"),
    ];
    for (result, property) in cases {
        let error = result.unwrap_err();
        assert_eq!(error.status(), 409, "{error}");
        assert_eq!(error.name(), "Error");
        assert_eq!(error.code(), Some("DUPLICATE_ENTRY"));
        assert_eq!(
            error.message(),
            format!("Duplicate entry for Item.{property}")
        );
        assert_eq!(error.to_json()["error"]["property"], property);
    }
    assert_eq!(ids(db, Condition::ALL).await, [1, 2]);
    // Null is no value: any number of rows may lack one.
    db.create(&ITEM, Record::new(&ITEM)).await.unwrap();
    db.create(&ITEM, Record::new(&ITEM)).await.unwrap();
}

pub(super) async fn order_limit_and_fields(db: &SqlConnector) {
    let rows = [
        (Some("b"), Some(2)),
        (None, Some(1)),
        (Some("a"), None),
        (Some("B"), Some(2)),
    ];
    items(db, &rows).await;
    let order = |property, direction| Order {
        property,
        direction,
    };
    let find = |order: Vec<Order>, limit, skip| async move {
        let filter = Filter {
            order,
            limit,
            skip,
            fields: Fields::Only(vec![0]),
            ..Filter::ALL
        };
        let found = db.find(&ITEM, &filter).await.unwrap();
        found
            .iter()
            .map(|record| record.value(0).to_text().parse::<i64>().unwrap())
            .collect::<Vec<_>>()
    };
    use Direction::{Ascending, Descending};
    assert_eq!(find(vec![], None, 0).await, [1, 2, 3, 4]);
    // Null first, then by code point.
    assert_eq!(
        find(vec![order(NAME, Ascending)], None, 0).await,
        [2, 4, 3, 1]
    );
    assert_eq!(
        find(vec![order(NAME, Descending)], None, 0).await,
        [1, 3, 4, 2]
    );
    // Equal rows come by id, whatever the direction.
    assert_eq!(
        find(vec![order(N, Descending)], None, 0).await,
        [1, 4, 2, 3]
    );
    let both = vec![order(N, Ascending), order(0, Descending)];
    assert_eq!(find(both, None, 0).await, [3, 2, 4, 1]);
    assert_eq!(find(vec![], Some(2), 1).await, [2, 3]);
    assert_eq!(find(vec![], None, 3).await, [4]);
    assert!(find(vec![], Some(0), 0).await.is_empty());
    assert!(find(vec![], Some(u64::MAX), u64::MAX).await.is_empty());
    assert!(find(vec![], None, u64::MAX).await.is_empty());

    let mut filter = Filter {
        fields: Fields::Only(vec![N, NAME]),
        limit: Some(1),
        ..Filter::ALL
    };
    let found = db.find(&ITEM, &filter).await.unwrap();
    assert_eq!(found[0].get(0), None);
    assert_eq!(found[0].get(NAME), Some(&text("b")));
    assert_eq!(found[0].get(N), Some(&Value::Integer(2)));
    assert_eq!(found[0].get(PRICE), None);
    filter.fields = Fields::Only(vec![]);
    assert_eq!(db.find(&ITEM, &filter).await.unwrap(), [Record::new(&ITEM)]);
}

pub(super) async fn updates_count_what_they_found(db: &SqlConnector) {
    let rows = [(Some("a"), Some(1)), (Some("a"), Some(2)), (None, None)];
    items(db, &rows).await;
    let named = Condition::equal(NAME, text("a"));
    let mut changes = Record::new(&ITEM);
    changes.set(N, Value::Integer(2));
    assert_eq!(db.update(&ITEM, &named, &changes).await.unwrap(), 2);
    assert_eq!(db.update(&ITEM, &named, &changes).await.unwrap(), 2);
    let none = Record::new(&ITEM);
    assert_eq!(db.update(&ITEM, &named, &none).await.unwrap(), 2);
    assert_eq!(
        found(db, N, Comparison::Equal(Value::Integer(2))).await,
        [1, 2]
    );
    assert_eq!(
        db.update(&ITEM, &Condition::NONE, &changes).await.unwrap(),
        0
    );
    assert_eq!(db.delete(&ITEM, &Condition::NONE).await.unwrap(), 0);
    assert_eq!(db.delete(&ITEM, &named).await.unwrap(), 2);
    assert_eq!(db.delete(&ITEM, &Condition::ALL).await.unwrap(), 1);
}

pub(super) async fn injections_are_values(db: &SqlConnector) {
    let texts = [
        "'; DROP TABLE \"order\"; --",
        "\" OR 1=1 --",
        "` OR 1=1 #",
        "\\'; SELECT 1",
        "$1 ? :a @b ?1 {} %s",
        "a' || 'b",
    ];
    let rows: Vec<_> = texts.iter().map(|text| (Some(*text), None)).collect();
    items(db, &rows).await;
    for (index, value) in texts.iter().enumerate() {
        let id = i64::try_from(index).unwrap() + 1;
        let list = vec![text(value), text("?")];
        let pattern = value.replace('\\', "\\\\").replace('%', "\\%");
        let comparisons = [
            Comparison::Equal(text(value)),
            Comparison::In(list),
            Comparison::Between(text(value), text(value)),
            Comparison::Like {
                pattern: pattern.clone(),
                ignore_case: false,
                negated: false,
            },
            Comparison::Like {
                pattern,
                ignore_case: true,
                negated: false,
            },
        ];
        for comparison in comparisons {
            let shown = format!("{comparison:?}");
            assert_eq!(found(db, NAME, comparison).await, [id], "{shown}");
        }
    }
}

pub(super) async fn tables_grow_with_the_model(db: &SqlConnector) {
    fresh(db, &[&SHOP]).await;
    db.autoupdate(&[&SHOP, &SHOP]).await.unwrap();
    for name in ["a", "b"] {
        let shop = record(&SHOP, &[("name", text(name))]);
        db.create(&SHOP, shop).await.unwrap();
    }
    db.autoupdate(&[&GROWN_SHOP]).await.unwrap();
    db.autoupdate(&[&GROWN_SHOP]).await.unwrap();
    let filter = Filter {
        limit: Some(1),
        ..Filter::ALL
    };
    let found = db.find(&GROWN_SHOP, &filter).await.unwrap();
    let value = |name: &str| found[0].get(GROWN_SHOP.property_index(name).unwrap());
    assert_eq!(value("city"), Some(&text("Ber'l\\in")));
    assert_eq!(value("story"), Some(&text("once")));
    assert_eq!(value("open"), Some(&Value::Boolean(true)));
    assert_eq!(value("fee"), Some(&decimal("1.5")));
    let since = Value::DateTime("2020-02-29T12:00:00.5Z".parse().unwrap());
    assert_eq!(value("since"), Some(&since));
    let by_since = Condition::equal(GROWN_SHOP.property_index("since").unwrap(), since);
    assert_eq!(db.count(&GROWN_SHOP, &by_since).await.unwrap(), 2);
    assert_eq!(value("rank"), Some(&Value::Null), "rows had none");
    // The new index is unique.
    let twice = record(&GROWN_SHOP, &[("name", text("a"))]);
    let error = db.create(&GROWN_SHOP, twice).await.unwrap_err();
    assert_eq!(error.message(), "Duplicate entry for Shop.name");
    // Nothing is lost when the smaller model comes back.
    db.autoupdate(&[&SHOP]).await.unwrap();
    assert_eq!(db.count(&GROWN_SHOP, &by_since).await.unwrap(), 2);

    fresh(db, &[&SHOP]).await;
    for _ in 0..2 {
        let shop = record(&SHOP, &[("name", text("twin"))]);
        db.create(&SHOP, shop).await.unwrap();
    }
    let error = db.autoupdate(&[&GROWN_SHOP]).await.unwrap_err();
    assert_eq!(error.status(), 500);
    assert!(error.message().contains("remove the duplicates"), "{error}");
}

pub(super) async fn missing_tables_and_odd_contents(db: &SqlConnector) {
    use sea_orm::ConnectionTrait;

    super::drop_table(db, "lw_tag").await;
    let error = db.find(&TAG, &Filter::ALL).await.unwrap_err();
    assert_eq!(error.status(), 500);
    assert_eq!(error.message(), "the database failed on `Tag`");
    assert!(std::error::Error::source(&error).is_some());

    // Another program's table: narrower types, and a text where there should be a point.
    let sql = "CREATE TABLE lw_tag (word varchar(20) PRIMARY KEY, colour varchar(20))";
    db.sea_orm().execute_unprepared(sql).await.unwrap();
    let sql = "INSERT INTO lw_tag VALUES ('here', '{\"lat\": 91}')";
    db.sea_orm().execute_unprepared(sql).await.unwrap();
    static PIN: ModelDef = ModelDef::new(
        "Pin",
        "Pins",
        "lw_tag",
        &[
            crate::model::PropertyDef::of::<String>("word", "word").id(),
            crate::model::PropertyDef::of::<uuid::Uuid>("colour", "colour"),
        ],
    );
    let error = db.find(&PIN, &Filter::ALL).await.unwrap_err();
    assert_eq!(error.status(), 500);
    let message = "the database holds something in `Pin.colour` that isn't a UUID";
    assert_eq!(error.message(), message);
    super::drop_table(db, "lw_tag").await;
}

#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(super) async fn two_processes_may_update_the_tables_at_once(url: &str) {
    let first = SqlConnector::connect(url, None).await.unwrap();
    for table in ["lw_shop", "lw_thing"] {
        super::drop_table(&first, table).await;
    }
    let second = SqlConnector::connect(url, None).await.unwrap();
    let (all, old, new) = ([&THING, &GROWN_SHOP], [&SHOP, &THING], [&GROWN_SHOP]);
    let (one, two, three) = tokio::join!(
        first.autoupdate(&all),
        second.autoupdate(&old),
        first.autoupdate(&new),
    );
    one.unwrap();
    two.unwrap();
    three.unwrap();
}

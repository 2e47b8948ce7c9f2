//! What is stored as JSON is compared alike on every data source.

use serde_json::{Value as Json, json};

use super::models::{PLACE, THING, condition, fresh, ids_of};
use super::random::Random;
use super::values::thing;
use crate::connectors::Connector;
use crate::model::{ModelDef, Record, Value};
use crate::query::{Comparison, Condition, Direction, Fields, Filter, Order, Path};

/// Places with the values that LoopBack's JSON says.
async fn places(db: &dyn Connector, places: &[Json]) -> Vec<Record> {
    fresh(db, &[&PLACE]).await;
    let mut records = Vec::new();
    for place in places {
        let mut record = Record::new(&PLACE);
        for (name, json) in place.as_object().unwrap() {
            let index = PLACE.property_index(name).unwrap();
            let value = PLACE.properties[index].ty.from_json(json.clone()).unwrap();
            record.set(index, value);
        }
        records.push(db.create(&PLACE, record).await.unwrap());
    }
    records
}

async fn check(db: &dyn Connector, model: &'static ModelDef, json: Json, expected: &[i64]) {
    let shown = json.to_string();
    let found = ids_of(db, model, condition(model, json)).await;
    assert_eq!(found, expected, "{shown}");
}

pub(super) async fn whole_values(db: &dyn Connector) {
    if !db.capabilities().structured_conditions {
        return;
    }
    fresh(db, &[&THING]).await;
    let stored = thing(false);
    db.create(&THING, stored.clone()).await.unwrap();
    for name in ["place", "meta", "tags", "address", "maybeList"] {
        let property = THING.property_index(name).unwrap();
        let value = || stored.value(property).clone();
        let cases = [
            (Comparison::Equal(Value::Null), 0),
            (Comparison::NotEqual(Value::Null), 1),
            (Comparison::Equal(value()), 1),
            (Comparison::NotEqual(value()), 0),
            (Comparison::In(vec![value()]), 1),
            (Comparison::NotIn(vec![value()]), 0),
            (Comparison::In(vec![Value::Null, Value::Integer(7)]), 0),
        ];
        for (comparison, expected) in cases {
            let shown = format!("{name} {comparison:?}");
            let condition = Condition::compare(property, comparison);
            let count = db.count(&THING, &condition).await.unwrap();
            assert_eq!(count, expected, "{shown}");
        }
    }
    places(
        db,
        &[
            json!({"meta": {"a": 1, "b": [1, {"c": null}]}, "tags": ["x", "y"]}),
            json!({"meta": {"b": [1.0, {"c": null}], "a": 1.0}, "tags": ["y", "x"]}),
            json!({"meta": {"a": 1}, "tags": ["x"]}),
            json!({"meta": {"a": "1"}, "tags": []}),
            json!({"meta": [1, 2], "spot": [10, 20], "address": {"city": "Bern"}}),
            json!({"meta": "1", "spot": [10.5, 20], "address": {"city": "Bern", "zip": 3000}}),
            json!({"meta": 1, "prices": ["1.50", "2"]}),
            json!({"meta": false, "prices": ["10"]}),
            json!({}),
        ],
    )
    .await;
    let cases: [(Json, &[i64]); 25] = [
        (json!({"meta": {"a": 1, "b": [1, {"c": null}]}}), &[1, 2]),
        (json!({"meta": {"a": 1}}), &[3]),
        (json!({"meta": {"a": 1, "c": null}}), &[]),
        (json!({"meta": [1, 2]}), &[5]),
        (json!({"meta": [2, 1]}), &[]),
        (json!({"meta": 1}), &[5, 7]),
        (json!({"meta": "1"}), &[6]),
        (json!({"meta": false}), &[8]),
        (json!({"meta": null}), &[9]),
        (json!({"meta": {"neq": null}}), &[1, 2, 3, 4, 5, 6, 7, 8]),
        (json!({"meta": {"neq": 1}}), &[1, 2, 3, 4, 5, 6, 8, 9]),
        (
            json!({"meta": {"neq": {"a": 1}}}),
            &[1, 2, 4, 5, 6, 7, 8, 9],
        ),
        (json!({"meta": {"inq": [null, false, [1, 2]]}}), &[5, 8, 9]),
        (
            json!({"meta": {"nin": [1, 2, "1", false, null, {"a": 1}]}}),
            &[1, 2, 4],
        ),
        (json!({"meta": {"gt": 1}}), &[5]),
        (json!({"meta": {"gte": "0"}}), &[6]),
        (json!({"tags": ["x", "y"]}), &[1]),
        (json!({"tags": []}), &[4]),
        (
            json!({"tags": {"neq": ["x", "y"]}}),
            &[2, 3, 4, 5, 6, 7, 8, 9],
        ),
        (json!({"address": {"city": "Bern"}}), &[5]),
        (json!({"address": {"city": "Bern", "zip": "3000"}}), &[6]),
        (json!({"address": {"city": "Bern", "nope": 1}}), &[]),
        (json!({"spot": {"lat": 10, "lng": 20}}), &[5]),
        (json!({"spot": {"inq": ["10.5,20", [1, 2]]}}), &[6]),
        (json!({"spot.lat": {"gt": 10}}), &[6]),
    ];
    for (json, expected) in cases {
        check(db, &PLACE, json, expected).await;
    }
}

pub(super) async fn items_and_members(db: &dyn Connector) {
    if !db.capabilities().structured_conditions {
        return;
    }
    places(
        db,
        &[
            json!({
                "tags": ["a", "b"], "prices": ["1.50", "20"], "address": {"city": "Bern", "zip": 3000},
                "branches": [{"city": "Zug", "zip": 1}, {"city": "Genf"}],
                "meta": {"a": {"b": 1}, "list": [{"n": 1}, {"n": [2, 3]}, 7], "0": "zero"},
            }),
            json!({
                "tags": ["a"], "prices": ["9"], "address": {"city": "Basel"}, "branches": [],
                "meta": {"a": [{"b": "1"}], "list": [], "t": true},
            }),
            json!({"tags": [], "meta": ["zero", "one"]}),
            json!({"meta": {"a": {"b": null}, "list": {"n": 5}}}),
            json!({"tags": ["A%"], "meta": 5}),
        ],
    )
    .await;
    let cases: [(Json, &[i64]); 42] = [
        (json!({"tags": "a"}), &[1, 2]),
        (json!({"tags": ["a"]}), &[1, 2]),
        (json!({"tags": "A"}), &[]),
        // Any item differs, or there is none: LoopBack's own rule (contract querying.md §2.1).
        (json!({"tags": {"neq": "a"}}), &[1, 3, 4, 5]),
        (json!({"nor": [{"tags": "a"}]}), &[3, 4, 5]),
        (json!({"tags": {"inq": ["b", "c"]}}), &[1]),
        (json!({"tags": {"nin": ["a", "b"]}}), &[3, 4, 5]),
        (json!({"tags": {"nin": ["a"]}}), &[1, 3, 4, 5]),
        (json!({"tags": {"gt": "a"}}), &[1]),
        (json!({"tags": {"between": ["A", "B"]}}), &[5]),
        (json!({"tags": {"like": "A\\%"}}), &[5]),
        (json!({"tags": {"ilike": "a%"}}), &[1, 2, 5]),
        (json!({"tags": {"nlike": "a%"}}), &[1, 3, 4, 5]),
        (json!({"tags": null}), &[4]),
        (json!({"tags": {"neq": null}}), &[1, 2, 3, 5]),
        (json!({"tags.0": "a"}), &[1, 2]),
        (json!({"tags.1": "b"}), &[1]),
        (json!({"tags.1": null}), &[2, 3, 4, 5]),
        (json!({"tags.1": {"neq": null}}), &[1]),
        (json!({"prices": {"gt": "9.5"}}), &[1]),
        (json!({"prices": 1.5}), &[1]),
        (json!({"prices": {"inq": ["9.0", "1"]}}), &[2]),
        (json!({"prices.0": {"lt": "10"}}), &[1, 2]),
        (json!({"address.city": "Bern"}), &[1]),
        (json!({"address.city": {"neq": "Bern"}}), &[2, 3, 4, 5]),
        (json!({"address.city": {"like": "B%"}}), &[1, 2]),
        (json!({"address.zip": {"gte": "3000"}}), &[1]),
        (json!({"address.zip": null}), &[2, 3, 4, 5]),
        (json!({"branches.city": "Zug"}), &[1]),
        (json!({"branches.city": {"neq": "Zug"}}), &[1, 2, 3, 4, 5]),
        (json!({"branches.zip": null}), &[1, 3, 4, 5]),
        (json!({"branches.1.city": "Genf"}), &[1]),
        (json!({"branches": {"city": "Zug", "zip": 1}}), &[1]),
        (json!({"meta.a.b": 1}), &[1]),
        (json!({"meta.a.b": "1"}), &[2]),
        (json!({"meta.a.b": null}), &[3, 4, 5]),
        (json!({"meta.list.n": 3}), &[1]),
        (json!({"meta.list.n": {"gte": 5}}), &[4]),
        (json!({"meta.list.n": null}), &[1, 3, 5]),
        (json!({"meta.list.1.n": {"between": [3, 4]}}), &[1]),
        (json!({"meta.0": "zero"}), &[1, 3]),
        (json!({"meta.t": true}), &[2]),
    ];
    for (json, expected) in cases {
        check(db, &PLACE, json, expected).await;
    }
    // Conditions choose what is changed, too.
    let changes = super::models::record(&PLACE, &[("name", super::models::text("changed"))]);
    let condition = condition(&PLACE, json!({"branches.city": "Genf", "meta.list.n": 1}));
    assert_eq!(db.update(&PLACE, &condition, &changes).await.unwrap(), 1);
    check(db, &PLACE, json!({"name": "changed"}), &[1]).await;
    assert_eq!(db.delete(&PLACE, &condition).await.unwrap(), 1);
    check(db, &PLACE, json!({}), &[2, 3, 4, 5]).await;
}

pub(super) async fn what_sql_could_take_amiss(db: &dyn Connector) {
    if !db.capabilities().structured_conditions {
        return;
    }
    let names = [
        "a'b", "$", "*", "a b", "[0]", "a[0]", "", "ä", "?", "$1", "{}", "--", "%s", "-1", "00",
        "🚀", ")", "@", "a:b", "last", "lax $",
    ];
    let all: Vec<Json> = names
        .iter()
        .map(|name| json!({"meta": {*name: format!("it is {name}"), "a": [1]}}))
        .collect();
    places(db, &all).await;
    for (id, name) in (1..).zip(names) {
        check(
            db,
            &PLACE,
            json!({ format!("meta.{name}"): format!("it is {name}") }),
            &[id],
        )
        .await;
        // As a value, too.
        let meta = json!({"meta": {name: format!("it is {name}"), "a": [1]}});
        check(db, &PLACE, meta, &[id]).await;
    }
    // Some data sources can't name these; none takes them for something else.
    for name in [
        "a\"b",
        "\\",
        "a\\\"b",
        "a\0b",
        "\n",
        "\" = 1 OR 1 = 1 --",
        "\"); DROP TABLE lw_place; --",
    ] {
        let condition = condition(&PLACE, json!({ format!("meta.{name}"): {"gte": "it"} }));
        match db.count(&PLACE, &condition).await {
            Ok(count) => assert_eq!(count, 0, "{name}"),
            Err(error) => assert_eq!(error.status(), 400, "{error}"),
        }
    }
    let deep = Condition::Member {
        property: 4,
        path: Path::from("a.".repeat(10_000).trim_end_matches('.')),
        comparison: Comparison::Equal(Value::Integer(1)),
    };
    match db.count(&PLACE, &deep).await {
        Ok(count) => assert_eq!(count, 0),
        Err(error) => assert_eq!(error.status(), 400, "{error}"),
    }
    assert_eq!(
        db.count(&PLACE, &Condition::ALL).await.unwrap(),
        names.len() as u64
    );
}

/// Every data source agrees with [`Condition::matches`], whatever it is asked.
pub(super) async fn conditions_at_random(db: &dyn Connector) {
    if !db.capabilities().structured_conditions {
        return;
    }
    let mut random = Random::new(20);
    let wanted: Vec<Json> = (0..40).map(|_| random.place()).collect();
    let records = places(db, &wanted).await;
    for _ in 0..250 {
        let json = random.condition(0);
        let condition = condition(&PLACE, json.clone());
        let expected: Vec<i64> = records
            .iter()
            .filter(|record| condition.matches(record))
            .map(super::models::id)
            .collect();
        let found = ids_of(db, &PLACE, condition).await;
        if found != expected {
            let differ = |id: &i64| found.contains(id) != expected.contains(id);
            let shown: Vec<String> = (1..)
                .zip(&wanted)
                .filter(|(id, _)| differ(id))
                .take(3)
                .map(|(id, place)| format!("{id}: {place}"))
                .collect();
            panic!(
                "{json} finds {found:?}, not {expected:?}; they differ in\n{}",
                shown.join("\n")
            );
        }
    }
}

/// Every data source agrees with [`Filter::apply`].
pub(super) async fn orders_go_by_what_is_within(db: &dyn Connector) {
    if !db.capabilities().structured_conditions {
        return;
    }
    let order = |path: &str, direction| {
        let within = path.split_once('.');
        let property = within.map_or(path, |(property, _)| property);
        Order {
            property: PLACE.property_index(property).unwrap(),
            path: within.map(|(_, path)| path.into()),
            direction,
        }
    };
    let ids = |records: &[Record]| -> Vec<i64> { records.iter().map(super::models::id).collect() };
    places(
        db,
        &[
            json!({"address": {"city": "b", "zip": 10}, "meta": {"a": "10"}, "prices": ["10"]}),
            json!({"address": {"city": "B", "zip": 9}, "meta": {"a": 9.5}, "prices": ["9.50"]}),
            json!({"address": {"city": "a"}, "meta": {"a": true}, "prices": []}),
            json!({"meta": {"a": false}, "spot": [2, 1]}),
            json!({"meta": {"a": {"b": 1}}, "spot": [-10, 1]}),
            json!({"meta": [{"a": 1}], "spot": [0.5, 1]}),
            json!({"meta": {"a": -2}}),
            json!({"meta": {"a": "1"}}),
        ],
    )
    .await;
    let cases: [(&str, [i64; 8]); 6] = [
        ("address.city", [4, 5, 6, 7, 8, 2, 3, 1]),
        ("address.zip", [3, 4, 5, 6, 7, 8, 2, 1]),
        ("prices.0", [3, 4, 5, 6, 7, 8, 2, 1]),
        ("spot.lat", [1, 2, 3, 7, 8, 5, 6, 4]),
        // Numbers, text, false and true, after what is none of them.
        ("meta.a", [5, 6, 7, 2, 8, 1, 4, 3]),
        ("meta.0.a", [1, 2, 3, 4, 5, 7, 8, 6]),
    ];
    for (path, expected) in cases {
        let filter = Filter {
            order: vec![order(path, Direction::Ascending)],
            ..Filter::ALL
        };
        let found = db.find(&PLACE, &filter).await.unwrap();
        assert_eq!(ids(&found), expected, "{path}");
    }

    let mut random = Random::new(7);
    let wanted: Vec<Json> = (0..40).map(|_| random.place()).collect();
    let records = places(db, &wanted).await;
    for path in [
        "address.city",
        "address.zip",
        "tags.0",
        "prices.1",
        "branches.0.city",
        "meta.a",
        "meta.a.b",
        "meta.0",
        "meta.b.0",
        "meta",
        "tags",
        "address",
    ] {
        for direction in [Direction::Ascending, Direction::Descending] {
            let filter = Filter {
                condition: condition(&PLACE, json!({"name": {"neq": "ab"}})),
                order: vec![order(path, direction), order("address.zip", direction)],
                skip: 2,
                limit: Some(30),
                fields: Fields::Only(vec![0, 1]),
                ..Filter::ALL
            };
            let found = db.find(&PLACE, &filter).await.unwrap();
            let expected = filter.apply(&PLACE, records.clone());
            assert_eq!(ids(&found), ids(&expected), "{path} {direction:?}");
        }
    }
}

pub(super) async fn they_are_refused_without_the_ability(db: &dyn Connector) {
    if db.capabilities().structured_conditions {
        return;
    }
    places(db, &[json!({"tags": ["a"], "meta": {"a": 1}})]).await;
    for json in [
        json!({"tags": "a"}),
        json!({"meta.a": 1}),
        json!({"meta": {"a": 1}}),
    ] {
        let count = db.count(&PLACE, &condition(&PLACE, json)).await;
        let error = count.expect_err("`structured_conditions` is declared a gap, and works");
        assert_eq!(error.status(), 400, "{error}");
    }
    let filter = Filter {
        order: vec![Order {
            property: 4,
            path: Some("a".into()),
            direction: Direction::Ascending,
        }],
        ..Filter::ALL
    };
    let found = db.find(&PLACE, &filter).await;
    let error = found.expect_err("`structured_conditions` is declared a gap, and orders work");
    assert_eq!(error.status(), 400, "{error}");
    // With null everything can be compared.
    check(db, &PLACE, json!({"tags": null}), &[]).await;
    check(db, &PLACE, json!({"meta": {"neq": null}}), &[1]).await;
}
